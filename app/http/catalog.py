"""The catalog over HTTP: search, lists, and the page of a table."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from app.askable import askable_by
from app.contract.catalog import (
    Found,
    FoundTable,
    MetricList,
    MetricPage,
    Namespace,
    NamespaceList,
    TableList,
    TablePage,
    TableQuestions,
)
from app.contract.results import SqlResult
from app.http.callers import Caller, needs
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.http.sampling import read_sample
from app.metric_page import metric_list, metric_page, metrics_called
from app.table_page import table_page, whole_page
from app.table_questions import table_questions
from app.tables import findable_table
from tools.search_catalog import Arguments
from tools.search_catalog import act as search_catalog
from townlake.domain.table import TableInfo

router = APIRouter(prefix="/v1/catalog", tags=["catalog"], dependencies=[needs(Scope.CATALOG)])
AtDesk = Annotated[Desk, Depends(desk_of)]
_NAME = Query(max_length=400)
_PATH = Path(max_length=400, description="`schema.table` or `catalog.schema.table`.")


@router.get("/search", response_model=Found)
def search(caller: Caller, desk: AtDesk, text: Annotated[str, Query(min_length=1, max_length=500)]) -> Found:
    """Tables and metrics that you may read, by what they are about."""
    told = search_catalog(Arguments(text=text), desk.asker.hands(caller))
    tables = tuple(FoundTable.model_validate(table, from_attributes=True) for table in told.tables)
    return Found(tables=tables, metrics=told.metrics, truncated=told.truncated)


@router.get("/tables", response_model=TableList)
def tables(
    caller: Caller,
    desk: AtDesk,
    namespace: Annotated[str | None, _NAME] = None,
    name: Annotated[str | None, Query(max_length=400, description="Only those with this in their name.")] = None,
    words: Annotated[
        str, Query(max_length=400, description="Only those with all of these words in their name or description.")
    ] = "",
    columns: Annotated[bool, Query(description="Whether their columns are told, too.")] = True,
    cursor: Annotated[str | None, _NAME] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TableList:
    """All tables whose names you may find, by name; of closed ones there is whom to ask."""
    wanted = words.casefold().split()
    views = [
        view
        for view in desk.workspace.lake.tables(caller)
        if (namespace is None or view.info.ref.namespace == namespace.lower())
        and (name is None or name.strip().lower() in str(view.info.ref))
        and _has(view.info, wanted)
        and (cursor is None or str(view.info.ref) > cursor)
    ]
    views.sort(key=lambda view: str(view.info.ref))
    page = tuple(map(table_page, views[:limit]))
    if not columns:
        page = tuple(table.model_copy(update={"columns": ()}) for table in page)
    return TableList(tables=page, next_cursor=page[-1].table if len(views) > limit else None)


@router.get("/namespaces", response_model=NamespaceList)
def namespaces(caller: Caller, desk: AtDesk) -> NamespaceList:
    """The schemas of the tables whose names you may find, and how many tables each has."""
    found = Counter(view.info.ref.namespace for view in desk.workspace.lake.tables(caller))
    return NamespaceList(namespaces=tuple(Namespace(name=name, tables=found[name]) for name in sorted(found)))


@router.get("/tables/{name}", response_model=TablePage)
async def table(name: Annotated[str, _PATH], caller: Caller, desk: AtDesk) -> TablePage:
    """A table with its columns, keys, owner, masks and freshness, as you may see it."""
    return await desk.readings.read(
        caller, lambda: whole_page(desk.workspace, findable_table(desk.workspace, name, caller), caller)
    )


@router.get("/tables/{name}/sample", response_model=SqlResult, dependencies=[needs(Scope.SQL)])
async def sample(
    name: Annotated[str, _PATH],
    request: Request,
    caller: Caller,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> SqlResult:
    """Some rows of a table as you may see it. It is a statement of yours: audited, and counted."""
    return await desk.readings.while_connected(
        request, caller, lambda stop: read_sample(desk, name, limit, caller, stop)
    )


@router.get("/tables/{name}/questions", response_model=TableQuestions)
async def questions(
    name: Annotated[str, _PATH],
    caller: Caller,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> TableQuestions:
    """What a table answers: verified queries that you can run, and questions of yours that were answered from it."""
    return await desk.readings.read(
        caller, lambda: table_questions(desk.workspace, findable_table(desk.workspace, name, caller), caller, limit)
    )


@router.get("/metrics", response_model=MetricList)
async def metrics(caller: Caller, desk: AtDesk) -> MetricList:
    """Metrics and verified queries that you can ask without a model."""
    return await desk.readings.read(caller, lambda: metric_list(askable_by(desk.workspace, caller)))


@router.get("/metrics/{name}", response_model=MetricPage)
async def metric(
    name: Annotated[str, Path(max_length=200, description="Its name, its title or a synonym.")],
    caller: Caller,
    desk: AtDesk,
) -> MetricPage:
    """A metric that you can ask. One that is not there and one that you cannot ask are not told apart."""

    def look() -> MetricPage:
        found = askable_by(desk.workspace, caller)
        called = metrics_called(name, found)[0]
        return metric_page(called, found.left_out[called.name])

    return await desk.readings.read(caller, look)


def _has(table: TableInfo, words: list[str]) -> bool:
    text = f"{table.ref} {table.comment}".casefold() if words else ""
    return all(word in text for word in words)
