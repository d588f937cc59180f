"""Servers that outlive the command: known again by number and start time, stopped, and never taken for another one."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.stack.process import Launch, Process, recall, remember, start
from tests.app.processes import wait_until

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
IDLE = "import os, time; print(sorted(os.environ), os.getsid(0) == os.getpid(), flush=True); time.sleep(60)"


def launch(code: str, tmp_path: Path) -> Launch:
    return Launch((sys.executable, "-c", code), tmp_path, {"ONLY": "this"})


def test_it_runs_on_its_own_and_stops(tmp_path: Path) -> None:
    process = start(launch(IDLE, tmp_path), tmp_path / "log")
    wait_until(lambda: b"\n" in (tmp_path / "log").read_bytes())
    said = (tmp_path / "log").read_text(encoding="utf-8")
    assert "ONLY" in said
    assert "PATH" not in said
    assert said.endswith("True\n")
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    assert process.runs
    assert process.stop(signal.SIGTERM, 20)
    assert not process.runs
    assert process.stop(signal.SIGTERM, 20), "stopping twice does no harm"


def test_what_does_not_listen_is_killed(tmp_path: Path) -> None:
    process = start(launch(DEAF, tmp_path), tmp_path / "log")
    wait_until(lambda: b"deaf" in (tmp_path / "log").read_bytes())
    assert not process.stop(signal.SIGTERM, 0.2)
    assert not process.runs


def test_one_that_died_is_not_taken_for_running(tmp_path: Path) -> None:
    process = start(launch(IDLE, tmp_path), tmp_path / "log")
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not process.runs)


def test_it_is_known_again(tmp_path: Path) -> None:
    process = start(launch(IDLE, tmp_path), tmp_path / "log")
    try:
        remember(process, tmp_path / "record")
        found = recall(tmp_path / "record")
        assert found == process
        assert found.runs
    finally:
        process.stop(signal.SIGTERM, 20)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell when a process began")
def test_another_process_of_the_same_number_is_let_alone(tmp_path: Path) -> None:
    process = start(launch(IDLE, tmp_path), tmp_path / "log")
    try:
        stale = replace(process, mark="another boot:1")
        assert not stale.runs
        assert stale.stop(signal.SIGTERM, 0)
        time.sleep(0.1)
        assert process.runs
    finally:
        process.stop(signal.SIGTERM, 20)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pid": "x", "mark": "", "since": ""}', "\0"])
def test_a_damaged_record_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "record").write_text(text, encoding="utf-8")
    assert recall(tmp_path / "record") is None
    assert recall(tmp_path / "none") is None


def test_a_number_that_nobody_has_does_not_run() -> None:
    assert not Process(2**22 + 1, "", datetime.now(UTC)).runs


def test_the_log_of_the_last_time_is_kept(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before", encoding="utf-8")
    process = start(launch("print('now')", tmp_path), tmp_path / "log")
    wait_until(lambda: not process.runs)
    assert (tmp_path / "log").read_text(encoding="utf-8") == "now\n"
    assert (tmp_path / "log.1").read_text(encoding="utf-8") == "before"
