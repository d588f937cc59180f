"""What the planner gives back: SQL with everything to check it by, or what is missing."""

from __future__ import annotations

from typing import Literal

from agents.ask.cover.slots import Slots
from townlake.domain.names import TableRef
from townlake.domain.value import Value


class Cover(Value):
    """A question of which every content word is accounted for."""

    path: Literal["metric", "verified_query"]
    name: str
    """The metric, several joined by a comma, or the verified query."""
    title: str
    sql: str
    """Trino SQL, not yet checked by anybody."""
    assumptions: tuple[str, ...] = ()
    tables: tuple[TableRef, ...] = ()
    unit: str = ""
    slots: Slots | None = None
    """For the next question of the conversation; None for a verified query."""


class Blocked(Value):
    """Something that would cover the question but that cannot be computed for this caller."""

    name: str
    tables: tuple[TableRef, ...] = ()
    """Tables with a column that is closed or masked for the caller; only tables whose names may be found."""
    why: str = ""
    """What else is the matter with it, as the end of a sentence; empty where it is the tables."""

    @property
    def message(self) -> str:
        """One sentence for a person."""
        tables = " and ".join(str(table) for table in self.tables)
        why = self.why or f"not all that it needs of {tables} is open to you."
        return f'"{self.name}" cannot be computed for you: {why}'


class Gap(Value):
    """Why a question is not answered here. Nothing was guessed."""

    reason: str
    """One sentence for a person."""
    left_over: tuple[str, ...] = ()
    """Content words that nothing covers, as they were typed."""
    readings: tuple[str, ...] = ()
    """What could be asked instead, where a word means several things or was misspelt: whole questions, each of which
    is answered when it is asked next."""
    blocked: tuple[Blocked, ...] = ()
