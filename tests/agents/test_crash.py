"""A run that was killed goes on at the step where it was, when the same question comes again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from agents.ask.answer import Status
from agents.ask.flow import WORK
from agents.runs import RUNS
from tests.agents.conftest import ANN, Bench
from tests.agents.crash_run import DEATHS, IN_A_CALL, QUESTION, REPLY, RIGHT, SCRIPT
from tests.support.databases import home_state
from tests.support.scripted_model import Line
from tests.support.shared import ROOT


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crash")
    command = [sys.executable, "-W", "error", "-m", "tests.agents.crash_run", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


def go_on(home: Path, *script: Line, replied: bool) -> Bench:
    """Ask again as the person would: the same question, with the reply when it was given already."""
    bench = Bench(home, home_state(home))
    with bench.state.connect() as connection:
        ((run_id,),) = connection.execute(sa.select(RUNS.c.run_id)).all()
    asker = bench.asker(*script)
    if not replied:
        assert asker.ask(QUESTION, ANN).status is Status.NEEDS_CLARIFICATION
        bench.steps.clear()
    answer = asker.ask(QUESTION, ANN, clarification=REPLY)
    assert (answer.status, answer.rows, answer.sql) == (Status.ANSWERED, (("Bern",),), RIGHT)
    assert answer.run_id == run_id
    assert answer.model_calls == len(SCRIPT)
    assert bench.chat.script == []
    assert bench.threads() == 0
    bench.state.dispose()
    return bench


def test_a_run_is_killed_at_every_step() -> None:
    assert {death.step for death in DEATHS.values()} == set(WORK)


@pytest.mark.parametrize("name", DEATHS)
def test_a_killed_run_goes_on_where_it_was(homes: Path, name: str) -> None:
    death = DEATHS[name]
    bench = go_on(homes / name, *SCRIPT[death.said :], replied=death.said > 0)
    if death.said:
        # The planner looks at every question first; then comes the step where the run was killed.
        assert bench.steps[:2] == ["planner", death.step]


def test_a_call_that_was_under_way_is_made_again(homes: Path) -> None:
    bench = go_on(homes / IN_A_CALL, SCRIPT[-1], replied=True)
    assert bench.steps[:2] == ["planner", "sql_writer"]
