"""Grants and row filters over HTTP: seen by whom they concern, changed by a person who reviews."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from app.contract.rights import (
    GrantList,
    GrantMade,
    GrantPage,
    GrantWish,
    RowFilterList,
    RowFilterPage,
    RowFilterWish,
)
from app.granting import add_grant, grants_in_sight, nothing_there
from app.http.callers import Caller, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.governance.rights import AtDesk, Decider, NumberPath, table_in_sight
from app.http.identity.scopes import Scope
from app.http.repeats import Repeated
from app.review_sight import sight
from app.tables import find_table
from app.workspace import Workspace
from townlake.governance.grants import Grant, covering
from townlake.governance.row_filters import RowFilter

router = APIRouter(prefix="/v1", tags=["access"], dependencies=[needs(Scope.REVIEW)])
_Limit = Annotated[int, Query(ge=1, le=500)]
_TableQuery = Annotated[str | None, Query(max_length=400, description="Only what covers this table.")]


@router.get("/grants", response_model=GrantList)
def grants(
    caller: Caller,
    desk: AtDesk,
    mine: Annotated[bool, Query(description="Only those of tables that you or your group own.")] = False,
    table: _TableQuery = None,
    cursor: Cursor = None,
    limit: _Limit = 100,
) -> GrantList:
    """The grants, also those that have ended: to a reviewer all, to an owner those of their tables."""
    workspace = desk.workspace
    found = grants_in_sight(workspace, caller, mine=mine)
    if table is not None:
        patterns = covering(table_in_sight(workspace, caller, table)[0].ref)
        found = [grant for grant in found if grant.pattern in patterns]
    after = ("", "") if cursor is None else place_in(cursor, (str, str))
    left = [grant for grant in found if (grant.pattern, grant.group) > after]
    left.sort(key=lambda grant: (grant.pattern, grant.group))
    page = left[:limit]
    return GrantList(
        grants=tuple(_grant(workspace, grant) for grant in page),
        next_cursor=cursor_of([page[-1].pattern, page[-1].group]) if len(left) > limit else None,
    )


@router.post("/grants", status_code=status.HTTP_201_CREATED, response_model=GrantMade)
def grant(wish: GrantWish, by: Decider, desk: AtDesk, repeats: Repeated) -> GrantMade:
    """Let a group read, as far as columns were reviewed. One of the same tables to the same group is replaced."""
    workspace = desk.workspace

    def work() -> GrantMade:
        before = workspace.grants.of(wish.tables, wish.group)
        made = add_grant(workspace, by, wish.tables, wish.group, until=wish.until, unmask=wish.unmask)
        return GrantMade(
            grant=_grant(workspace, made),
            before=None if before is None else _grant(workspace, before),
            note=nothing_there(made.pattern, [info.ref for info in workspace.catalog.tables()]),
        )

    return repeats.once(GrantMade, wish, work)


@router.delete("/grants/{number}", response_model=GrantPage)
def take_back(number: NumberPath, by: Decider, desk: AtDesk) -> GrantPage:
    """Take a grant back. It holds from the next statement on."""
    return _grant(desk.workspace, desk.workspace.grants.remove(number, by=by))


@router.get("/row-filters", response_model=RowFilterList)
def row_filters(
    caller: Caller, desk: AtDesk, table: _TableQuery = None, cursor: Cursor = None, limit: _Limit = 100
) -> RowFilterList:
    """The filters: to a reviewer all, to an owner those of their tables."""
    workspace, seen = desk.workspace, sight(desk.workspace, caller)
    uuid = None if table is None else table_in_sight(workspace, caller, table)[0].uuid
    after = 0 if cursor is None else place_in(cursor, (int,))[0]
    found = [
        one
        for one in workspace.row_filters.list()
        if one.id > after and seen.has(one.table_uuid) and uuid in (None, one.table_uuid)
    ]
    page = tuple(map(_row_filter, found[:limit]))
    return RowFilterList(row_filters=page, next_cursor=cursor_of([page[-1].id]) if len(found) > limit else None)


@router.post("/row-filters", status_code=status.HTTP_201_CREATED, response_model=RowFilterPage)
def narrow(wish: RowFilterWish, by: Decider, desk: AtDesk, repeats: Repeated) -> RowFilterPage:
    """Let a group see only the rows for which a predicate is true, whatever other groups its members are in."""
    workspace = desk.workspace
    return repeats.once(
        RowFilterPage,
        wish,
        lambda: _row_filter(
            workspace.row_filters.add(find_table(workspace, wish.table), wish.group, wish.where, by=by)
        ),
    )


@router.delete("/row-filters/{number}", response_model=RowFilterPage)
def widen(number: NumberPath, by: Decider, desk: AtDesk) -> RowFilterPage:
    """Take a filter away, so that its group sees all rows. That is for somebody else than the owner."""
    workspace = desk.workspace
    tables, four_eyes = workspace.catalog.tables(), workspace.settings.four_eyes
    return _row_filter(workspace.row_filters.remove(number, by=by, tables=tables, four_eyes=four_eyes))


def _grant(workspace: Workspace, one: Grant) -> GrantPage:
    return GrantPage(
        id=one.id,
        tables=one.pattern,
        group=one.group,
        unmask=one.unmask,
        until=one.until,
        granted_by=one.granted_by,
        at=one.at,
        holds=one.holds(workspace.grants.clock()),
    )


def _row_filter(one: RowFilter) -> RowFilterPage:
    return RowFilterPage(
        id=one.id, table=str(one.table), group=one.group, where=one.predicate, added_by=one.added_by, at=one.at
    )
