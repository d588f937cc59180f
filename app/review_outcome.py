"""What is worth knowing after a decision: what it opened without a look, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from townlake.domain.review import ReviewState

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.table import TableInfo
    from townlake.governance.review_records import Review


def needs_a_look(workspace: Workspace, info: TableInfo) -> bool:
    """Whether columns of a table are left that nobody opens in passing."""
    from townlake.governance.deciding import is_unseen_and_grave, is_unsure
    from townlake.governance.review_records import WAITING, state_of

    reviews = workspace.reviews.of(info.uuid)
    found = ((column, reviews.get(column.field_id)) for column in info.columns)
    return any(
        state_of(column, review) in WAITING and (is_unsure(review) or is_unseen_and_grave(column, review))
        for column, review in found
    )


def unscanned(workspace: Workspace, done: Sequence[tuple[TableInfo, Sequence[Review]]]) -> list[str]:
    """The tables of which columns were opened that nobody had scanned or labelled."""
    opened = [info for info, made in done if any(r.state is ReviewState.OPEN and not r.classification for r in made)]
    known = workspace.scans.of_tables([info.uuid for info in opened]) if opened else {}
    return [str(info.ref) for info in opened if info.uuid not in known]


def look_personal(made: Sequence[Review]) -> list[str]:
    """The columns that anybody with a grant now reads in the clear and that look personal."""
    from townlake.governance.labels import looks_personal

    return [
        review.column
        for review in made
        if review.state is ReviewState.OPEN
        and looks_personal(review.column, review.classification.label if review.classification else "")
    ]
