"""Conversations: the questions of a thread together, as their caller finds them again."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from agents.runs import person_of, subject_of
from app.contract.results import ThreadInfo
from app.contract.runs import RunKind
from app.runs.tables import SERVER_RUNS
from townlake.domain.principal import Principal
from townlake.state.store import reading

PLACE: Final = (str, str)
"""Of a conversation in the list: the time of its last question, as text that sorts, and its name."""


def place_of(thread: ThreadInfo) -> tuple[str, str]:
    """Where a conversation stands in the list."""
    return thread.last_at.isoformat(timespec="microseconds"), thread.name


def threads(
    state: sa.Engine, caller: Principal, words: str, before: tuple[str, str] | None, limit: int
) -> tuple[ThreadInfo, ...]:
    """Conversations of a caller, the latest first.

    Args:
        state: where runs are kept.
        caller: whose.
        words: only those with a question that has all of these words; letters beyond ASCII as they are written.
        before: the place of the last one that is known: only those after it.
        limit: so many at most.
    """
    runs = SERVER_RUNS.c
    with reading(state) as connection:
        question = _question(connection)
        together = sa.func.row_number().over(partition_by=runs.thread, order_by=(runs.accepted_at, runs.run_id))
        theirs = (
            sa.select(
                runs.thread.label("name"),
                question.label("title"),
                together.label("nth"),
                sa.func.count().over(partition_by=runs.thread).label("count"),
                sa.func.max(runs.accepted_at).over(partition_by=runs.thread).label("last_at"),
            )
            .where(runs.subject == subject_of(caller), runs.person == person_of(caller))
            .where(runs.kind == RunKind.QUESTION.value, runs.thread.is_not(None))
        )
        if words:
            each = [question.icontains(word, autoescape=True) for word in words.split()]
            has_words = sa.select(runs.thread).where(runs.person == person_of(caller), *each)
            theirs = theirs.where(runs.thread.in_(has_words))
        found = theirs.subquery()
        query = sa.select(found).where(found.c.nth == 1)
        if before is not None:
            place = sa.tuple_(sa.type_coerce(found.c.last_at, sa.String), found.c.name)
            query = query.where(place < sa.tuple_(*before))
        rows = connection.execute(query.order_by(found.c.last_at.desc(), found.c.name.desc()).limit(limit))
        return tuple(ThreadInfo(name=row.name, title=row.title, count=row.count, last_at=row.last_at) for row in rows)


def _question(connection: sa.Connection) -> sa.ColumnElement[str]:
    request = SERVER_RUNS.c.request
    # SQLite's casts know no JSON and its functions read text; PostgreSQL reads JSON only.
    is_text = connection.dialect.name == "sqlite"
    read = sa.type_coerce(request, sa.JSON) if is_text else sa.cast(request, sa.JSON)
    question: sa.ColumnElement[str] = read["question"].as_string()
    return question
