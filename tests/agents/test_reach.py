"""Spans without rows, and queries whose rows would be others for this caller."""

from __future__ import annotations

from datetime import date

import pytest

from agents.ask.answer import AnswerPath, Status
from tests.agents.conftest import ANN, Bench
from tests.agents.plain_lake import ref
from townlake.catalog.knowledge.model import Dimension, Join, Knowledge, Metric, TimeColumn, TimeKind, VerifiedQuery

# Two visits on the 10th of January 2026, one on the 11th.
DAY = "date_add('day', v.city_id, DATE '2026-01-09')"
VISITS = {"owner": "geo", "expression": "count(*)", "table": ref("geo.visits"), "alias": "v", "description": ""}
KNOWLEDGE = Knowledge(
    metrics=(
        Metric(name="visits", title="visits", time=TimeColumn(column=DAY), **VISITS),
        Metric(name="tours", title="tours", time=TimeColumn(kind=TimeKind.STOCK, valid_from=DAY), **VISITS),
    ),
    queries=(
        VerifiedQuery(
            name="guests",
            question="Who came?",
            sql="SELECT v.note FROM geo.visits AS v",
            tables=(ref("geo.visits"),),
            owner="geo",
            verified_on=date(2026, 1, 1),
        ),
    ),
)


@pytest.fixture
def known(bench: Bench) -> Bench:
    bench.knowledge = KNOWLEDGE
    return bench


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("visits in 2025", "for visits there is nothing before 2026-01-10"),
        ("tours in 2025", "for tours there is nothing before 2026-01-10"),
        ("visits in 2030", "`2030` has not begun: in the lake, today is 2026-03-01"),
        ("tours in July 2027", "`July 2027` has not begun"),
    ],
)
def test_a_span_without_any_row_is_no_zero(known: Bench, question: str, why: str) -> None:
    answer = known.ask(question, model=False)
    assert (answer.status, answer.rows) == (Status.NO_ROWS, None)
    assert why in answer.summary


@pytest.mark.parametrize("question", ["visits this year", "visits since 2025"])
def test_a_span_that_begins_before_the_rows_is_told(known: Bench, question: str) -> None:
    answer = known.ask(question, model=False)
    assert answer.status is Status.ANSWERED
    assert "there is nothing before 2026-01-10" in answer.summary


@pytest.mark.parametrize(
    "question", ["visits", "visits on 2026-01-10", "visits yesterday", "tours this year", "tours now"]
)
def test_a_span_within_the_rows_needs_no_word(known: Bench, question: str) -> None:
    assert "nothing before" not in known.ask(question, model=False).summary


def test_the_first_day_is_read_once_for_a_caller(known: Bench) -> None:
    asker = known.asker(model=False)

    for _ in range(2):
        asker.ask("visits this year", ANN)
    assert sum("first_day" in sql for sql, _ in known.lake.ran) == 1


def test_a_verified_query_is_not_run_over_rows_that_are_kept_back(known: Bench) -> None:
    assert known.ask("who came?", model=False).path is AnswerPath.VERIFIED_QUERY
    known.lake.row_filtered = (ref("geo.visits"),)
    ran = len(known.lake.ran)
    answer = known.ask("who came?", model=False)
    assert answer.status is Status.REFUSED
    assert "lake.geo.visits" in answer.summary
    assert len(known.lake.ran) == ran


def test_a_verified_query_of_a_closed_column_names_no_column(known: Bench) -> None:
    closed = known.knowledge.queries[0].model_copy(update={"sql": "SELECT v.secret FROM geo.visits AS v"})
    known.knowledge = Knowledge(queries=(closed,))
    answer = known.ask("who came?", model=False)
    assert answer.status is Status.REFUSED
    assert "secret" not in answer.model_dump_json()


def test_a_count_of_nothing_that_was_asked_for_is_no_figure(known: Bench) -> None:
    city = Dimension(name="city", expression="c.name", joins=("c",))
    join = Join(table=ref("geo.cities"), alias="c", on="c.id = v.city_id")
    visits = known.knowledge.metrics[0].model_copy(update={"joins": (join,), "dimensions": (city,)})
    known.knowledge = Knowledge(metrics=(visits,))
    assert known.ask("visits in Oslo", model=False).status is Status.ANSWERED
    answer = known.ask("visits in Rome", model=False)
    assert (answer.status, answer.rows) == (Status.NO_ROWS, ((0,),))
    assert "Nothing that this metric counts fits" in answer.summary
