"""The part of the catalog that a writer is shown."""

from __future__ import annotations

from townlake.domain.names import TableRef
from townlake.domain.table import Tier
from townlake.domain.value import Value


class SliceColumn(Value):
    """A visible column as the writer sees it."""

    name: str
    type: str
    comment: str = ""
    source_name: str = ""
    """What its source calls it, where that is another name."""
    is_key: bool = False
    references: str = ""
    """`schema.table.column` that it points to."""
    masked: bool = False
    matches: tuple[str, ...] = ()
    """Stored values that words of the question name. Only of columns whose values are open to the caller."""
    values: tuple[str, ...] = ()
    """Further stored values."""
    whole: bool = False
    """`matches` and `values` are all there are."""


class SliceTable(Value):
    """A table as the writer sees it."""

    table: TableRef
    columns: tuple[SliceColumn, ...]
    comment: str = ""
    tier: Tier = Tier.RAW
    row_count: int | None = None
    replaced_by: str = ""
    sampling: str = ""
    """In words, when the table holds only a share of the events."""
    parts: str = ""
    """In words, when each statement must bound what it reads of the table."""
    brief: bool = False
    """Shown on one line: it is among the less likely ones."""
    left_out: int = 0
    """Columns that did not fit."""
    place: int | None = None
    """Its place among the tables that were found, from 0; None for one that only joins them or lies beside them."""
    why: str = ""

    @property
    def label(self) -> str:
        """`schema.table`, as it is written in SQL."""
        return self.table.short


class SliceNote(Value):
    """Something that people wrote down and that bears on the question."""

    title: str
    text: str


class SchemaSlice(Value):
    """What is known about a question: tables of one or two schemas, and the notes on them."""

    tables: tuple[SliceTable, ...] = ()
    """Schema by schema, the likeliest first."""
    others: tuple[str, ...] = ()
    """Labels of tables that could be meant too, without their columns."""
    closed: tuple[TableRef, ...] = ()
    """Tables that seem to be meant and of which this caller sees no column."""
    metrics: tuple[SliceNote, ...] = ()
    queries: tuple[SliceNote, ...] = ()
    pages: tuple[SliceNote, ...] = ()
    terms: tuple[SliceNote, ...] = ()

    @property
    def found(self) -> tuple[SliceTable, ...]:
        """The tables that were found, the likeliest first."""
        placed = [(table.place, table) for table in self.tables if table.place is not None]
        return tuple(table for _, table in sorted(placed, key=lambda pair: pair[0]))
