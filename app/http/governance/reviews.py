"""Reviews over HTTP: what waits, what is known of it, and who decided what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.contract.reviews import ReviewChange, ReviewHistory, ReviewQueue, TableToReview
from app.http.callers import Caller, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.governance.rights import AtDesk, TablePath, table_in_sight
from app.http.identity.scopes import Scope
from app.review_facts import to_review
from app.review_listing import Wish, counts_of, listed, waiting_tables
from townlake.domain.errors import NotFound
from townlake.domain.review import ReviewState
from townlake.governance.review_queue import place_of

router = APIRouter(prefix="/v1/reviews", tags=["reviews"], dependencies=[needs(Scope.REVIEW)])
_PLACE = (bool, int, bool, float, str)
_ColumnQuery = Annotated[str | None, Query(max_length=128)]


@router.get("", response_model=ReviewQueue)
def queue(
    caller: Caller,
    desk: AtDesk,
    schema: Annotated[str | None, Query(max_length=128)] = None,
    state: ReviewState | None = None,
    label: Annotated[str | None, Query(max_length=128)] = None,
    tier: Annotated[int | None, Query(ge=0, le=4)] = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ReviewQueue:
    """What waits for a person, the most urgent first: for a reviewer all of it, for an owner their own tables."""
    entries = listed(desk.workspace, caller, Wish(schema, state, label, tier))
    after = None if cursor is None else place_in(cursor, _PLACE)
    left = [entry for entry in entries if after is None or place_of(entry) > after]
    page = left[:limit]
    return ReviewQueue(
        tables=waiting_tables(desk.workspace, caller, page),
        counts=counts_of(entries),
        next_cursor=cursor_of(place_of(page[-1])) if len(left) > limit else None,
    )


@router.get("/{table}", response_model=TableToReview)
def table(
    table: TablePath,
    caller: Caller,
    desk: AtDesk,
    waiting: Annotated[bool, Query(description="Only columns that wait or are disputed.")] = False,
    cursor: _ColumnQuery = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> TableToReview:
    """What is known of a table's columns, what is proposed, and who would read what. No value of it is quoted."""
    info, others_too = table_in_sight(desk.workspace, caller, table)
    return to_review(desk.workspace, caller, info, others_too=others_too, waiting=waiting, after=cursor, most=limit)


@router.get("/{table}/history", response_model=ReviewHistory)
def history(
    table: TablePath,
    caller: Caller,
    desk: AtDesk,
    column: _ColumnQuery = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ReviewHistory:
    """Who decided what about a table or a column, and why, the newest first."""
    info, _ = table_in_sight(desk.workspace, caller, table)
    found = desk.workspace.reviews.history(info, column)
    # None is ever taken away, so that the number of older ones is a place.
    end = len(found) if cursor is None else place_in(cursor, (int,))[0]
    if not 0 <= end <= len(found):
        raise NotFound("Nothing is that old.", hint="Begin again without a cursor.")
    start = max(0, end - limit)
    changes = tuple(
        ReviewChange(
            **each.model_dump(exclude={"table", "table_uuid", "field_id", "classification"}),
        )
        for each in reversed(found[start:end])
    )
    return ReviewHistory(changes=changes, next_cursor=cursor_of([start]) if start else None)
