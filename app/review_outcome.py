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
    from townlake.governance.deciding import is_unseen, is_unsure
    from townlake.governance.review_records import WAITING, state_of

    reviews = workspace.reviews.of(info.uuid)
    found = ((column, reviews.get(column.field_id)) for column in info.columns)
    return any(
        state_of(column, review) in WAITING and (is_unsure(review) or is_unseen(column, review))
        for column, review in found
    )


def must_be_known(workspace: Workspace, info: TableInfo) -> None:
    """Refuse to approve all of a table of which nobody knows anything: nothing of it is proposed.

    Raises:
        BadInput: no scan and no person said anything of any column that waits.
    """
    from townlake.domain.errors import BadInput
    from townlake.governance.deciding import is_unseen
    from townlake.governance.review_records import WAITING, state_of

    reviews = workspace.reviews.of(info.uuid)
    found = ((column, reviews.get(column.field_id)) for column in info.columns)
    waiting = [one for one in found if state_of(*one) in WAITING]
    if waiting and all(is_unseen(*one) for one in waiting):
        raise BadInput(
            f"Nobody knows what {info.ref} holds, so nothing is proposed that could be approved.",
            hint=f"Scan it: `skipper scan {info.ref}`. Or decide on each column yourself; "
            f"`skipper review approve {info.ref} --unscanned` opens them all the same.",
        )


def left_unscanned(workspace: Workspace, infos: Sequence[TableInfo]) -> list[str]:
    """The tables of which columns wait that nothing is proposed for, since nobody knows what they hold."""
    from townlake.governance.deciding import is_unseen
    from townlake.governance.review_records import WAITING, state_of

    def waits(info: TableInfo) -> bool:
        reviews = workspace.reviews.of(info.uuid)
        found = ((column, reviews.get(column.field_id)) for column in info.columns)
        return any(state_of(*one) in WAITING and is_unseen(*one) for one in found)

    return [str(info.ref) for info in infos if waits(info)]


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
