"""What the watch does beside scanning, and what it outlives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event

import pytest

from agents.skimmer.scan_state import Outcome
from agents.skimmer.skimmer import Due
from agents.skimmer.watch import watch
from townlake.domain.errors import AuditUnavailable, HomeError
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.governance.scan_records import Reason

REF = TableRef.parse("shop.a")


class _Idle:
    """A scanner without work."""

    def due(self) -> tuple[()]:
        return ()

    def scan(self, due: object, report: object) -> tuple[()]:
        return ()


class _Fails:
    """A scanner of one table, which is due and cannot be scanned."""

    def __init__(self) -> None:
        self.table = TableInfo(ref=REF, uuid="u1", metadata_location="", snapshot_id=1, columns=())
        self.tried: list[tuple[str, int | None]] = []

    def due(self) -> tuple[Due, ...]:
        return (Due(self.table, (Reason.NEW,)),)

    def scan(self, due: Sequence[Due], report: object) -> tuple[Outcome, ...]:
        self.tried += [(each.table.uuid, each.table.snapshot_id) for each in due]
        return tuple(Outcome(table=each.table.ref, reasons=each.reasons, fault="damaged") for each in due)


def watched(scanner: object, version: Callable[[], str], stop: Event, also: Callable[[], object]) -> list[Outcome]:
    return list(watch(scanner, version, stop, lambda *_: None, every_seconds=0.0, also=also))  # type: ignore[arg-type]


def test_after_each_look_at_all_tables_the_rest_is_done() -> None:
    stop, done = Event(), []

    def also() -> None:
        done.append(1)
        stop.set()

    assert watched(_Idle(), lambda: "1", stop, also) == []
    assert done == [1]


def test_it_goes_on_when_the_database_was_away() -> None:
    stop, asked, done = Event(), [], []

    def version() -> str:
        asked.append(1)
        if len(asked) < 4:
            raise HomeError("The state database cannot be used: locked.")
        return "1"

    def also() -> None:
        done.append(1)
        if len(done) == 1:
            raise HomeError("The state database cannot be used: locked.")
        stop.set()

    assert watched(_Idle(), version, stop, also) == []
    assert (len(asked), len(done)) == (5, 2), "what was broken off is done again"


def test_it_ends_when_nothing_can_be_written_down() -> None:
    def version() -> str:
        raise AuditUnavailable("The audit cannot be written.")

    with pytest.raises(AuditUnavailable):
        watched(_Idle(), version, Event(), lambda: None)


def test_a_table_with_a_fault_is_left_alone_until_it_is_another_one() -> None:
    stop, scanner, looks = Event(), _Fails(), []

    def also() -> None:
        looks.append(1)
        match len(looks):
            case 2:
                scanner.table = scanner.table.model_copy(update={"snapshot_id": 2})
            case 3:
                scanner.table = scanner.table.model_copy(update={"uuid": "u2", "snapshot_id": 1})
            case 4:
                stop.set()

    watched(scanner, lambda: str(len(looks)), stop, also)
    assert scanner.tried == [("u1", 1), ("u1", 2), ("u2", 1)]
