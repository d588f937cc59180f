"""A run that was broken off goes on only where all that it stands on still holds, and is not kept for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agents.ask.answer import Status
from agents.ask.checkpoints import KEPT, Checkpoints
from agents.budget import Budget
from agents.runs import forget_words, run_ids_of
from tests.agents.conftest import ANN, Bench
from tests.support.scripted_model import writes
from townlake.catalog.knowledge.model import Knowledge
from townlake.domain.errors import LimitExceeded, ModelOverloaded, ModelUnavailable
from townlake.state.store import writing

SQL = "SELECT name FROM geo.cities WHERE country = 'CH'"
WRONG = writes("SELECT town FROM geo.cities")
UNCLEAR = writes(status="clarify", question="Which country?", options=["CH", "NO"])
GONE = ModelUnavailable("gone")


def move_lake(bench: Bench) -> None:
    bench.lake.moved += 1


def change_knowledge(bench: Bench) -> None:
    bench.knowledge = Knowledge(digest="other")


def change_day(bench: Bench) -> None:
    bench.today += timedelta(days=1)


def talk_on(bench: Bench) -> None:
    bench.ask("how many cities", writes("SELECT count(*) AS n FROM geo.cities"), conversation="c")


MOVES = [move_lake, change_knowledge, change_day, talk_on]


@pytest.mark.parametrize("move", MOVES)
def test_what_is_no_longer_so_is_found_out_again(bench: Bench, move: Callable[[Bench], None]) -> None:
    first = bench.ask("cities in CH", GONE, conversation="c")
    move(bench)
    bench.steps.clear()
    second = bench.ask("cities in CH", writes(SQL), conversation="c")
    assert second.status is Status.ANSWERED
    assert second.run_id != first.run_id
    assert bench.steps[:3] == ["planner", "schema_retriever", "sql_writer"]


@pytest.mark.parametrize("move", MOVES[:-1])
def test_a_reply_that_comes_late_starts_anew_with_the_reply(bench: Bench, move: Callable[[Bench], None]) -> None:
    first = bench.ask("cities there", UNCLEAR, conversation="c")
    move(bench)
    second = bench.ask("cities there", writes(SQL), conversation="c", clarification="1")
    assert (second.status, second.model_calls) == (Status.ANSWERED, 1)
    assert second.run_id != first.run_id
    assert "They said: CH" in bench.said


@pytest.mark.parametrize("turns", [0, 3, 4, 5])
def test_a_reply_goes_on_however_long_the_conversation_is(bench: Bench, turns: int) -> None:
    for n in range(turns):
        bench.now += timedelta(minutes=1)
        bench.ask(f"cities {n}", writes(SQL), conversation="c")
    bench.now += timedelta(minutes=1)
    first = bench.ask("cities there", UNCLEAR, conversation="c")
    second = bench.ask("1", writes(SQL), conversation="c")
    assert (second.run_id, second.model_calls) == (first.run_id, 2)
    assert "was asked back: " not in bench.said


def test_another_reply_is_not_taken_for_the_one_before(bench: Bench) -> None:
    bench.ask("cities there", UNCLEAR)
    first = bench.ask("cities there", GONE, clarification="CH")
    second = bench.ask("cities there", writes("SELECT name FROM geo.cities WHERE country = 'NO'"), clarification="NO")
    assert second.run_id != first.run_id
    assert "They said: NO" in bench.said
    assert "They said: CH" not in bench.said


def test_a_reply_on_which_the_model_failed_is_given_again(bench: Bench) -> None:
    first = bench.ask("cities there", UNCLEAR, conversation="c")
    for _ in range(2):
        assert bench.ask("1", ModelOverloaded("busy"), conversation="c").status is Status.FAILED
    second = bench.ask("1", writes(SQL), conversation="c")
    assert (second.status, second.run_id) == (Status.ANSWERED, first.run_id)
    assert "They said: CH" in bench.said


def test_a_question_with_a_reply_is_known_with_it_later(bench: Bench) -> None:
    bench.ask("cities there", UNCLEAR, conversation="c")
    bench.ask("1", writes(SQL), conversation="c")
    bench.ask("and how many?", writes("SELECT count(*) AS n FROM geo.cities"), conversation="c")
    assert "asked: cities there (CH)" in bench.said


def test_a_question_whose_budget_ran_out_goes_on_with_a_new_one(bench: Bench) -> None:
    one = Budget(calls=1)
    first = bench.ask("cities in CH", WRONG, budget=one)
    assert first.status is Status.FAILED
    second = bench.ask("cities in CH", writes(SQL), budget=one)
    assert (second.status, second.run_id, second.model_calls) == (Status.ANSWERED, first.run_id, 2)


def test_tries_that_failed_use_up_no_later_budget(bench: Bench) -> None:
    for _ in range(3):
        assert bench.ask("cities in CH", ModelOverloaded("busy"), budget=Budget(calls=2)).status is Status.FAILED
    assert bench.ask("cities in CH", writes(SQL), budget=Budget(calls=2)).status is Status.ANSWERED


def test_the_day_counts_every_try(bench: Bench) -> None:
    day: dict[str, Any] = {"budget": Budget(calls=1), "usd_a_day": 0.006}
    assert "1 model calls" in bench.ask("cities in CH", WRONG, **day).summary
    assert "1 model calls" in bench.ask("cities in CH", WRONG, **day).summary
    third = bench.ask("cities in CH", writes(SQL), **day)
    assert (third.status, third.model_calls) == (Status.FAILED, 2)
    assert "a day" in third.summary


def test_what_goes_on_on_another_day_counts_for_that_day(bench: Bench) -> None:
    first = bench.ask("cities in CH", WRONG, GONE, usd_a_day=0.007)
    bench.now += timedelta(days=1)
    second = bench.ask("cities in CH", writes(SQL), usd_a_day=0.007)
    assert (second.status, second.run_id) == (Status.ANSWERED, first.run_id)
    refused = bench.ask("cities in NO", writes(SQL), writes(SQL), usd_a_day=0.005)
    assert (refused.status, refused.model_calls) == (Status.FAILED, 0)


def test_asked_anew_without_the_reply_no_reply_is_taken(bench: Bench) -> None:
    bench.ask("cities there", UNCLEAR)
    first = bench.ask("cities there", GONE, clarification="CH")
    second = bench.ask("cities there", writes(SQL))
    assert second.run_id != first.run_id
    assert "They said" not in bench.said


def test_a_service_of_a_persons_name_is_not_that_person(bench: Bench) -> None:
    from townlake.domain.errors import NotFound
    from townlake.domain.principal import Principal, PrincipalKind

    first = bench.ask("cities in CH", writes(SQL), conversation="c")
    double = Principal(subject=ANN.subject, groups=ANN.groups, kind=PrincipalKind.SERVICE)
    with pytest.raises(NotFound):
        bench.asker().rerun(first.run_id, double)
    bench.ask("and there?", writes(SQL), conversation="c", principal=double)
    assert "cities in CH" not in bench.said


def test_a_statement_that_takes_too_much_is_written_anew(bench: Bench) -> None:
    bench.lake.faults = [LimitExceeded("It took too long.", limit="seconds")]
    assert bench.ask("cities in CH", writes("SELECT name FROM geo.cities")).status is Status.FAILED
    assert bench.threads() == 0
    assert bench.ask("cities in CH", writes(SQL)).sql == SQL


def test_a_fault_that_nobody_foresaw_is_not_met_again(bench: Bench) -> None:
    bench.lake.faults = [ZeroDivisionError("bug")]  # type: ignore[list-item]
    with pytest.raises(ZeroDivisionError):
        bench.ask("cities in CH", writes(SQL))
    assert bench.threads() == 0
    assert bench.ask("cities in CH", writes(SQL)).status is Status.ANSWERED


def test_what_nobody_went_on_with_is_forgotten(bench: Bench) -> None:
    bench.ask("cities there", UNCLEAR)
    bench.ask("cities in CH", GONE)
    bench.now = datetime.now(UTC) + KEPT - timedelta(hours=1)
    bench.ask("cities in NO", writes(SQL))
    assert bench.threads() == 2
    bench.now += timedelta(hours=2)
    bench.ask("cities in IT", writes(SQL))
    assert bench.threads() == 0


@pytest.mark.parametrize("came", [UNCLEAR, GONE])
def test_nothing_waits_of_what_was_deleted_while_it_was_asked(bench: Bench, came: AIMessage | Exception) -> None:
    def deletes(_heard: object) -> AIMessage:
        with writing(bench.state) as connection:
            forget_words(connection, run_ids_of(connection, "c", ANN))
        if isinstance(came, Exception):
            raise came
        return came

    bench.ask("cities there", deletes, conversation="c")
    assert bench.threads() == 0
    assert bench.ask("cities there", UNCLEAR, conversation="c").status is Status.NEEDS_CLARIFICATION
    assert bench.threads() == 1


def test_forgetting_makes_no_file_where_there_is_none(bench: Bench) -> None:
    path = bench.home / "checkpoints.db"
    assert Checkpoints(path).forget_stale(bench.now) == 0
    assert not path.exists()


def test_a_bot_keeps_the_people_apart_for_whom_it_asks(bench: Bench) -> None:
    from townlake.domain.errors import NotFound
    from townlake.domain.principal import Principal, PrincipalKind

    def bot(person: str | None) -> Principal:
        return Principal(subject="bot", kind=PrincipalKind.SERVICE, on_behalf_of=person)

    first = bench.ask("cities in CH", writes(SQL), conversation="c", principal=bot("ann"), usd_a_day=0.003)
    for other in (bot("bob"), bot(None), ANN):
        with pytest.raises(NotFound):
            bench.asker().rerun(first.run_id, other)
    assert bench.asker().rerun(first.run_id, bot("ann")).rows == first.rows
    second = bench.ask("and there?", writes(SQL), conversation="c", principal=bot("bob"), usd_a_day=0.003)
    assert second.status is Status.ANSWERED
    assert "cities in CH" not in bench.said
    # What a bot spent for her is spent, however she asks next.
    for again in (bot("ann"), ANN):
        refused = bench.ask("cities once more", writes(SQL), principal=again, usd_a_day=0.003)
        assert (refused.status, refused.model_calls) == (Status.FAILED, 0)
