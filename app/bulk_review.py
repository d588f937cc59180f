"""What may be opened without looking at each column: the clearest of what Skimmer recommends to open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from townlake.domain.errors import AccessDenied
from townlake.domain.review import ReviewState
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.governance.deciding import is_clear, may_review
from townlake.governance.review_records import How, Review

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


class ClearColumn(Value):
    """A column that may be opened in bulk, and why."""

    table: str
    column: str
    label: str
    personal: float
    """Probability that it is personal."""
    evidence: tuple[str, ...]


def clear_columns(workspace: Workspace, info: TableInfo) -> list[ClearColumn]:
    """The columns of a table that are clear enough."""
    below, reviews = workspace.settings.review_open_below, workspace.reviews.of(info.uuid)
    found = []
    for column in info.columns:
        review = reviews.get(column.field_id)
        held = review.classification if review and is_clear(review, below) else None
        if held is not None:
            found.append(
                ClearColumn(
                    table=str(info.ref),
                    column=column.name,
                    label=held.label,
                    personal=held.confidence,
                    evidence=held.evidence,
                )
            )
    return found


def open_clear(workspace: Workspace, reviewer: Principal, info: TableInfo, note: str) -> tuple[Review, ...]:
    """Open what is clear in a table; each column is judged again in the transaction that opens it."""
    s = workspace.settings
    return workspace.reviews.decide(
        reviewer,
        info,
        None,
        ReviewState.OPEN,
        note=note,
        four_eyes=s.four_eyes,
        below=s.review_open_below,
        how=How.BULK,
    )


def own_tables(workspace: Workspace, reviewer: Principal, tables: Iterable[TableInfo]) -> list[TableInfo]:
    """Those that are for somebody else to open."""
    found = []
    for info in tables:
        try:
            may_review(reviewer, info, ReviewState.OPEN, four_eyes=workspace.settings.four_eyes)
        except AccessDenied:
            found.append(info)
    return found
