"""An answer that is good enough is never lost to a better one that cannot be had."""

from __future__ import annotations

import pytest

from agents.ask.answer import Status
from agents.budget import Budget
from tests.agents.conftest import Bench
from tests.support.scripted_model import Line, says, writes
from townlake.domain.errors import EngineError, LimitExceeded, ModelOverloaded, ModelUnavailable

DOUBTFUL = "SELECT 100.0 AS share FROM geo.cities"
EMPTY = "SELECT name FROM geo.cities WHERE id > 9"
BETTER = "SELECT name FROM geo.cities"
REFUSED = writes("SELECT town FROM geo.cities")
KEPT = "A better statement was asked for and could not be had."
GONE = ModelUnavailable("The model cannot be reached.")


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.lake.warnings = {"100.0": "TRP001"}
    return bench


@pytest.mark.parametrize("budget", [Budget(calls=1), Budget(tokens=1_000), Budget(usd=0.001)])
@pytest.mark.parametrize(("sql", "status"), [(DOUBTFUL, Status.ANSWERED), (EMPTY, Status.NO_ROWS)])
def test_a_second_try_that_cannot_be_paid_for(bench: Bench, sql: str, status: Status, budget: Budget) -> None:
    answer = bench.ask("cities", writes(sql, assumptions=["a"]), budget=budget)
    assert (answer.status, answer.sql, answer.model_calls) == (status, sql, 1)
    first, kept = answer.assumptions
    assert first == "a"
    assert kept.startswith(KEPT)
    assert "used up its budget" in kept
    assert len(bench.lake.ran) == 1
    assert bench.threads() == 0


@pytest.mark.parametrize("fault", [GONE, ModelOverloaded("It is busy."), says("", stop="refusal"), says("no form")])
@pytest.mark.parametrize("sql", [DOUBTFUL, EMPTY])
def test_a_second_try_that_the_model_does_not_give(bench: Bench, sql: str, fault: Line) -> None:
    answer = bench.ask("cities", writes(sql), fault, fault)
    assert (answer.sql, answer.rows is not None) == (sql, True)
    assert answer.assumptions[-1].startswith(KEPT)
    assert len(bench.lake.ran) == 1


def test_a_second_try_that_is_refused_and_then_cannot_be_paid_for(bench: Bench) -> None:
    answer = bench.ask("cities", writes(EMPTY), REFUSED, GONE)
    assert (answer.status, answer.sql, answer.findings[0].code) == (Status.NO_ROWS, EMPTY, "EXA001")
    assert len(bench.lake.ran) == 1


def test_a_second_try_that_never_passes(bench: Bench) -> None:
    answer = bench.ask("cities", writes(EMPTY), *[REFUSED] * 4)
    assert (answer.status, answer.sql) == (Status.NO_ROWS, EMPTY)
    assert answer.assumptions[-1].startswith(KEPT)


@pytest.mark.parametrize(
    "fault", [LimitExceeded("It took too long.", limit="seconds"), EngineError("It broke.", code="TABLE_UNREADABLE")]
)
def test_a_second_try_on_which_the_engine_fails(bench: Bench, fault: LimitExceeded | EngineError) -> None:
    def breaks(_: object) -> object:
        bench.lake.faults = [fault]
        return writes(BETTER)

    answer = bench.ask("cities", writes(EMPTY), breaks)  # type: ignore[arg-type]
    assert (answer.status, answer.sql) == (Status.NO_ROWS, EMPTY)
    assert fault.message in answer.assumptions[-1]
    assert [sql for sql, _ in bench.lake.ran] == [EMPTY, BETTER]


def test_a_statement_on_which_the_engine_failed_does_not_stand(bench: Bench) -> None:
    bench.lake.faults = [EngineError("It divides by zero.", code="DIVISION_BY_ZERO")]
    answer = bench.ask("share", writes(DOUBTFUL), writes(DOUBTFUL), GONE)
    assert (answer.status, len(bench.lake.ran)) == (Status.NEEDS_MODEL, 1)
    assert GONE.message in answer.summary


def test_a_first_try_has_nothing_to_fall_back_on(bench: Bench) -> None:
    assert bench.ask("cities", REFUSED, GONE).status is Status.NEEDS_MODEL
    assert bench.ask("cities", REFUSED, budget=Budget(calls=1)).status is Status.FAILED


def test_a_statement_that_is_kept_on_purpose_is_not_run_twice(bench: Bench) -> None:
    assert bench.ask("cities", writes(EMPTY), writes(EMPTY)).status is Status.NO_ROWS
    assert len(bench.lake.ran) == 1
