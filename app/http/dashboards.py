"""Dashboards over HTTP: keep, arrange, share, look tile by tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from starlette.concurrency import run_in_threadpool

from app.contract.dashboards import MOST_TILES, Dashboard, DashboardDraft, DashboardPage
from app.contract.saved import Cursor, SavedId, SavedResult
from app.http.callers import Caller, needs
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.http.saved import shown
from app.http.versions import GUARDED, IfMatch, etag, versions_of
from app.saved.dashboards import summary_of

if TYPE_CHECKING:
    from app.saved.questions import Kept

router = APIRouter(prefix="/v1/dashboards", tags=["saved"], dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]
TileNumber = Annotated[int, Path(ge=1, le=MOST_TILES, description="From 1 on, as the dashboard tells.")]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=Dashboard)
def make(draft: DashboardDraft, caller: Caller, response: Response, desk: AtDesk) -> Dashboard:
    """Make a dashboard of saved questions that are yours or shared with you. Tiles are packed."""
    kept = desk.dashboards.add(draft, caller)
    response.headers.update(etag(kept.version))
    return desk.dashboards.page(kept, caller)


@router.get("", response_model=DashboardPage)
def dashboards(
    caller: Caller,
    desk: AtDesk,
    mine: Annotated[bool, Query(description="Only your own.")] = False,
    cursor: Cursor | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DashboardPage:
    """Dashboards that are yours or shared with you, the newest first."""
    page, more = desk.dashboards.shelf.list(caller, mine=mine, cursor=cursor, limit=limit)
    return DashboardPage(dashboards=tuple(map(summary_of, page)), next_cursor=more)


@router.get("/{dashboard_id}", response_model=Dashboard)
def dashboard(dashboard_id: SavedId, caller: Caller, response: Response, desk: AtDesk) -> Dashboard:
    """The layout, and of each tile whether you may see it, and whom to ask if not. No rows: each tile gives its own."""
    kept = desk.dashboards.shelf.get(dashboard_id, caller)
    response.headers.update(etag(kept.version))
    return desk.dashboards.page(kept, caller)


@router.put("/{dashboard_id}", response_model=Dashboard, responses=GUARDED)
def arrange(
    dashboard_id: SavedId,
    draft: DashboardDraft,
    caller: Caller,
    response: Response,
    desk: AtDesk,
    if_match: IfMatch = None,
) -> Dashboard:
    """Put another one in the place of a dashboard of yours. Tiles are packed."""
    kept = desk.dashboards.replace(dashboard_id, draft, caller, versions_of(if_match))
    response.headers.update(etag(kept.version))
    return desk.dashboards.page(kept, caller)


@router.delete("/{dashboard_id}", status_code=status.HTTP_204_NO_CONTENT, responses=GUARDED)
def remove(dashboard_id: SavedId, caller: Caller, desk: AtDesk, if_match: IfMatch = None) -> None:
    """Delete a dashboard of yours. The questions on it stay."""
    desk.dashboards.shelf.delete(dashboard_id, caller, versions_of(if_match))


@router.get("/{dashboard_id}/tiles/{number}", response_model=SavedResult)
async def tile(
    dashboard_id: SavedId, number: TileNumber, request: Request, caller: Caller, desk: AtDesk
) -> SavedResult:
    """The rows of a tile, read now with your rights. Four at a time, a few wait: 429 says when to ask again."""

    def find() -> Kept:
        kept = desk.dashboards.shelf.get(dashboard_id, caller)
        return desk.dashboards.question(kept, number, caller)

    return await shown(await run_in_threadpool(find), request, caller, desk)
