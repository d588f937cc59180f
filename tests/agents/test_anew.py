"""Statements that are made anew from their words, and words that no longer give them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from agents.ask.anew import Wording
from agents.ask.cover.result import Cover, Gap
from agents.runs import Runs
from tests.agents.conftest import ANN, Bench
from tests.agents.plain_lake import ref
from tests.support.scripted_model import writes
from townlake.catalog.knowledge.model import Dimension, Knowledge, Metric, TimeColumn

GUESTS = Metric(
    name="guests",
    title="guests",
    synonyms=("people",),
    owner="geo",
    description="",
    expression="sum(v.guests)",
    table=ref("geo.visits"),
    alias="v",
    dimensions=(Dimension(name="note", expression="v.note"),),
    time=TimeColumn(column="date_add('day', v.city_id, DATE '2026-01-31')"),
)


@pytest.fixture
def known(bench: Bench) -> Bench:
    bench.knowledge = Knowledge(metrics=(GUESTS,))
    return bench


def wording(bench: Bench, run_id: str) -> Wording | None:
    with bench.asker(model=False) as asker:
        return asker.anew.wording(Runs(bench.state).get(run_id, ANN), ANN)


def made(bench: Bench, words: Wording) -> Cover | Gap:
    with bench.asker(model=False) as asker:
        return asker.anew.cover(words, ANN)


def test_the_same_words_give_the_days_of_then(known: Bench) -> None:
    answer = known.ask("guests last month", model=False)
    words = wording(known, answer.run_id)
    assert words is not None
    assert words.said == ("guests last month",)
    now = made(known, words)
    assert isinstance(now, Cover)
    assert now.sql == answer.sql
    known.today = date(2026, 4, 2)
    later = made(known, words)
    assert isinstance(later, Cover)
    assert "2026-03-01" in later.sql
    assert "2026-02-01" not in later.sql


def test_a_question_that_goes_on_keeps_those_before_it(known: Bench) -> None:
    def next_said(question: str) -> tuple[str, ...]:
        known.now += timedelta(minutes=1)
        words = wording(known, known.ask(question, conversation="c", model=False).run_id)
        assert words is not None
        return words.said

    first, second, third = "guests last month", "by note", "and this month?"
    assert next_said(first) == (first,)
    assert next_said(second) == (first, second)
    assert next_said(third) == (first, second, third)
    assert next_said("guests") == ("guests",)


def test_words_that_mean_another_metric_are_no_longer_read(known: Bench) -> None:
    words = wording(known, known.ask("people last month", model=False).run_id)
    assert words is not None
    other = GUESTS.model_copy(update={"name": "visits", "title": "visits", "expression": "count(*)"})
    known.knowledge = Knowledge(metrics=(other,))
    told = made(known, words)
    assert isinstance(told, Gap)
    assert "visits" in told.reason
    known.knowledge = Knowledge()
    assert isinstance(made(known, words), Gap)


def test_what_a_model_wrote_is_not_made_anew(known: Bench) -> None:
    answer = known.ask("who came where", writes("SELECT note FROM geo.visits"))
    assert answer.sql is not None
    assert wording(known, answer.run_id) is None
