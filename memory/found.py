"""What a search gives back."""

from __future__ import annotations

from memory.document import Kind
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.value import Value


class FoundColumn(Value):
    """A visible column of a found table."""

    column: ColumnRef
    score: float
    """Comparable within one search; zero when nothing of the question points to it."""


class FoundTable(Value):
    """A table, why it was found, and its visible columns, the nearest to the question first."""

    table: TableRef
    score: float
    why: str
    """One sentence in plain words."""
    joins_only: bool = False
    """Whether nothing but a table that it joins to led to it."""
    columns: tuple[FoundColumn, ...] = ()


class FoundNote(Value):
    """A metric, verified query, page or term."""

    kind: Kind
    name: str
    """The name under which `Knowledge` holds it."""
    score: float


class Found(Value):
    """The answer to "what in the lake is this question about?"."""

    preferred: FoundTable | None = None
    """The table to start from."""
    alternatives: tuple[FoundTable, ...] = ()
    """Further tables, the nearest first: those to join with, and those that could be meant instead."""
    metrics: tuple[FoundNote, ...] = ()
    queries: tuple[FoundNote, ...] = ()
    pages: tuple[FoundNote, ...] = ()
    terms: tuple[FoundNote, ...] = ()
    far: bool = True
    """True when no word, no value and no meaning of the question points to a table: what was found is merely the
    least unlikely."""

    @property
    def tables(self) -> tuple[FoundTable, ...]:
        """The preferred table and the alternatives, in order."""
        return (self.preferred, *self.alternatives) if self.preferred else ()
