"""Saved questions over HTTP: keep, share, look."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status
from starlette.concurrency import run_in_threadpool

from app.contract.saved import Cursor, SavedDraft, SavedId, SavedPage, SavedQuestion, SavedResult
from app.http.callers import Caller, Verified, must_have, needs
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.http.statements import told
from app.http.versions import GUARDED, IfMatch, etag, versions_of
from app.saved.pages import page_of, summary_of

if TYPE_CHECKING:
    from app.saved.questions import Kept
    from townlake.domain.principal import Principal

router = APIRouter(prefix="/v1/saved", tags=["saved"], dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=SavedQuestion)
def save(draft: SavedDraft, identity: Verified, response: Response, desk: AtDesk) -> SavedQuestion:
    """Save a question: the statement of a run of yours, or one of your own. It must pass for you.

    What a metric or a verified query answered is made anew at each reading, so that it moves with the date.
    """
    _may_write(draft, identity, desk)
    caller, saved = identity.principal, desk.saved
    kept = saved.shelf.add(saved.content_of(draft, caller), draft.sharing, caller)
    response.headers.update(etag(kept.version))
    return page_of(kept, (), saved.statement(kept, caller))


@router.get("", response_model=SavedPage)
def saved_questions(
    caller: Caller,
    desk: AtDesk,
    mine: Annotated[bool, Query(description="Only your own.")] = False,
    cursor: Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SavedPage:
    """Questions that are yours or shared with you, the newest first."""
    page, more = desk.saved.shelf.list(caller, mine=mine, cursor=cursor, limit=limit)
    return SavedPage(saved=tuple(map(summary_of, page)), next_cursor=more)


@router.get("/{saved_id}", response_model=SavedQuestion)
def saved_question(saved_id: SavedId, caller: Caller, response: Response, desk: AtDesk) -> SavedQuestion:
    """A saved question as you may see it, and whom to ask for what you may not."""
    kept = desk.saved.shelf.get(saved_id, caller)
    response.headers.update(etag(kept.version))
    return page_of(kept, desk.saved.closed(kept, caller), desk.saved.statement(kept, caller))


@router.put("/{saved_id}", response_model=SavedQuestion, responses=GUARDED)
def change(
    saved_id: SavedId,
    draft: SavedDraft,
    identity: Verified,
    response: Response,
    desk: AtDesk,
    if_match: IfMatch = None,
) -> SavedQuestion:
    """Put another one in the place of a saved question of yours."""
    _may_write(draft, identity, desk)
    caller, saved, versions = identity.principal, desk.saved, versions_of(if_match)
    saved.shelf.own(saved_id, caller, versions)
    kept = saved.shelf.replace(saved_id, caller, versions, saved.content_of(draft, caller), draft.sharing)
    response.headers.update(etag(kept.version))
    return page_of(kept, (), saved.statement(kept, caller))


@router.delete("/{saved_id}", status_code=status.HTTP_204_NO_CONTENT, responses=GUARDED)
def forget(saved_id: SavedId, caller: Caller, desk: AtDesk, if_match: IfMatch = None) -> None:
    """Delete a saved question of yours. Dashboards show an empty place for it."""
    desk.saved.shelf.delete(saved_id, caller, versions_of(if_match))


@router.get("/{saved_id}/result", response_model=SavedResult)
async def result(saved_id: SavedId, request: Request, caller: Caller, desk: AtDesk) -> SavedResult:
    """Its rows, read now with your rights. Where you may not read all of it, you are told whom to ask."""
    kept = await run_in_threadpool(desk.saved.shelf.get, saved_id, caller)
    return await shown(kept, request, caller, desk)


async def shown(kept: Kept, request: Request, caller: Principal, desk: Desk) -> SavedResult:
    """What a caller sees of a saved question. It is stopped when they hang up."""

    def look(stop: Event) -> SavedResult:
        seen = desk.saved.look(kept, caller, desk.workspace.limits, stop)
        result, chart = told(seen.verdict, seen.rows), kept.content.chart
        if chart is not None and chart.missing([column.name for column in result.columns]):
            chart = None
        return SavedResult(id=kept.id, name=kept.content.name, version=kept.version, chart=chart, result=result)

    return await desk.readings.while_connected(request, caller, look)


def _may_write(draft: SavedDraft, identity: Verified, desk: Desk) -> None:
    """What a statement reads is kept by what it takes to run one, also where another key ran it."""
    is_run = draft.run_id is not None and desk.asker.is_statement(draft.run_id, identity.principal)
    if draft.sql is not None or is_run:
        must_have(Scope.SQL, identity)
