"""The questions that took most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from agents.question_uses import NO_QUESTIONS
from agents.runs import RUNS, person_of, subject_of
from app.contract.usage import RankedQuestion, Ranking
from app.usage.figures import of_runs
from app.usage.names import caller_name
from townlake.governance.tables import RUN_READS
from townlake.state.store import reading

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from app.usage.whose import Whose
    from townlake.domain.principal import Principal

_SHOWN = (
    RUNS.c.run_id,
    RUNS.c.question,
    RUNS.c.conversation_id,
    RUNS.c.subject,
    RUNS.c.person,
    RUNS.c.asked_at,
    RUNS.c.status,
    RUNS.c.seconds,
    RUNS.c.cost_usd,
    RUNS.c.tokens,
)


def ranked_questions(
    state: sa.Engine, caller: Principal, who: Whose, by: Ranking, since: datetime, limit: int
) -> tuple[RankedQuestion, ...]:
    """Those that took most, the worst first.

    Args:
        state: the database.
        caller: who is told: of their own questions, the words and the conversation, too.
        who: whose questions.
        by: what they took.
        since: when they were asked at the earliest.
        limit: so many at most. What took nothing is left out.
    """
    with reading(state) as connection:
        ranked = _by_bytes(who, since) if by is Ranking.BYTES else _by_runs(who, by, since)
        names = connection.execute(ranked.limit(limit)).scalars().all()
        runs = {row.run_id: row for row in connection.execute(sa.select(*_SHOWN).where(RUNS.c.run_id.in_(names)))}
        read = sa.select(RUN_READS.c.run_id, RUN_READS.c.bytes).where(RUN_READS.c.run_id.in_(names))
        sizes = {row.run_id: int(row.bytes) for row in connection.execute(read)}
    return tuple(_told(runs[name], sizes.get(name), caller) for name in names if name in runs)


def _by_runs(who: Whose, by: Ranking, since: datetime) -> sa.Select[Any]:
    took = RUNS.c.seconds if by is Ranking.SECONDS else RUNS.c.cost_usd
    query = sa.select(RUNS.c.run_id).where(*of_runs(who, since), took > 0)
    return query.order_by(took.desc(), RUNS.c.run_id)


def _by_bytes(who: Whose, since: datetime) -> sa.Select[Any]:
    """By what was read; whose run it is, the runs tell."""
    order = sa.select(RUN_READS.c.run_id).where(RUN_READS.c.bytes > 0, RUN_READS.c.day >= since.date().isoformat())
    if who.person_kept is not None and who.kind:
        order = order.where(RUN_READS.c.kind == who.kind, RUN_READS.c.subject == who.subject)
    mine = order.join(RUNS, RUNS.c.run_id == RUN_READS.c.run_id).where(RUNS.c.status.not_in(NO_QUESTIONS))
    if who.person_kept is not None:
        mine = mine.where(RUNS.c.person == who.person_kept)
    if who.subject_kept is not None:
        mine = mine.where(RUNS.c.subject == who.subject_kept)
    return mine.order_by(RUN_READS.c.bytes.desc(), RUN_READS.c.run_id)


def _told(row: Any, size: int | None, caller: Principal) -> RankedQuestion:
    is_own = (row.subject, row.person) == (subject_of(caller), person_of(caller))
    return RankedQuestion(
        run_id=row.run_id,
        question=(row.question or None) if is_own else None,
        thread=row.conversation_id if is_own else None,
        caller=caller_name(row.person),
        asked_at=row.asked_at,
        status=row.status,
        seconds=round(row.seconds, 4),
        usd=round(row.cost_usd, 6),
        tokens=row.tokens,
        bytes=size,
    )
