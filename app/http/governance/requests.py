"""Requests for access and disputes over HTTP: asked by anybody, answered by a person who reviews."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, status

from app.contract.rights import AccessRequest, AccessRequests, RequestWish, Seen, Word
from app.http.callers import Caller, Verified, must_have, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.governance.rights import AtDesk, Decider, NumberPath, comes_as_reviewer
from app.http.identity.scopes import Scope
from app.http.repeats import Repeated
from app.news import answer_to, so_far
from app.review_asking import dispute, in_clear, request
from app.review_sight import sight
from app.workspace import Workspace
from townlake.domain.principal import Principal
from townlake.governance.review_records import Request

router = APIRouter(prefix="/v1/access-requests", tags=["access"])
_ASKING = [needs(Scope.CATALOG)]
_REVIEWING = [needs(Scope.REVIEW)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=AccessRequest, dependencies=_ASKING)
def ask(wish: RequestWish, identity: Verified, desk: AtDesk, repeats: Repeated) -> AccessRequest:
    """Ask for a table that you can find, or for a masked column in the clear; or dispute what one was taken for.

    Asked again, it is the same request.
    """
    workspace, caller = desk.workspace, identity.principal

    def work() -> AccessRequest:
        column = f"{wish.table}.{wish.column}"
        if wish.column is None:
            made = request(workspace, caller, wish.table, wish.reason)
        elif wish.in_clear:
            made = in_clear(workspace, caller, column, wish.reason, reviews=comes_as_reviewer(workspace, identity))
        else:
            made = dispute(workspace, caller, column, wish.reason, reviews=comes_as_reviewer(workspace, identity))
        return _mine(workspace, caller, made)

    return repeats.once(AccessRequest, wish, work)


@router.get("", response_model=AccessRequests, dependencies=_ASKING)
def requests(
    identity: Verified,
    desk: AtDesk,
    mine: Annotated[bool, Query(description="What you asked for; else what waits for whoever reviews.")] = True,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AccessRequests:
    """What you asked for and what became of it; or all that waits, to a reviewer, and to an owner of their tables."""
    workspace, caller = desk.workspace, identity.principal
    after = 0 if cursor is None else place_in(cursor, (int,))[0]
    if mine:
        found = [one for one in workspace.reviews.asked.of(caller) if one.id > after]
        page = tuple(_mine(workspace, caller, one) for one in found[:limit])
    else:
        must_have(Scope.REVIEW, identity)
        seen = sight(workspace, caller)
        found = [one for one in workspace.reviews.asked.open() if one.id > after and seen.has(one.table_uuid)]
        page = tuple(map(_told, found[:limit]))
    return AccessRequests(requests=page, next_cursor=cursor_of([page[-1].id]) if len(found) > limit else None)


@router.post("/seen", response_model=AccessRequests, dependencies=_ASKING)
def seen(read: Seen, caller: Caller, desk: AtDesk) -> AccessRequests:
    """Keep that you were told of answers to what you asked for, so that you are not told again."""
    workspace = desk.workspace
    own = [one for one in workspace.reviews.asked.of(caller) if one.id in set(read.ids)]
    answered = [one for one in own if answer_to(workspace, caller, one)]
    in_part = [one for one in own if one not in answered and so_far(workspace, caller, one)]
    workspace.reviews.asked.seen(answered)
    workspace.reviews.asked.seen_in_part(in_part)
    named = {one.id for one in own}
    told = [one for one in workspace.reviews.asked.of(caller) if one.id in named]
    return AccessRequests(requests=tuple(_mine(workspace, caller, one) for one in told))


@router.delete("/{number}", response_model=AccessRequest, dependencies=_ASKING)
def withdraw(number: NumberPath, caller: Caller, desk: AtDesk) -> AccessRequest:
    """Take back what you asked for. One that was answered stays as it is; taken back twice, it is taken back."""
    return _mine(desk.workspace, caller, desk.workspace.reviews.asked.withdraw(number, caller))


@router.post("/{number}/answer", response_model=AccessRequest, dependencies=_REVIEWING)
def answer(number: NumberPath, said: Word, by: Decider, desk: AtDesk, repeats: Repeated) -> AccessRequest:
    """Answer with a word what no decision and no grant will answer. Its asker is told."""
    asked = desk.workspace.reviews.asked
    return repeats.once(AccessRequest, said, lambda: _told(asked.answer(number, by, said.word)))


def _told(one: Request) -> AccessRequest:
    return AccessRequest(
        id=one.id,
        table=str(one.table),
        column=one.column,
        in_clear=one.wants_clear,
        asked_by=one.asked_by,
        reason=one.reason,
        at=one.at,
        closed_at=one.closed_at,
        answer=one.word,
        withdrawn=one.is_withdrawn,
    )


def _mine(workspace: Workspace, caller: Principal, one: Request) -> AccessRequest:
    """The same to its asker, with what became of it."""
    answer = answer_to(workspace, caller, one)
    part = "" if answer else so_far(workspace, caller, one)
    is_new = bool(answer or part) and (one.seen_at is None or (one.closed_at or one.seen_at) > one.seen_at)
    return _told(one).model_copy(update={"answer": answer, "so_far": part, "is_new": is_new})
