"""Conversations over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.contract.results import ThreadPage
from app.contract.value import NO_NUL
from app.http.callers import Caller, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.runs.threads import PLACE, place_of
from app.runs.threads import threads as found_threads

router = APIRouter(prefix="/v1/threads", tags=["runs"], dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]
Words = Annotated[
    str, Query(max_length=200, pattern=NO_NUL, description="Only conversations with a question that has these words.")
]


@router.get("", response_model=ThreadPage)
def threads(
    caller: Caller,
    desk: AtDesk,
    words: Words = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ThreadPage:
    """Your conversations, the latest first, each named by its first question."""
    before = None if cursor is None else place_in(cursor, PLACE)
    found = found_threads(desk.workspace.state, caller, words.strip(), before, limit + 1)
    page = found[:limit]
    return ThreadPage(threads=page, next_cursor=cursor_of(place_of(page[-1])) if len(found) > limit else None)
