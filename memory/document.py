"""What is indexed, as text, and what a caller must see for it to be found."""

from __future__ import annotations

from enum import StrEnum

from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.value import Value


class Kind(StrEnum):
    """What a document describes."""

    TABLE = "table"
    COLUMN = "column"
    METRIC = "metric"
    QUERY = "query"
    PAGE = "page"
    TERM = "term"


class Document(Value):
    """One thing that can be found.

    The text of a table holds nothing of its columns: each column is a document of its own, so that a caller is
    answered from exactly the columns that exist for them.
    """

    kind: Kind
    name: str
    """What it is called where it lives: a column's name, a metric's name, a table's full name."""
    title: str
    """Words that name it: they weigh more than the rest."""
    text: str = ""
    """Words that describe it."""
    context: str = ""
    """Words that its vector needs and its keywords do not: a column's table."""
    tables: tuple[TableRef, ...] = ()
    """The tables that it speaks of: a hit raises them."""
    reads: tuple[TableRef, ...] = ()
    """Tables of which at least one column must exist for the caller."""
    sees: tuple[ColumnRef, ...] = ()
    """Columns that must exist for the caller."""

    @property
    def meaning(self) -> str:
        """The text whose vector is indexed."""
        named = f"{self.context} {self.title}".strip()
        return f"{named}: {self.text}" if self.text else named
