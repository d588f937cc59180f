"""Questions that are answered, refused or asked back without a model."""

from __future__ import annotations

import pytest

from agents.ask.answer import AnswerPath, Status
from tests.agents.conftest import ANN, Bench
from tests.agents.plain_lake import ref
from tests.support.scripted_model import writes
from townlake.catalog.knowledge.model import Dimension, Join, Knowledge, Metric

CITY = Join(table=ref("geo.cities"), alias="c", on="c.id = v.city_id")


PAYEE = Dimension(name="payee", expression="s.payee")


def metric(name: str, title: str, expression: str, **more: object) -> Metric:
    given = {
        "name": name,
        "title": title,
        "description": title,
        "owner": "geo-team",
        "expression": expression,
        "table": ref("geo.visits"),
        "alias": "v",
        "joins": (CITY,),
        "dimensions": (
            Dimension(name="country", expression="c.country", joins=("c",)),
            Dimension(name="city", expression="c.name", joins=("c",)),
        ),
        "assumptions": ("Every row is a visit.",),
    }
    return Metric(**(given | more))


KNOWLEDGE = Knowledge(
    metrics=(
        metric("guest_count", "guests", "sum(v.guests)", synonyms=("people",)),
        metric("visit_count", "visits", "count(*)", synonyms=("people",)),
        metric("payroll", "payroll", "sum(s.wage)", table=ref("hr.salaries"), alias="s", joins=(), dimensions=(PAYEE,)),
    )
)


@pytest.fixture
def known(bench: Bench) -> Bench:
    bench.knowledge = KNOWLEDGE
    return bench


@pytest.mark.parametrize("model", [True, False])
def test_a_covered_question_needs_no_model_even_where_there_is_one(known: Bench, model: bool) -> None:
    answer = known.ask("guests by country", model=model)
    assert (answer.status, answer.path, answer.model_calls) == (Status.ANSWERED, AnswerPath.METRIC, 0)
    assert sorted(map(tuple, answer.rows or ())) == [("CH", 40), ("NO", None)]
    assert "Every row is a visit." in answer.assumptions
    assert {table.table: table.why for table in answer.tables} == {
        "lake.geo.cities": "Read by the metric guest_count.",
        "lake.geo.visits": "Read by the metric guest_count.",
    }
    assert known.steps == ["planner", "validator", "run", "examiner", "answerer"]
    assert not (known.home / "checkpoints.db").exists()


def test_a_word_that_is_left_over_is_never_guessed(known: Bench) -> None:
    answer = known.ask("happy guests by country", model=False)
    assert answer.status is Status.NEEDS_MODEL
    assert '"happy" is not understood.' in answer.summary
    assert known.lake.ran == []


def test_a_metric_of_a_closed_table_is_refused_with_whom_to_ask(known: Bench) -> None:
    answer = known.ask("payroll", model=False)
    assert answer.status is Status.REFUSED
    assert "skipper review request lake.hr.salaries" in answer.summary
    assert "wage" not in answer.model_dump_json()


@pytest.mark.parametrize("words", ["by payee", "by paye", "by shoe size", "by country", "by country and payee"])
def test_what_a_closed_metric_is_told_by_cannot_be_found_out(known: Bench, words: str) -> None:
    answer = known.ask(f"payroll {words}", model=False)
    assert (answer.status, answer.summary) == (Status.REFUSED, known.ask("payroll", model=False).summary)
    for told in ("payee", *words.split()):
        with_model = known.ask(f"payroll {words}", writes(status="unanswerable", question="No."))
        assert told not in with_model.summary


@pytest.mark.parametrize("model", [True, False])
def test_two_readings_are_asked_back_and_the_reply_settles_it(known: Bench, model: bool) -> None:
    asked = known.ask("people by country", conversation="c", model=model)
    assert asked.status is Status.NEEDS_CLARIFICATION
    assert len(asked.options) == 2
    place = next(n for n, option in enumerate(asked.options, 1) if "visits" in option)
    answer = known.ask(str(place), conversation="c", model=model)
    assert (answer.status, answer.model_calls) == (Status.ANSWERED, 0)
    assert sorted(map(tuple, answer.rows or ())) == [("CH", 2), ("NO", 1)]


def test_a_conversation_goes_on_without_a_model(known: Bench) -> None:
    known.ask("guests by country", conversation="c", model=False)
    answer = known.ask("and by city?", conversation="c", model=False)
    assert answer.status is Status.ANSWERED
    assert sorted(map(tuple, answer.rows or ())) == [("Bern", 40), ("Oslo", None)]
    alone = known.ask("and by city?", model=False)
    assert alone.status is Status.NEEDS_MODEL


def test_a_turn_that_failed_does_not_end_what_the_next_one_leans_on(known: Bench) -> None:
    known.ask("guests by country", conversation="c", model=False)
    assert known.ask("what is the weather", conversation="c", model=False).status is Status.NEEDS_MODEL
    assert known.ask("and by city?", conversation="c", model=False).status is Status.ANSWERED


def test_what_a_metric_gave_can_be_read_again(known: Bench) -> None:
    first = known.ask("guests by country", model=False)
    again = known.asker(model=False).rerun(first.run_id, ANN)
    assert (again.rows, again.path, again.summary) == (first.rows, first.path, first.summary)


@pytest.mark.parametrize("model", [True, False])
def test_a_misspelt_word_is_asked_back_only_where_no_model_could_read_it(known: Bench, model: bool) -> None:
    answer = known.ask("guests by contry", writes("SELECT name FROM geo.cities"), model=model)
    assert (answer.status is Status.NEEDS_CLARIFICATION) is not model
    assert answer.options == (() if model else ("guests by country",))


def test_what_is_asked_instead_is_answered_and_nothing_of_it_is_closed(known: Bench) -> None:
    for question in ("happy guests by country", "what is the weather", "payroll mood"):
        answer = known.ask(question, model=False)
        for each in answer.suggestions:
            assert "payroll" not in each.lower()
            assert known.ask(each, model=False).path is AnswerPath.METRIC, each
    assert known.ask("happy guests by country", model=False).suggestions[0] == "Guests by country"
    assert len(known.ask("what is the weather", model=False).suggestions) == 2
    assert known.ask("payroll", model=False).suggestions == ()


def test_what_is_asked_instead_waits_for_nothing(known: Bench) -> None:
    missed = known.ask("happy guests by country", conversation="c", model=False)
    assert (missed.status, missed.options) == (Status.NEEDS_MODEL, ())
    assert known.ask("1", conversation="c", model=False).status is Status.NEEDS_MODEL


def test_a_refusal_names_the_table_that_is_closed(known: Bench) -> None:
    answer = known.ask("payroll", model=False)
    assert answer.closed_tables == ("lake.hr.salaries",)
    assert answer.summary.startswith('"payroll" cannot be computed for you: not all that it needs of lake.hr.salaries')
