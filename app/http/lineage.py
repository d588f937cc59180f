"""Lineage over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.contract.lineage import Direction, LineageGraph
from app.http.callers import Caller, needs
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.lineage_graph import graph_of
from app.tables import findable_table

router = APIRouter(prefix="/v1/lineage", tags=["catalog"], dependencies=[needs(Scope.CATALOG)])


@router.get("/{table}", response_model=LineageGraph)
async def lineage(
    table: Annotated[str, Path(max_length=400, description="`schema.table` or `catalog.schema.table`.")],
    caller: Caller,
    desk: Annotated[Desk, Depends(desk_of)],
    direction: Direction = Direction.BOTH,
    depth: Annotated[int, Query(ge=1, le=20, description="So many steps at most.")] = 3,
) -> LineageGraph:
    """What a table was made from and what is made from it, with the tables that you may know of, 200 at most."""

    def look() -> LineageGraph:
        view = findable_table(desk.workspace, table, caller)
        return graph_of(desk.workspace, caller, view, direction, depth)

    return await desk.readings.read(caller, look)
