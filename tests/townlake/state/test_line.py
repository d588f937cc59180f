"""Writers of one process wait in line: the longest waiting is next."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from tests.support.databases import home_state
from townlake.domain.errors import HomeError
from townlake.state import store
from townlake.state.line import Line, OutOfLine
from townlake.state.store import writing


def in_thread(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work)
    thread.start()
    return thread


def waiting(line: Line, many: int) -> None:
    end = time.monotonic() + 10
    while len(line._waiting) < many:
        assert time.monotonic() < end
        time.sleep(0.001)


def test_they_come_in_order_and_who_is_first_goes_before() -> None:
    line, came, threads = Line(), [], []

    def come(name: str, *, first: bool = False) -> None:
        with line.turn(10, first=first):
            came.append(name)

    with line.turn(1):
        for place, name in enumerate("abc"):
            threads.append(in_thread(lambda name=name: come(name)))  # type: ignore[misc]
            waiting(line, place + 1)
        threads.append(in_thread(lambda: come("urgent", first=True)))
        waiting(line, 4)
    for thread in threads:
        thread.join(10)
    assert came == ["urgent", "a", "b", "c"]


def test_whoever_waited_too_long_holds_up_nobody() -> None:
    line = Line()
    with line.turn(1), pytest.raises(OutOfLine), line.turn(0.01):
        pass
    with line.turn(0.01):
        pass


def test_a_fault_ends_the_turn() -> None:
    line = Line()
    with pytest.raises(ZeroDivisionError), line.turn(1):
        raise ZeroDivisionError
    with line.turn(0.01):
        pass


def test_a_writer_that_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = home_state(tmp_path)
    monkeypatch.setattr(store, "PATIENCE_SECONDS", 0.01)
    found: list[BaseException] = []

    def write() -> None:
        try:
            with writing(engine):
                pass
        except HomeError as error:
            found.append(error)

    with writing(engine):
        in_thread(write).join(10)
    assert "locked" in str(found[0])
    engine.dispose()
