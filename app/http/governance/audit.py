"""The audit over HTTP."""

from __future__ import annotations

import threading
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime

from app.audit_look import page_of, statement_of
from app.contract.audit import AuditPage, ChainLook, ChainReport, ChainState, StatementAudit
from app.http.callers import Caller, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.governance.rights import AtDesk, Reviewer
from app.http.identity.scopes import Scope
from app.http.problems import Refusal
from app.workspace import Workspace, utc_now
from townlake.domain.names import TableRef
from townlake.governance.audit_entries import Wanted

router = APIRouter(prefix="/v1/audit", tags=["audit"], dependencies=[needs(Scope.REVIEW)])
_NAME = Query(max_length=300)
_LOOKING = threading.Lock()
"""A look through the chain takes a processor for as long as it lasts: one at a time."""


@router.get("", response_model=AuditPage)
async def entries(
    caller: Caller,
    desk: AtDesk,
    user: Annotated[str, _NAME] = "",
    table: Annotated[str | None, Query(max_length=400)] = None,
    kind: Annotated[str, Query(max_length=64, description="A kind of entry, or how it begins: `grant`.")] = "",
    query_id: Annotated[str, Query(max_length=64)] = "",
    since: Annotated[AwareDatetime | None, Query(description="The first moment.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="The first moment that is too late.")] = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> AuditPage:
    """Entries, the newest first: to a reviewer all, to others what they did, and what was done on their behalf."""
    about = None if table is None else TableRef.parse(table)
    before = None if cursor is None else place_in(cursor, (int,))[0]
    wanted = Wanted(user=user, kind=kind, about=about, query_id=query_id, since=since, until=until)
    # A look through entries takes as long as a statement may.
    page, older = await desk.readings.read(caller, lambda: page_of(desk.workspace, caller, wanted, before, limit))
    return page.model_copy(update={"next_cursor": None if older is None else cursor_of([older])})


@router.get("/chain", response_model=ChainState)
def chain(reviewer: Reviewer, desk: AtDesk, request: Request) -> ChainState:
    """The end of the chain, and what the last look of this server through all of it gave. For reviewers."""
    return ChainState(head=desk.workspace.audit.head(), last=getattr(request.app.state, "chain_report", None))


@router.post("/chain", response_model=ChainReport)
async def look(asked: ChainLook, reviewer: Reviewer, desk: AtDesk, request: Request) -> ChainReport:
    """Prove that no entry was changed, taken out, moved or cut off, or say where. For reviewers; one at a time."""
    if not _LOOKING.acquire(blocking=False):
        raise Refusal(429, "The chain is being looked through.", hint="Wait for it.", headers={"Retry-After": "10"})
    try:
        report = await desk.readings.read(reviewer, lambda: _verified(desk.workspace, asked))
    finally:
        _LOOKING.release()
    request.app.state.chain_report = report
    return report


@router.get("/statements/{query_id}", response_model=StatementAudit)
async def statement(query_id: Annotated[str, Path(max_length=64)], caller: Caller, desk: AtDesk) -> StatementAudit:
    """One statement: what was asked, what was read, what became of it, and why it was allowed."""
    return await desk.readings.read(caller, lambda: statement_of(desk.workspace, caller, query_id))


def _verified(workspace: Workspace, asked: ChainLook) -> ChainReport:
    found = workspace.audit.verify(asked.head)
    return ChainReport(
        at=utc_now(),
        sound=found.sound,
        entries=found.entries,
        head=found.head,
        findings=found.findings,
        unfinished=len(found.unfinished),
    )
