"""What a run quoted is made again from its answer of now, whoever reads it from where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.client import answer_of
from app.contract.events import Event, EventType
from app.http.following import quoted
from app.runs.telling import Told
from townlake.domain.errors import SkipperError

AT = datetime(2026, 3, 1, tzinfo=UTC)
SIZE = 3
"""Rows of an event."""


def event(seq: int, kind: EventType, data: dict[str, Any] | None = None) -> Event:
    return Event(seq=seq, run_id="0" * 16, trace_id="0" * 32, type=kind, at=AT, data=data or {})


def kept(*kinds: EventType) -> list[Event]:
    return [event(seq, kind) for seq, kind in enumerate(kinds, start=1)]


def turn(batches: int) -> list[EventType]:
    rows = [EventType.RESULT_ROWS] * batches
    return [EventType.RUN_WORKING, EventType.RESULT_SCHEMA, *rows, EventType.MESSAGE_DELTA, EventType.RUN_FINISHED]


def told(rows: list[str]) -> list[Told]:
    batches = [(EventType.RESULT_ROWS, {"first": n, "rows": rows[n : n + SIZE]}) for n in range(0, len(rows), SIZE)]
    return [(EventType.RESULT_SCHEMA, {}), *batches, (EventType.MESSAGE_DELTA, {"text": "It is so.", "answer": {}})]


def read(rows: list[str], quotes: list[dict[str, Any]]) -> list[str]:
    """What a reader has in the end who had some rows and takes what is quoted, as clients do."""
    for each in quotes:
        rows = [*rows[: each["first"]], *each["rows"]]
    return rows


@pytest.mark.parametrize("now", range(10))
@pytest.mark.parametrize("batches", range(1, 4))
def test_who_reads_all_of_it_has_the_rows_of_now(batches: int, now: int) -> None:
    rows = [f"r{number}" for number in range(now)]
    events = kept(EventType.RUN_STARTED, *turn(batches))
    found = quoted(events, told(rows))
    numbers = [each.seq for each in events if each.type is EventType.RESULT_ROWS]
    assert read([], [found[number] for number in numbers]) == rows
    (words,) = (each.seq for each in events if each.type is EventType.MESSAGE_DELTA)
    assert found[words] == {"text": "It is so.", "answer": {}}
    assert set(found) == {*numbers, words}


@pytest.mark.parametrize("had", [1, 2])
def test_who_goes_on_in_the_middle_has_the_same_rows(had: int) -> None:
    rows = [f"r{number}" for number in range(8)]
    events = kept(EventType.RUN_STARTED, *turn(3))
    found = quoted(events, told(rows))
    numbers = [each.seq for each in events if each.type is EventType.RESULT_ROWS]
    assert read(rows[: had * SIZE], [found[number] for number in numbers[had:]]) == rows


@pytest.mark.parametrize("now", [0, 1, 3, 5])
@pytest.mark.parametrize("had", [1, 2])
def test_who_goes_on_where_fewer_are_left_keeps_none_that_went(had: int, now: int) -> None:
    before, rows = [f"old{number}" for number in range(9)], [f"r{number}" for number in range(now)]
    events = kept(EventType.RUN_STARTED, *turn(3))
    found = quoted(events, told(rows))
    numbers = [each.seq for each in events if each.type is EventType.RESULT_ROWS]
    assert read(before[: had * SIZE], [found[number] for number in numbers[had:]]) == rows


def test_only_the_last_turn_has_an_answer() -> None:
    events = kept(EventType.RUN_STARTED, *turn(2), *turn(1))
    found = quoted(events, told(["a", "b"]))
    assert min(found) > max(each.seq for each in events if each.type is EventType.RUN_WORKING)
    assert [data["rows"] for data in found.values() if "rows" in data] == [["a", "b"]]


def test_a_run_without_rows_quotes_its_words_alone() -> None:
    events = kept(EventType.RUN_STARTED, EventType.RUN_WORKING, EventType.MESSAGE_DELTA, EventType.RUN_FINISHED)
    assert quoted(events, told([])) == {3: {"text": "It is so.", "answer": {}}}


@pytest.mark.parametrize("kind", [EventType.RESULT_ROWS, EventType.MESSAGE_DELTA])
def test_a_client_says_why_nothing_can_be_quoted(kind: EventType) -> None:
    with pytest.raises(SkipperError, match="no longer yours to read") as gone:
        answer_of(iter([event(1, kind, {"gone": "shop.orders is no longer yours to read."})]))
    assert "ask it again" in gone.value.hint


def test_a_client_passes_over_what_an_earlier_turn_quoted() -> None:
    quotes = [event(1, EventType.RESULT_ROWS, {"gone": ""}), event(2, EventType.MESSAGE_DELTA, {"gone": ""})]
    assert answer_of(iter(quotes)) is None
