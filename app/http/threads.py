"""Conversations over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, status

from app.contract.results import ThreadInfo, ThreadPage, ThreadTitle
from app.contract.runs import ThreadName
from app.contract.value import NO_NUL
from app.http.callers import Caller, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.http.versions import PROBLEM
from app.runs.forgetting import forget
from app.runs.threads import PLACE, place_of, rename
from app.runs.threads import threads as found_threads

router = APIRouter(prefix="/v1/threads", tags=["runs"], dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]
_BUSY: Final[dict[int | str, dict[str, Any]]] = {
    409: {"description": "A question of it is being answered.", "content": PROBLEM}
}
Words = Annotated[
    str,
    Query(
        max_length=200,
        pattern=NO_NUL,
        description="Only conversations with a question, or a title, that has these words.",
    ),
]


@router.get("", response_model=ThreadPage)
def threads(
    caller: Caller,
    desk: AtDesk,
    words: Words = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ThreadPage:
    """Your conversations, the latest first, each with its title: yours, or its first question."""
    before = None if cursor is None else place_in(cursor, PLACE)
    found = found_threads(desk.workspace.state, caller, words.strip(), before, limit + 1)
    page = found[:limit]
    return ThreadPage(threads=page, next_cursor=cursor_of(place_of(page[-1])) if len(found) > limit else None)


@router.patch("/{name:path}", response_model=ThreadInfo)
def entitle(name: ThreadName, said: ThreadTitle, caller: Caller, desk: AtDesk) -> ThreadInfo:
    """Give a conversation of yours a title, or its first question again. Its name stays."""
    return rename(desk.workspace.state, caller, name, said.title or "")


@router.delete("/{name:path}", status_code=status.HTTP_204_NO_CONTENT, responses=_BUSY)
def delete(name: ThreadName, caller: Caller, desk: AtDesk) -> None:
    """Delete a conversation of yours, with every word of it.

    While a question of it is being answered, it is refused. What stays: that questions were asked, when, how they
    ended, what they took and how they were judged, all without words; the audit, with the statements that ran; what
    you saved of it; and statements that a reviewer was asked to approve, for 31 days.
    """
    forget(desk.workspace.state, desk.asker, caller, name)
