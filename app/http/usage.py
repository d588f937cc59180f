"""What was used and what is left, over HTTP; and what callers think of answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.contract.usage import (
    FeedbackDays,
    FeedbackPage,
    ModelsUsed,
    RankedQuestions,
    Ranking,
    Usage,
    UsedCallers,
)
from app.contract.usage import Whose as Wanted
from app.http.callers import Verified, must_have, needs
from app.http.desk import Desk, desk_of
from app.http.identity.scopes import Scope
from app.runs.feedback import cursor_of
from app.usage.figures import first_moment, used_callers, used_models
from app.usage.ranking import ranked_questions
from app.usage.usage import usage_of
from app.usage.whose import ALL, ME, Whose, whose
from app.workspace import utc_now

router = APIRouter(prefix="/v1", tags=["usage"], dependencies=[needs(Scope.ASK)])
AtDesk = Annotated[Desk, Depends(desk_of)]
Days = Annotated[int, Query(ge=1, le=30, description="So many days of UTC, today included.")]
ForWhom = Annotated[
    Wanted,
    Query(description="`me`; for reviewers also `everybody`, `user:NAME` and `service:NAME`."),
]
Cursor = Annotated[str | None, Query(max_length=200)]


def _seen(wanted: str, identity: Verified, desk: Desk) -> Whose:
    if wanted != ME:
        must_have(Scope.REVIEW, identity)
    return whose(desk.workspace, identity.principal, wanted)


@router.get("/usage", response_model=Usage)
def usage(identity: Verified, desk: AtDesk, of: ForWhom = ME, days: Days = 7) -> Usage:
    """What was used, by day, and what is left of today's budgets."""
    return usage_of(desk.workspace, identity.principal, _seen(of, identity, desk), days)


@router.get("/usage/callers", response_model=UsedCallers)
def callers(
    identity: Verified, desk: AtDesk, days: Days = 7, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> UsedCallers:
    """For reviewers: what each person and each bot used, those who cost most first."""
    _seen(ALL, identity, desk)
    found = used_callers(desk.workspace.state, first_moment(utc_now().date(), days), limit + 1)
    return UsedCallers(callers=found[:limit], truncated=len(found) > limit)


@router.get("/usage/questions", response_model=RankedQuestions)
def questions(
    identity: Verified,
    desk: AtDesk,
    by: Ranking = Ranking.SECONDS,
    of: ForWhom = ME,
    days: Days = 7,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> RankedQuestions:
    """The slowest or dearest questions. Of others, reviewers are told all but the words."""
    seen, since = _seen(of, identity, desk), first_moment(utc_now().date(), days)
    found = ranked_questions(desk.workspace.state, identity.principal, seen, by, since, limit)
    return RankedQuestions(questions=found)


@router.get("/usage/models", response_model=ModelsUsed)
def models(identity: Verified, desk: AtDesk, of: ForWhom = ME, days: Days = 7) -> ModelsUsed:
    """What each model cost."""
    seen, since = _seen(of, identity, desk), first_moment(utc_now().date(), days)
    return ModelsUsed(models=used_models(desk.workspace.state, seen, since))


@router.get("/feedback", response_model=FeedbackPage)
def feedback(
    identity: Verified,
    desk: AtDesk,
    everybody: bool = False,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FeedbackPage:
    """What you said of answers, with your corrections, the newest first; for reviewers what everybody said."""
    if everybody:
        _seen(ALL, identity, desk)
    found = desk.feedback.list(limit + 1, None if everybody else identity.principal, cursor)
    page = found[:limit]
    return FeedbackPage(feedback=page, next_cursor=cursor_of(page[-1]) if len(found) > limit else None)


@router.get("/feedback/days", response_model=FeedbackDays)
def feedback_days(identity: Verified, desk: AtDesk, everybody: bool = False, days: Days = 30) -> FeedbackDays:
    """How many answers were right, by day."""
    if everybody:
        _seen(ALL, identity, desk)
    since = first_moment(utc_now().date(), days)
    return FeedbackDays(days=desk.feedback.by_day(since, None if everybody else identity.principal))
