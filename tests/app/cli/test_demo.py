"""`skipper demo`: twice is as good as once, and what a killed one left is brought to an end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.processes import started, wait_until
from tests.app.shop import Home
from tests.support.shared import ROOT

MRR = ("ask", "monthly recurring revenue by region last quarter", "--json")


def test_a_demo_lake_that_is_there_already_is_left_alone(demo: Home) -> None:
    before = demo.ok("tables", "--json").json
    done = demo.ok("demo", "--json").json
    assert (done["built"], done["tables"], done["as_of"]) == (False, 18, "2026-10-15")
    assert done["rows"] > 1_400_000
    assert (done["index"]["fresh"], done["lake_seconds"] < 5) == (True, True)
    assert demo.ok("tables", "--json").json == before
    assert "is in this home already" in demo.ok("demo").out


def test_the_demo_asks_two_questions(demo: Home) -> None:
    asked = [line.split('"')[1] for line in (ROOT / "Makefile").read_text().splitlines() if "$(ASK)" in line]
    assert len(asked) == 2
    for question in asked:
        answer = demo.ok("ask", question, "--json").json
        assert (answer["status"], answer["path"]) == ("answered", "metric")
        assert len(answer["rows"]) > 1


@pytest.mark.slow
def test_a_demo_that_is_stopped_at_any_moment_is_finished_by_the_next(nowhere: Home, demo: Home) -> None:
    warehouse = nowhere.path / "warehouse"

    def tables(number: int) -> Callable[[], bool]:
        return lambda: len(list(warehouse.glob("*/*/data/*.parquet"))) >= number

    def indexing() -> bool:
        return not set((nowhere.path / "index").glob("0*")) <= seen

    moments = [(lambda: (nowhere.path / "catalog.db").exists(), signal.SIGKILL), (tables(3), signal.SIGINT)]
    moments += [(tables(9), signal.SIGKILL), (indexing, signal.SIGKILL)]
    for moment, stop in moments:
        # Each question in between indexes what is there.
        seen = set((nowhere.path / "index").glob("0*"))
        with started(nowhere, "demo") as child:
            wait_until(moment, child, seconds=120)
            os.killpg(child.pid, stop)
            _, err = child.communicate(timeout=30)
        assert child.returncode in {130, -9}
        assert "Traceback" not in err
        nowhere.ok("tables")
        assert nowhere.run("ask", "who are you?").code == 3
    done = nowhere.ok("demo", "--json").json
    assert (done["built"], done["tables"]) == (False, 18)
    assert nowhere.ok(*MRR).json["rows"] == demo.ok(*MRR).json["rows"]
    assert nowhere.run("doctor").code == 0
    assert list(warehouse.glob("*/*")) != []
    assert {c["part"]: c["level"] for c in nowhere.run("doctor", "--json").json}["leftovers"] == "ok"


def test_a_table_of_somebody_else_is_not_touched(nowhere: Home, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("id\n1\n", encoding="utf-8")
    nowhere.ok("ingest", "files", "--as", "lou", str(file), "--schema", "crm")
    done = nowhere.run("demo")
    assert done.code == 2
    assert "another home" in done.err
    nowhere.ok("review", "approve", "crm.accounts", "--unscanned", "--to", "everyone")
    assert nowhere.ok("sql", "--json", "SELECT * FROM crm.accounts").json["rows"] == [[1]]


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")
def test_make_alone_prints_the_targets() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for target in ("demo", "test", "check", "bench"):
        assert f"make {target} " in done.stdout
