"""Limits over HTTP, and statements that wait for an approval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, status

from app.contract.rights import (
    ApprovalDecision,
    ApprovalList,
    ApprovalPage,
    GivenLimit,
    LimitList,
    LimitWish,
)
from app.default_limits import default_allowances, megabytes
from app.http.callers import Verified, needs
from app.http.cursors import Cursor, cursor_of, place_in
from app.http.governance.rights import AtDesk, Decider, NumberPath, Reviewer, comes_as_reviewer
from app.http.identity.identity import Identity
from app.http.identity.scopes import Scope
from app.http.repeats import Repeated
from app.workspace import Workspace
from townlake.domain.allowance import Allowance
from townlake.domain.errors import NotFound
from townlake.domain.principal import Principal
from townlake.governance.allowances import GivenAllowance
from townlake.governance.approvals import Approval, asked_by
from townlake.governance.deciding import part_in

router = APIRouter(prefix="/v1", tags=["limits"])
_REVIEWING = [needs(Scope.REVIEW)]
_ASKING = [needs(Scope.SQL)]
_Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/limits", response_model=LimitList, dependencies=_REVIEWING)
def limits(reviewer: Reviewer, desk: AtDesk, cursor: Cursor = None, limit: _Limit = 100) -> LimitList:
    """What the settings let everybody take, and who has limits of their own. For reviewers."""
    after = ("", "") if cursor is None else place_in(cursor, (str, str))
    found = [each for each in desk.workspace.allowances.list() if (each.kind.value, each.name) > after]
    found.sort(key=lambda each: (each.kind.value, each.name))
    page = found[:limit]
    defaults = default_allowances(desk.workspace.settings)
    return LimitList(
        settings={kind.value: allowance for kind, allowance in defaults.items()},
        given=tuple(map(_limit, page)),
        next_cursor=cursor_of([page[-1].kind.value, page[-1].name]) if len(found) > limit else None,
    )


@router.post("/limits", status_code=status.HTTP_201_CREATED, response_model=GivenLimit, dependencies=_REVIEWING)
def give(wish: LimitWish, by: Decider, desk: AtDesk, repeats: Repeated) -> GivenLimit:
    """Give limits to a user, a service or a group, in place of all that it has. Nobody gives them to themselves."""
    allowances, four_eyes = desk.workspace.allowances, desk.workspace.settings.four_eyes
    return repeats.once(
        GivenLimit, wish, lambda: _limit(allowances.add(wish.who, wish.limits, by=by, four_eyes=four_eyes))
    )


@router.delete("/limits", response_model=GivenLimit, dependencies=_REVIEWING)
def take_back(who: Annotated[str, Query(min_length=1, max_length=300)], by: Decider, desk: AtDesk) -> GivenLimit:
    """Take limits back: what groups and settings say holds from the next statement on."""
    return _limit(desk.workspace.allowances.remove(who, by=by, four_eyes=desk.workspace.settings.four_eyes))


@router.get("/approvals", response_model=ApprovalList, dependencies=_ASKING)
def approvals(identity: Verified, desk: AtDesk, cursor: Cursor = None, limit: _Limit = 100) -> ApprovalList:
    """Statements that wait for an approval, and approvals that are good: to a reviewer all, to others their own."""
    after = 0 if cursor is None else place_in(cursor, (int,))[0]
    every = (each for each in desk.workspace.approvals.list() if each.id > after)
    found = [each for each in every if _sees(desk.workspace, identity, each)]
    page = _approvals(desk.workspace, identity.principal, found[:limit])
    return ApprovalList(approvals=page, next_cursor=cursor_of([page[-1].id]) if len(found) > limit else None)


@router.get("/approvals/{number}", response_model=ApprovalPage, dependencies=_ASKING)
def approval(number: NumberPath, identity: Verified, desk: AtDesk) -> ApprovalPage:
    """A statement over a limit, whatever became of it."""
    found = desk.workspace.approvals.get(number)
    if not _sees(desk.workspace, identity, found):
        raise NotFound(f"There is no request {number} that waits.", hint="`skipper approve list` shows all.")
    return _approvals(desk.workspace, identity.principal, [found])[0]


@router.post("/approvals/{number}/decision", response_model=ApprovalPage, dependencies=_REVIEWING)
def decision(number: NumberPath, said: ApprovalDecision, by: Decider, desk: AtDesk, repeats: Repeated) -> ApprovalPage:
    """Let a statement run, or say no, which takes an approval back. Nobody approves what they asked for."""
    workspace = desk.workspace

    def work() -> ApprovalPage:
        if said.verdict == "deny":
            return _approvals(workspace, by, [workspace.approvals.deny(number, by=by)])[0]
        made = workspace.approvals.approve(
            number,
            by=by,
            tables=workspace.catalog.tables(),
            runs=said.runs,
            bounds=Allowance(
                scan_bytes=megabytes(said.scan_mb), seconds=said.seconds, memory_bytes=megabytes(said.memory_mb)
            ),
            four_eyes=workspace.settings.four_eyes,
        )
        return _approvals(workspace, by, [made])[0]

    return repeats.once(ApprovalPage, said, work)


def _sees(workspace: Workspace, identity: Identity, one: Approval) -> bool:
    asked, caller = one.caller, identity.principal
    mine = (caller.kind, caller.subject, caller.on_behalf_of)
    return (asked.kind, asked.subject, asked.on_behalf_of) == mine or comes_as_reviewer(workspace, identity)


def _limit(given: GivenAllowance) -> GivenLimit:
    return GivenLimit(who=given.who, limits=given.allowance, set_by=given.set_by, at=given.at)


def _approvals(workspace: Workspace, caller: Principal, found: Sequence[Approval]) -> tuple[ApprovalPage, ...]:
    """Requests as one caller is told of them."""
    needs_another = workspace.settings.four_eyes and bool(found) and workspace.is_reviewer(caller)
    known = {table.uuid: table for table in workspace.catalog.tables()} if needs_another else {}
    reviewers = tuple(sorted(workspace.settings.reviewers))

    def yours(one: Approval) -> str:
        if not needs_another:
            return ""
        if asked_by(one, caller):
            return "asked"
        parts = (part_in(caller, known[uuid]) for uuid in one.tables if uuid in known)
        return next(filter(None, parts), "")

    return tuple(_approval(one, reviewers, yours(one)) for one in found)


def _approval(one: Approval, reviewers: tuple[str, ...], yours: str) -> ApprovalPage:
    return ApprovalPage(
        id=one.id,
        statement=one.statement,
        asked_by=one.caller.subject,
        on_behalf_of=one.caller.on_behalf_of,
        tables=tuple(one.tables.values()),
        codes=one.codes,
        estimate_bytes=one.estimate,
        asked_at=one.asked_at,
        state=one.state.value,
        decided_by=one.decided_by,
        until=one.until,
        runs_left=one.runs_left,
        limits=one.bounds,
        reviewers=reviewers,
        yours=yours,
    )
