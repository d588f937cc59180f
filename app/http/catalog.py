"""The catalog over HTTP: search, lists, and the page of a table."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.contract.catalog import Found, FoundTable, TableList, TablePage
from app.http.callers import Caller, needs
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.table_page import table_page
from app.tables import findable_table
from tools.registry import call_tool

router = APIRouter(prefix="/v1/catalog", tags=["catalog"], dependencies=[needs(Scope.CATALOG)])
AtDesk = Annotated[Desk, Depends(desk_of)]
_NAME = Query(max_length=400)
_PATH = Path(max_length=400, description="`schema.table` or `catalog.schema.table`.")


@router.get("/search", response_model=Found)
def search(caller: Caller, desk: AtDesk, text: Annotated[str, Query(min_length=1, max_length=500)]) -> Found:
    """Tables and metrics that you may read, by what they are about."""
    told = call_tool("search_catalog", {"text": text}, desk.asker.hands(caller)).model_dump()
    tables = tuple(FoundTable.model_validate(table) for table in told["tables"])
    return Found(tables=tables, metrics=told["metrics"], truncated=told["truncated"])


@router.get("/tables", response_model=TableList)
def tables(
    caller: Caller,
    desk: AtDesk,
    namespace: Annotated[str | None, _NAME] = None,
    cursor: Annotated[str | None, _NAME] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TableList:
    """All tables whose names you may find, by name; of closed ones there is whom to ask."""
    views = [
        view
        for view in desk.workspace.lake.tables(caller)
        if (namespace is None or view.info.ref.namespace == namespace.lower())
        and (cursor is None or str(view.info.ref) > cursor)
    ]
    views.sort(key=lambda view: str(view.info.ref))
    page = tuple(map(table_page, views[:limit]))
    return TableList(tables=page, next_cursor=page[-1].table if len(views) > limit else None)


@router.get("/tables/{name}", response_model=TablePage)
def table(name: Annotated[str, _PATH], caller: Caller, desk: AtDesk) -> TablePage:
    """A table with its columns, keys, owner, masks and freshness, as you may see it."""
    return table_page(findable_table(desk.workspace, name, caller))
