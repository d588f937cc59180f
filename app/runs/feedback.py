"""What callers think of answers: for whoever measures them, and for the next set of questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import sqlalchemy as sa

from agents.runs import person_of, subject_of
from app.contract.results import Feedback, GivenFeedback
from app.contract.usage import FeedbackDay, FeedbackEntry
from app.runs.asked import words_of
from app.runs.journal import Kept, no_such_run
from app.runs.tables import FEEDBACK, SERVER_RUNS
from app.usage.names import caller_name
from townlake.domain.errors import BadInput
from townlake.domain.principal import Principal
from townlake.state.store import reading, writing


class FeedbackBook:
    """The newest word of each caller on each of their runs."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def put(self, run: Kept, caller: Principal, said: Feedback) -> GivenFeedback:
        """Keep what a caller says of a run of theirs, in place of what they said before.

        Raises:
            NotFound: they deleted it meanwhile.
        """
        row = {
            "person": person_of(caller),
            "question": words_of(run.request),
            "verdict": said.verdict,
            "comment": said.comment,
            "corrected_sql": said.corrected_sql,
            "at": self._clock(),
        }
        here = sa.and_(FEEDBACK.c.run_id == run.run_id, FEEDBACK.c.subject == subject_of(caller))
        with writing(self._state) as connection:
            is_kept = sa.select(SERVER_RUNS.c.run_id).where(SERVER_RUNS.c.run_id == run.run_id)
            if connection.execute(is_kept).first() is None:
                raise no_such_run(run.run_id)
            if connection.execute(sa.update(FEEDBACK).where(here).values(row)).rowcount == 0:
                row |= {"run_id": run.run_id, "subject": subject_of(caller)}
                connection.execute(sa.insert(FEEDBACK).values(row))
        return GivenFeedback(run_id=run.run_id, question=words_of(run.request), at=row["at"], **said.model_dump())

    def list(self, limit: int, caller: Principal | None = None, before: str | None = None) -> tuple[FeedbackEntry, ...]:
        """The newest.

        Args:
            limit: so many at most.
            caller: what this caller said only; of everybody when None.
            before: the cursor of the last one that is known: only those that are older.

        Raises:
            BadInput: it is no cursor.
        """
        # Of what its caller deleted, the verdict is counted, and there is nothing to read.
        query = (
            sa.select(FEEDBACK)
            .where(FEEDBACK.c.question != "")
            .order_by(FEEDBACK.c.at.desc(), FEEDBACK.c.run_id.desc())
            .limit(limit)
        )
        if before is not None:
            at, run_id = _read_cursor(before)
            query = query.where(sa.or_(FEEDBACK.c.at < at, sa.and_(FEEDBACK.c.at == at, FEEDBACK.c.run_id < run_id)))
        with reading(self._state) as connection:
            rows = connection.execute(query.where(*_of(caller))).all()
        return tuple(
            FeedbackEntry(
                run_id=row.run_id,
                question=row.question,
                verdict=row.verdict,
                comment=row.comment,
                corrected_sql=row.corrected_sql,
                at=row.at,
                by=caller_name(row.subject),
            )
            for row in rows
        )

    def by_day(self, since: datetime, caller: Principal | None = None) -> tuple[FeedbackDay, ...]:
        """How answers were judged by day, the newest first; by one caller, or by everybody when None."""
        day = sa.func.substr(sa.type_coerce(FEEDBACK.c.at, sa.String), 1, 10)
        counted = sa.func.count().label("counted"), sa.func.count(FEEDBACK.c.corrected_sql).label("corrected")
        query = sa.select(day.label("day"), FEEDBACK.c.verdict, *counted).where(FEEDBACK.c.at >= since, *_of(caller))
        found: dict[str, dict[str, int]] = {}
        with reading(self._state) as connection:
            for row in connection.execute(query.group_by(day, FEEDBACK.c.verdict)):
                sums = found.setdefault(row.day, {"right": 0, "wrong": 0, "corrected": 0})
                sums[row.verdict] += row.counted
                sums["corrected"] += row.corrected
        return tuple(
            FeedbackDay(day=date.fromisoformat(at), right_share=round(s["right"] / (s["right"] + s["wrong"]), 4), **s)
            for at, s in sorted(found.items(), reverse=True)
        )


def cursor_of(entry: FeedbackEntry) -> str:
    """What gives those that are older than this one."""
    return f"{entry.at.isoformat()}~{entry.run_id}"


def _read_cursor(text: str) -> tuple[datetime, str]:
    at, _, run_id = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput("This is no cursor.", hint="Take `next_cursor` of the page before.")
    return moment, run_id


def _of(caller: Principal | None) -> tuple[sa.ColumnElement[bool], ...]:
    if caller is None:
        return ()
    return FEEDBACK.c.person == person_of(caller), FEEDBACK.c.subject == subject_of(caller)
