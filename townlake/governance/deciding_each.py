"""What somebody wants a column to become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from townlake.domain.errors import BadInput
from townlake.domain.principal import Principal
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.deciding import is_unseen, is_unseen_and_grave, may_review
from townlake.governance.review_records import How, Review


class Wanted(NamedTuple):
    """One decision."""

    state: ReviewState
    mask: MaskMethod | None = None
    """For MASKED; the default of the label when None."""
    classification: Classification | None = None
    """What it holds; kept as it was when None."""
    note: str = ""
    how: How = How.ONE
    as_proposed: bool = False
    """With OPEN: whatever was proposed."""
    unscanned: bool = False
    """With `as_proposed`: open also what nothing is proposed for, since nobody knows what it holds."""


def how_of(columns: Sequence[str] | None, how: How) -> How:
    """In which way a decision comes about: what names no column is in bulk."""
    return How.BULK if columns is None and how is How.ONE else how


def must_be_possible(reviewer: Principal, table: TableInfo, wanted: Wanted, *, four_eyes: bool) -> None:
    """Check that somebody may decide this on a table, and that it can be.

    Raises:
        AccessDenied: they may not.
        BadInput: nothing becomes so by a decision.
    """
    may_review(reviewer, table, wanted.state, four_eyes=four_eyes)
    has_other_mask = wanted.mask is not None and wanted.state is not ReviewState.MASKED
    if wanted.state is ReviewState.STALE or has_other_mask:
        raise BadInput("A column is opened, masked with a method, denied, proposed or put back to pending.")


def must_be_known(table: TableInfo, column: ColumnInfo, before: Review | None, wanted: Wanted) -> None:
    """Check that nobody opens in passing what neither a scan nor a person said anything of.

    Args:
        table: the table.
        column: the column.
        before: what was decided or proposed before.
        wanted: the decision.

    Raises:
        BadInput: nothing is proposed that could be approved, or a grave name is to be opened without words.
    """
    if wanted.state is not ReviewState.OPEN or wanted.classification or not is_unseen(column, before):
        return
    name = f"{table.ref}.{column.name}"
    if wanted.as_proposed and not wanted.unscanned:
        raise BadInput(
            f"Nobody knows what {name} holds, so nothing is proposed that could be approved.",
            hint=f"Scan it: `skipper scan {table.ref}`. Or decide on it yourself: mask it, close it, or open it with a "
            f"reason (`skipper review override {name} --state open --reason TEXT`).",
        )
    if is_unseen_and_grave(column, before) and not wanted.note.strip():
        raise BadInput(
            f"{name} is called like a secret or a special category, and nobody scanned it: it is not opened without "
            "a reason.",
            hint=f"Scan it: `skipper scan {table.ref}`. Or say why it may be open.",
        )
