"""Who answers the questions of a command: a lake on this machine, or a server."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from app.cli.output import Output


class Asking(Protocol):
    """Whoever answers, as one caller."""

    def ask(self, question: str, thread: str | None, on_step: Callable[[str], None], stop: Event | None) -> Answer:
        """Answer a question, in a conversation when it has a name; the event stops it."""
        ...

    def rerun(self, run_id: str) -> Answer:
        """An earlier answer again, from the same snapshots."""
        ...

    def knows(self, thread: str) -> bool:
        """Whether the caller has asked anything in a conversation."""
        ...

    def warm(self) -> None:
        """Get ready while a person types."""
        ...

    def close(self) -> None:
        """Let go of what was opened."""
        ...

    def tell_news(self, output: Output) -> None:
        """Say what has happened since the caller was here."""
        ...
