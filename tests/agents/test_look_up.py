"""A model that looks things up: every answer of it is kept, and nothing that a tool told."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.ask.answer import Status
from tests.agents.conftest import ANN, Bench
from tests.support.scripted_model import Line, calls, says, writes
from townlake.domain.errors import ModelUnavailable

SQL = "SELECT name FROM geo.cities WHERE country = 'CH'"
LOOKS = writes(status="look_up", question="How is Switzerland stored?")
FINDS = calls(("find_values", {"text": "CH", "column": "geo.cities.country"}))
READS = calls(("run_sql", {"sql": "SELECT guests * 1001 AS n FROM geo.visits"}))
ROW = "30030"
GONE = ModelUnavailable("gone")


def test_the_model_looks_things_up_only_when_it_says_that_it_must(bench: Bench) -> None:
    answer = bench.ask("cities in Switzerland", LOOKS, FINDS, says("done"), writes(SQL))
    assert (answer.status, answer.model_calls) == (Status.ANSWERED, 4)
    names = {"search_catalog", "describe_tables", "find_values", "run_sql", "list_metrics"}
    assert {tool["name"] for tool in bench.chat.tools} == names
    assert '"value":"CH"' in bench.said


def test_what_was_looked_up_goes_back_and_forth_as_the_provider_wants_it(bench: Bench) -> None:
    bench.ask("cities in Switzerland", LOOKS, FINDS, READS, says("done"), writes(SQL))
    *_, found, told, read, told_too = bench.chat.heard[3]
    assert [found.type, told.type, read.type, told_too.type] == ["ai", "tool", "ai", "tool"]
    assert (found.tool_calls, read.tool_calls) == (FINDS.tool_calls, READS.tool_calls)  # type: ignore[attr-defined]
    assert ROW in str(told_too.content)


def test_looking_up_ends_after_some_answers(bench: Bench) -> None:
    answer = bench.ask("cities in Switzerland", LOOKS, FINDS, READS, FINDS, writes(SQL))
    assert (answer.status, bench.steps.count("look_up")) == (Status.ANSWERED, 3)


def test_who_found_nothing_is_told_so_and_does_not_look_again(bench: Bench) -> None:
    answer = bench.ask("cities in Switzerland", LOOKS, says("done"), writes(SQL))
    assert answer.status is Status.ANSWERED
    assert "nothing was found" in bench.said


@pytest.mark.parametrize("before", [(LOOKS, READS), (LOOKS, READS, FINDS), (LOOKS, READS, says("done"))], ids=len)
def test_an_answer_that_was_paid_for_is_not_paid_again(bench: Bench, before: tuple[Line, ...]) -> None:
    script = (LOOKS, READS, FINDS, says("done"), writes(SQL)) if before[-1] is FINDS else (*before, writes(SQL))
    script = (LOOKS, READS, says("done"), writes(SQL)) if before[-1] is READS else script
    assert bench.ask("cities in Switzerland", *before, GONE).status is Status.NEEDS_MODEL
    answer = bench.ask("cities in Switzerland", *script[len(before) :])
    assert (answer.status, answer.model_calls) == (Status.ANSWERED, len(script) + 1)
    assert ROW in bench.said


def test_no_row_that_a_tool_read_lies_in_a_checkpoint(bench: Bench) -> None:
    with bench.asker(LOOKS, READS, says("done"), GONE) as asker:
        asker.ask("cities in Switzerland", ANN)
        assert bench.lake.ran
        assert b"Switzerland" in stored(bench.home)
        assert ROW.encode() not in stored(bench.home)


def test_nothing_of_a_question_that_has_ended_can_be_read_in_the_file(bench: Bench) -> None:
    for script in ((LOOKS, READS, says("done"), GONE), (writes(SQL),)):
        with bench.asker(*script) as asker:
            asker.ask("cities in Switzerland", ANN)
    assert b"Switzerland" not in stored(bench.home)


def stored(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.glob("checkpoints.db*"))


def test_a_tool_that_is_no_longer_allowed_tells_nothing_after_a_restart(bench: Bench) -> None:
    """The tools are called again as the caller who goes on."""
    bench.ask("cities in Switzerland", LOOKS, READS, says("done"), GONE)
    before = len(bench.lake.ran)
    bench.asker(writes(SQL)).ask("cities in Switzerland", ANN)
    assert len(bench.lake.ran) == before + 2
