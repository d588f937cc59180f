"""Who may do what here, besides what each registry checks itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from app.http.callers import Caller
from app.http.desk import Desk, desk_of
from app.http.identity.identity import Identity
from app.http.identity.scopes import Scope
from app.review_sight import within_sight
from app.tables import find_table
from app.workspace import Workspace
from townlake.domain.principal import Principal
from townlake.domain.table import TableInfo
from townlake.governance.deciding import may_decide

AtDesk = Annotated[Desk, Depends(desk_of)]
TablePath = Annotated[str, Path(max_length=400, description="`schema.table` or `catalog.schema.table`.")]
NumberPath = Annotated[int, Path(ge=1, le=2**31 - 1)]


def deciding(caller: Caller, desk: AtDesk) -> Principal:
    """A caller who decides: a person, for themselves, and a reviewer.

    Raises:
        AccessDenied: they are not.
    """
    may_decide(caller)
    return desk.workspace.reviewer(caller)


def reviewing(caller: Caller, desk: AtDesk) -> Principal:
    """A caller who sees what is for reviewers; a service may.

    Raises:
        AccessDenied: they are no reviewer.
    """
    return desk.workspace.reviewer(caller)


Decider = Annotated[Principal, Depends(deciding)]
Reviewer = Annotated[Principal, Depends(reviewing)]


def comes_as_reviewer(workspace: Workspace, identity: Identity) -> bool:
    """Whether somebody is a reviewer, and what they sent opens what is for reviewers."""
    return Scope.REVIEW in identity.scopes and workspace.is_reviewer(identity.principal)


def table_in_sight(workspace: Workspace, caller: Principal, name: str) -> tuple[TableInfo, bool]:
    """A table whose reviews a caller may see, and whether they may see those of others, too.

    Raises:
        AccessDenied: it is not theirs, or is not there, which is not told apart.
        NotFound: a reviewer named what is not there.
    """
    others_too = within_sight(workspace, caller, lambda: [find_table(workspace, name)])
    return find_table(workspace, name), others_too
