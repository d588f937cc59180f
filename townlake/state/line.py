"""Writers of one process stand in line.

SQLite has whoever finds the database locked sleep and try again, longer each time, while others who come later get in
first: some waited for seconds. Here the longest waiting is next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import sqlalchemy as sa


class OutOfLine(Exception):
    """The turn did not come in time."""


class Line:
    """One at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    @contextmanager
    def turn(self, seconds: float, *, first: bool = False) -> Iterator[None]:
        """Wait for a turn, and have it until the context is left.

        Args:
            seconds: how long to wait at most.
            first: before everybody else who waits.

        Raises:
            OutOfLine: it did not come.
        """
        self._wait(seconds, first=first)
        try:
            yield
        finally:
            self._pass_on()

    def _wait(self, seconds: float, *, first: bool) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            place = Lock()
            place.acquire()
            (self._waiting.appendleft if first else self._waiting.append)(place)
        try:
            if place.acquire(timeout=seconds):
                return
        except BaseException:
            self._leave(place)
            raise
        self._leave(place)
        raise OutOfLine

    def _leave(self, place: Lock) -> None:
        with self._lock:
            if place in self._waiting:
                self._waiting.remove(place)
                return
        # The turn came just now, and nobody is there to take it.
        self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


_LINES: Final[WeakKeyDictionary[sa.Engine, Line]] = WeakKeyDictionary()
_LINES_LOCK: Final = Lock()


def line_of(engine: sa.Engine) -> Line:
    """The line before a database."""
    with _LINES_LOCK:
        return _LINES.setdefault(engine, Line())
