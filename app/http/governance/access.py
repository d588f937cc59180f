"""What a caller may read, incidents, and the figures of reviewing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.contract.rights import Inbox, IncidentList, IncidentPage, MyRights, ReviewFigures, Word
from app.http.callers import Caller, Verified, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.governance.rights import AtDesk, NumberPath, Reviewer, comes_as_reviewer
from app.http.identity.scopes import Scope
from app.http.repeats import Repeated
from app.inbox import inbox
from app.incidents import close_incident, incidents_in_sight, reads_as, responsible
from app.my_rights import rights_in
from app.review_stats import review_figures
from app.workspace import Workspace
from townlake.domain.principal import PrincipalKind
from townlake.governance.deciding import owns
from townlake.governance.incidents import Incident

router = APIRouter(prefix="/v1", tags=["access"])
_NAME = Query(max_length=400)
_REVIEWING = [needs(Scope.REVIEW)]


@router.get("/access", response_model=MyRights, dependencies=[needs(Scope.CATALOG)])
def access(
    caller: Caller,
    desk: AtDesk,
    readable: Annotated[bool | None, Query(description="Only tables that you may read, or may not.")] = None,
    cursor: Annotated[str | None, _NAME] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> MyRights:
    """Who you are to the lake, what you may read of each table whose name you may find, and why."""
    workspace, reviews = desk.workspace, desk.workspace.is_reviewer(caller)
    views = [
        view
        for view in workspace.lake.tables(caller)
        if (cursor is None or str(view.info.ref) > cursor) and readable in (None, bool(view.access.visible))
    ]
    views.sort(key=lambda view: str(view.info.ref))
    held = [grant for grant in workspace.grants.list() if grant.holds(workspace.grants.clock())]
    page = tuple(rights_in(caller, view, held) for view in views[:limit])
    return MyRights(
        subject=caller.subject,
        kind=caller.kind,
        groups=tuple(sorted(caller.groups)),
        on_behalf_of=caller.on_behalf_of,
        reviews=reviews,
        decides=reviews and caller.kind is PrincipalKind.USER and caller.on_behalf_of is None,
        owns=any(owns(caller, info) for info in workspace.catalog.tables()),
        tables=page,
        next_cursor=page[-1].table if len(views) > limit else None,
    )


@router.get("/inbox", response_model=Inbox, dependencies=[needs(Scope.CATALOG)])
def waiting(identity: Verified, desk: AtDesk) -> Inbox:
    """How much waits for you."""
    return inbox(desk.workspace, identity.principal, reviews=comes_as_reviewer(desk.workspace, identity))


@router.get("/incidents", response_model=IncidentList, dependencies=_REVIEWING)
def incidents(
    caller: Caller,
    desk: AtDesk,
    closed: Annotated[bool, Query(description="The closed ones, too.")] = False,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> IncidentList:
    """Columns with live credentials: to a reviewer all, to an owner those of their tables."""
    after = 0 if cursor is None else place_in(cursor, (int,))[0]
    found = [one for one in incidents_in_sight(desk.workspace, caller, closed_too=closed) if one.id > after]
    page = tuple(_incident(desk.workspace, one) for one in found[:limit])
    return IncidentList(incidents=page, next_cursor=cursor_of([page[-1].id]) if len(found) > limit else None)


@router.post("/incidents/{number}/close", response_model=IncidentPage, dependencies=_REVIEWING)
def close(number: NumberPath, said: Word, caller: Caller, desk: AtDesk, repeats: Repeated) -> IncidentPage:
    """Close an incident with a word on what was done: a reviewer, or the owner of the table; a person."""
    workspace = desk.workspace
    return repeats.once(
        IncidentPage, said, lambda: _incident(workspace, close_incident(workspace, caller, number, said.word))
    )


@router.get("/review-stats", response_model=ReviewFigures, dependencies=_REVIEWING)
def review_stats(reviewer: Reviewer, desk: AtDesk) -> ReviewFigures:
    """How long decisions take, how often proposals are overridden, and what is undone later. For reviewers."""
    return review_figures(desk.workspace)


def _incident(workspace: Workspace, one: Incident) -> IncidentPage:
    return IncidentPage(
        id=one.id,
        table=str(one.table),
        column=one.column,
        label=one.label,
        at=one.at,
        owner=responsible(workspace, one),
        now=reads_as(workspace, one),
        closed_at=one.closed_at,
        closed_by=one.closed_by,
        word=one.word,
    )
