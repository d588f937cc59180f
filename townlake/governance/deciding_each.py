"""What somebody wants a column to become."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from townlake.domain.errors import BadInput
from townlake.domain.principal import Principal
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.deciding import may_review
from townlake.governance.review_records import How


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
