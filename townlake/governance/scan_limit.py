"""Whether a statement would read more than it may, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from townlake.domain.finding import Finding, Severity
from townlake.domain.names import TableRef
from townlake.governance.table_view import TableView

UNKNOWN_SIZE: Final = 2**60
"""What a table counts whose size nobody knows; no database could add up more."""
_MADE_UP: Final = "_generated"
"""The schema that Trino names where another source filters, joins or counts for it."""


def scan_finding(
    reads: Sequence[tuple[TableRef, int]],
    most: int | None,
    row_filtered: Collection[TableRef],
    view: Callable[[TableRef], TableView | None],
) -> Finding | None:
    """The finding of a statement that would read too much; None of one that may run.

    Args:
        reads: the tables that it would read, with the bytes of each.
        most: how many bytes it may read.
        row_filtered: tables of which the caller sees only some rows: how large they are is not told.
        view: a table as the caller sees it.
    """
    total = sum(size for _, size in reads)
    if most is None or total <= most:
        return None
    secret = is_secret(reads, row_filtered)
    much = "more" if secret else size_words(total)
    return Finding(
        code="LIM001",
        severity=Severity.ERROR,
        message=f"The statement would read {much}{' than' if secret else ', and one may read'} {size_words(most)}.",
        hint=advice(reads, row_filtered, view),
    )


def is_secret(reads: Sequence[tuple[TableRef, int]], row_filtered: Collection[TableRef]) -> bool:
    """True when the sizes would tell of rows that the caller does not see."""
    # A source that does a part itself is told by a made-up name: it may stand for any table of it.
    sources = {ref.catalog for ref in row_filtered if ref.is_federated}
    return any(ref in row_filtered or ref.catalog in sources for ref, _ in reads)


def advice(
    reads: Sequence[tuple[TableRef, int]],
    row_filtered: Collection[TableRef],
    view: Callable[[TableRef], TableView | None],
) -> str:
    """Where most of the reading is, and what would help."""
    if not reads:
        return ""
    table, size = max(reads, key=lambda read: read[1])
    what = f"in {table.catalog}" if table.namespace == _MADE_UP else str(table)
    secret = is_secret(reads, row_filtered)
    share = f"Most of it is {what}." if secret else f"{size_words(size)} of it are {what}."
    return f"{share} {_advice(view(table))}"


def _advice(view: TableView | None) -> str:
    """Which filter would help most: one on a day, by which large tables usually lie in order."""
    columns = () if view is None else view.info.columns
    days = [column.name for column in columns if column.type == "date" or column.type.startswith("timestamp")]
    if days:
        return f"Filter on {' or '.join(days[:3])}, or name fewer columns."
    return "Filter its rows, or name fewer columns."


def size_words(size: int) -> str:
    """A size in words.

    A megabyte is 2**20 bytes, as in the settings and in Trino's.

    >>> size_words(5 * 2**29), size_words(3 * 2**20), size_words(7)
    ('2.5 GB', '3 MB', '7 bytes')
    """
    if size >= UNKNOWN_SIZE:
        return "an unknown amount"
    if size >= 2**30:
        return f"{size / 2**30:.4g} GB"
    return f"{size // 2**20} MB" if size >= 2**20 else f"{size} bytes"
