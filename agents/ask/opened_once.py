"""Something that takes long to open, and much memory: opened by whoever asks first, while the others wait."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What lets go of its files when it is told to."""

    def close(self) -> None:
        """Let go."""


C = TypeVar("C", bound=Closable)


class OpenedOnce(Generic[C]):
    """Call it to have it. Safe between threads; an opening that fails is tried again by the next one.

    Args:
        opening: opens it.
    """

    def __init__(self, opening: Callable[[], C]) -> None:
        self._opening = opening
        self._lock = Lock()
        self._opened: C | None = None

    def __call__(self) -> C:
        """It, open."""
        with self._lock:
            if self._opened is None:
                self._opened = self._opening()
            return self._opened

    def close(self) -> None:
        """Close it if it is open. Who asks later opens it again."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
