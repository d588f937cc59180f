"""What became of a table that was loaded or described."""

from __future__ import annotations

from townlake.domain.names import TableRef
from townlake.domain.value import Value


class Widened(Value):
    """A column that holds more than before."""

    column: str
    before: str
    """Trino's name of the type."""
    now: str


class Ingested(Value):
    """What became of one table."""

    table: TableRef
    rows: int
    """Rows that were loaded now."""
    before: int | None = None
    """Rows that the table had before and still has; None when it is new or its rows were replaced."""
    columns: int
    renamed: tuple[tuple[str, str], ...] = ()
    """(name in the files, name in the lake) where they differ."""
    skipped: bool = False
    """True when no row was loaded: no file was given, or all of them had been loaded before."""
    described: bool = False
    """True when the words about the table are others now."""
    widened: tuple[Widened, ...] = ()
    """Columns with another type than before; their review is stale."""
    notes: tuple[str, ...] = ()
    """What of the description was passed over or has no effect yet."""
