"""What takes long to open is opened once, however many ask at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from agents.ask.opened_once import OpenedOnce


class Opened:
    """Counts how often it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_many_who_ask_at_once_get_the_same() -> None:
    together, opened, slow = Barrier(4), list[Opened](), Event()

    def opening() -> Opened:
        opened.append(Opened())
        slow.wait(0.2)
        return opened[-1]

    once = OpenedOnce(opening)

    def ask(_: int) -> Opened:
        together.wait()
        return once()

    with ThreadPoolExecutor(4) as threads:
        found = set(map(id, threads.map(ask, range(4))))
    assert len(opened) == len(found) == 1


def test_closed_it_is_opened_again_and_closed_twice_it_is_closed_once() -> None:
    once = OpenedOnce(Opened)
    once.close()
    first = once()
    once.close()
    once.close()
    assert first.closed == 1
    assert once() is not first


def test_an_opening_that_failed_is_tried_again() -> None:
    tries = iter([OSError("no"), Opened()])

    def opening() -> Opened:
        found = next(tries)
        if isinstance(found, OSError):
            raise found
        return found

    once = OpenedOnce(opening)
    with pytest.raises(OSError, match="no"):
        once()
    assert isinstance(once(), Opened)
