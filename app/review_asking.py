"""What whoever reads asks of whoever reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.tables import find_table, findable_table
from townlake.domain.errors import BadInput, NotFound
from townlake.domain.names import ColumnRef
from townlake.governance.review_records import IN_CLEAR

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.governance.review_records import Request


def request(workspace: Workspace, caller: Principal, table: str, reason: str) -> Request:
    """Ask for a table to be reviewed, or to be let in.

    Raises:
        NotFound: there is none that the caller can find.
    """
    findable_table(workspace, table, caller)
    return workspace.reviews.request(caller, find_table(workspace, table), reason)


def in_clear(workspace: Workspace, caller: Principal, column: str, reason: str, *, reviews: bool) -> Request:
    """Ask for a masked column in the clear; the arguments are those of a dispute.

    Raises:
        BadInput: there is no reason.
        NotFound: there is no such column that the caller sees.
    """
    if not reason.removeprefix(IN_CLEAR).strip():
        raise BadInput("To ask for values needs a reason.", hint="Say what for, without quoting values.")
    return dispute(workspace, caller, column, IN_CLEAR + reason.removeprefix(IN_CLEAR), reviews=reviews)


def dispute(workspace: Workspace, caller: Principal, column: str, reason: str, *, reviews: bool) -> Request:
    """Say that a column holds something else than it was taken for.

    Args:
        workspace: the home.
        caller: somebody who sees the column, or a reviewer.
        column: its full name.
        reason: what is wrong with it.
        reviews: whether they come as a reviewer, who knows of closed columns, too.

    Raises:
        BadInput: there is no reason.
        NotFound: there is no such column that the caller sees.
    """
    if not reason.strip():
        raise BadInput("A dispute needs a reason.", hint="Say what is wrong, without quoting values.")
    ref = ColumnRef.parse(column)
    view = findable_table(workspace, str(ref.table), caller)
    info = find_table(workspace, str(ref.table))
    seen = {each.name for each in view.info.columns}
    found = info.column(ref.column)
    if found is None or not (reviews or ref.column in seen):
        raise NotFound(
            f"You see no column {ref.column} of {info.ref}.",
            hint=f"`skipper tables {info.ref.short}` shows those that you see; what is closed needs no dispute.",
        )
    return workspace.reviews.asked.ask(caller, info, reason, found)
