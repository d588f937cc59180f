"""What is worth knowing after a decision: what it opened without a look, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from townlake.domain.review import ReviewState

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.table import ColumnInfo, TableInfo
    from townlake.governance.review_records import Review


def needs_a_look(workspace: Workspace, info: TableInfo) -> bool:
    """Whether columns of a table are left that nobody opens in passing."""
    from townlake.governance.deciding import is_unseen, is_unsure

    return any(is_unsure(review) or is_unseen(column, review) for column, review in _waiting(workspace, info))


def must_be_known(workspace: Workspace, infos: Sequence[TableInfo], name: str) -> None:
    """Refuse to approve all of tables of which nobody knows anything: nothing of them is proposed.

    Args:
        workspace: the open workspace.
        infos: the tables.
        name: what they are called together: the table, or their schema.

    Raises:
        BadInput: columns wait, and no scan and no person said anything of any of them.
    """
    from townlake.domain.errors import BadInput
    from townlake.governance.deciding import is_unseen

    waiting = [one for info in infos for one in _waiting(workspace, info)]
    if not waiting or not all(is_unseen(*one) for one in waiting):
        return
    raise BadInput(
        f"Nobody knows what the waiting columns of {name} hold, so nothing is proposed that could be approved.",
        hint=f"Scan it: `skipper scan {name}`. Or decide on each column yourself; "
        f"`skipper review approve {name} --unscanned` opens them all the same.",
    )


def left_unscanned(workspace: Workspace, infos: Sequence[TableInfo]) -> list[str]:
    """The tables of which columns wait that nothing is proposed for, since nobody knows what they hold."""
    from townlake.governance.deciding import is_unseen

    return [str(info.ref) for info in infos if any(is_unseen(*one) for one in _waiting(workspace, info))]


def _waiting(workspace: Workspace, info: TableInfo) -> list[tuple[ColumnInfo, Review | None]]:
    """The columns of a table that nobody decided on, with what is held of each."""
    from townlake.governance.review_records import WAITING, state_of

    reviews = workspace.reviews.of(info.uuid)
    found = ((column, reviews.get(column.field_id)) for column in info.columns)
    return [one for one in found if state_of(*one) in WAITING]


def unscanned(done: Sequence[tuple[TableInfo, Sequence[Review]]]) -> list[str]:
    """The tables of which columns were opened that nobody had scanned or labelled."""
    return [
        str(info.ref) for info, made in done if any(r.state is ReviewState.OPEN and not r.classification for r in made)
    ]


def look_personal(made: Sequence[Review]) -> list[str]:
    """The columns that anybody with a grant now reads in the clear and that look personal."""
    from townlake.governance.labels import looks_personal

    return [
        review.column
        for review in made
        if review.state is ReviewState.OPEN
        and looks_personal(review.column, review.classification.label if review.classification else "")
    ]
