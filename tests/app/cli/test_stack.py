"""`skipper stack` where nothing can be started: what it says, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.exits import Exit
from app.stack.kept import make_kept, write_kept
from tests.app.shop import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


def test_a_stack_that_never_was(home: Home) -> None:
    done = home.run("stack", "status")
    assert done.code == Exit.FAILED
    assert "`skipper stack up` starts it" in done.out
    assert home.run("stack", "status", "--json").json == []
    assert "Nothing was running." in home.ok("stack", "down").out
    assert home.ok("stack", "down", "--json").json == {"stopped": []}
    assert home.ok("stack", "logs", "--json").json == {"postgres": [], "policy": [], "trino": []}
    assert list(home.path.iterdir()) == [], "asking leaves nothing behind"


def test_no_home(tmp_path: Path) -> None:
    done = Home(tmp_path / "none").run("stack", "up")
    assert done.code == Exit.HOME
    assert "There is no lake" in done.err


def test_a_missing_program_is_told_and_nothing_is_started(home: Home) -> None:
    done = home.run("stack", "up", SKIPPER_POSTGRES_BIN=str(home.path))
    assert done.code == Exit.USAGE
    assert "SKIPPER_POSTGRES_BIN" in done.err
    states = {server["state"] for server in home.run("stack", "status", "--json").json}
    assert states == {"stopped"}


def test_lost_passwords_are_told(home: Home) -> None:
    (home.path / "stack" / "postgres").mkdir(parents=True)
    done = home.run("stack", "up")
    assert done.code == Exit.HOME
    assert "stack.json" in done.err
    assert "backup" in done.err


def test_a_record_of_another_process_is_recognised(home: Home) -> None:
    processes = home.path / "stack" / "processes"
    processes.mkdir(parents=True)
    write_kept(make_kept(), home.path / "stack" / "stack.json")
    record = '{"pid": 1, "mark": "another boot:1", "since": "2026-01-01T00:00:00+00:00"}'
    (processes / "trino.json").write_text(record, encoding="utf-8")
    done = home.run("stack", "status")
    assert done.code == Exit.FAILED
    assert "trino ended by itself" in done.out
    assert home.ok("stack", "down", "--json").json == {"stopped": []}


@pytest.mark.parametrize(
    ("arguments", "said"), [(("mysql",), "postgres, policy, trino"), (("--follow", "--json"), "Leave one of them out")]
)
def test_wrong_use_of_logs(home: Home, arguments: tuple[str, ...], said: str) -> None:
    done = home.run("stack", "logs", *arguments)
    assert done.code == Exit.USAGE
    assert said in done.said
