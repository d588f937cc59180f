"""A run that was killed goes on at the step where it was, when the same question comes again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from agents.ask.answer import Status
from agents.runs import RUNS
from tests.agents.conftest import Bench
from tests.agents.crash_run import QUESTION, RIGHT, STEPS
from tests.support.scripted_model import Line, writes
from tests.support.shared import ROOT
from townlake.state.store import open_state


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crash")
    command = [sys.executable, "-W", "error", "-m", "tests.agents.crash_run", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


def go_on(home: Path, *script: Line) -> tuple[Bench, Status]:
    bench = Bench(home, open_state(f"sqlite:///{home / 'state.db'}"))
    with bench.state.connect() as connection:
        ((run_id, status),) = connection.execute(sa.select(RUNS.c.run_id, RUNS.c.status)).all()
    assert status == "running"
    answer = bench.ask(QUESTION, *script)
    assert answer.rows == (("Bern",),)
    assert answer.run_id == run_id
    assert answer.sql == RIGHT
    assert bench.threads() == 0
    assert answer.model_calls == 2
    bench.state.dispose()
    return bench, answer.status


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_run_goes_on_where_it_was(homes: Path, step: str) -> None:
    script = {"schema_retriever": 2, "sql_writer": 1}.get(step, 0)
    lines = [writes("SELECT town FROM geo.cities"), writes(RIGHT)][2 - script :]
    bench, status = go_on(homes / step, *lines)
    assert status is Status.ANSWERED
    # The planner looks at every question first; then comes the step where the run was killed.
    assert bench.steps[:2] == ["planner", step]
    assert bench.chat.script == []


def test_a_call_that_was_under_way_is_made_again(homes: Path) -> None:
    bench, _ = go_on(homes / "in-the-second-model-call", writes(RIGHT))
    assert bench.steps[:2] == ["planner", "sql_writer"]
