"""What callers think of answers: for whoever measures them, and for the next set of questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from agents.runs import person_of, subject_of
from app.contract.results import Feedback, GivenFeedback
from app.runs.journal import Kept
from app.runs.tables import FEEDBACK
from townlake.domain.principal import Principal
from townlake.state.store import reading, writing


class FeedbackBook:
    """The newest word of each caller on each of their runs."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def put(self, run: Kept, caller: Principal, said: Feedback) -> GivenFeedback:
        """Keep what a caller says of a run of theirs, in place of what they said before."""
        row = {
            "person": person_of(caller),
            "question": run.request.question,
            "verdict": said.verdict,
            "comment": said.comment,
            "corrected_sql": said.corrected_sql,
            "at": self._clock(),
        }
        here = sa.and_(FEEDBACK.c.run_id == run.run_id, FEEDBACK.c.subject == subject_of(caller))
        with writing(self._state) as connection:
            if connection.execute(sa.update(FEEDBACK).where(here).values(row)).rowcount == 0:
                row |= {"run_id": run.run_id, "subject": subject_of(caller)}
                connection.execute(sa.insert(FEEDBACK).values(row))
        return GivenFeedback(run_id=run.run_id, question=run.request.question, at=row["at"], **said.model_dump())

    def list(self, limit: int) -> tuple[GivenFeedback, ...]:
        """The newest of all callers."""
        query = sa.select(FEEDBACK).order_by(FEEDBACK.c.at.desc(), FEEDBACK.c.run_id).limit(limit)
        with reading(self._state) as connection:
            rows = connection.execute(query).all()
        return tuple(
            GivenFeedback(
                run_id=row.run_id,
                question=row.question,
                verdict=row.verdict,
                comment=row.comment,
                corrected_sql=row.corrected_sql,
                at=row.at,
            )
            for row in rows
        )
