"""Conversations: the questions of a thread together, as their caller finds and names them."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from agents.runs import person_of, subject_of
from app.contract.results import ThreadInfo
from app.contract.runs import RunKind
from app.runs.tables import SERVER_RUNS, THREAD_TITLES
from townlake.domain.errors import NotFound
from townlake.domain.principal import Principal
from townlake.state.store import reading, writing

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
        words: only those with a question, or a title, that has all of these words; letters beyond ASCII as they are
            written.
        before: the place of the last one that is known: only those after it.
        limit: so many at most.
    """
    with reading(state) as connection:
        wanted: tuple[sa.ColumnElement[bool], ...] = ()
        if words:
            wanted = (_has(words.split(), _question(connection), caller),)
        query, found = _listed(connection, caller, *wanted)
        if before is not None:
            place = sa.tuple_(sa.type_coerce(found.last_at, sa.String), found.name)
            query = query.where(place < sa.tuple_(*before))
        rows = connection.execute(query.order_by(found.last_at.desc(), found.name.desc()).limit(limit))
        return tuple(map(_told, rows))


def rename(state: sa.Engine, caller: Principal, name: str, title: str) -> ThreadInfo:
    """Call a conversation of a caller something else.

    Args:
        state: where runs are kept.
        caller: whose.
        name: of the conversation.
        title: empty to call it by its first question again.

    Raises:
        NotFound: there is none of that name that is theirs.
    """
    mine = {"subject": subject_of(caller), "person": person_of(caller), "name": name}
    with writing(state) as connection:
        connection.execute(sa.delete(THREAD_TITLES).filter_by(**mine))
        if title:
            connection.execute(sa.insert(THREAD_TITLES).values(**mine, title=title))
        query, _ = _listed(connection, caller, SERVER_RUNS.c.thread == name)
        row = connection.execute(query).first()
        if row is None:
            raise no_such_thread(name)
        return _told(row)


def no_such_thread(name: str) -> NotFound:
    """What a caller is told of a conversation that is not there, and of one that is somebody else's."""
    return NotFound(f"There is no conversation {name!r} of yours.", hint="GET /v1/threads lists them.")


def prune_titles(connection: sa.Connection) -> None:
    """Forget the titles of conversations of which no question is kept."""
    runs, titles = SERVER_RUNS.c, THREAD_TITLES.c
    # All at once: to look through the runs of its caller for each title takes minutes, while nobody else can write.
    kept = sa.select(runs.subject, runs.person, runs.thread).where(runs.thread.is_not(None))
    left = sa.select(titles.subject, titles.person, titles.name).except_(kept)
    connection.execute(sa.delete(THREAD_TITLES).where(sa.tuple_(titles.subject, titles.person, titles.name).in_(left)))


def _listed(
    connection: sa.Connection, caller: Principal, *wanted: sa.ColumnElement[bool]
) -> tuple[sa.Select[Any], Any]:
    """The conversations of a caller, and the columns of their questions."""
    runs, titles = SERVER_RUNS.c, THREAD_TITLES.c
    together = sa.func.row_number().over(partition_by=runs.thread, order_by=(runs.accepted_at, runs.run_id))
    theirs = (
        sa.select(
            runs.thread.label("name"),
            _question(connection).label("question"),
            together.label("nth"),
            sa.func.count().over(partition_by=runs.thread).label("count"),
            sa.func.max(runs.accepted_at).over(partition_by=runs.thread).label("last_at"),
        )
        .where(*_of(caller, runs), runs.kind == RunKind.QUESTION.value, runs.thread.is_not(None), *wanted)
        .subquery()
    )
    given = sa.and_(titles.name == theirs.c.name, *_of(caller, titles))
    query = sa.select(theirs, titles.title).join(THREAD_TITLES, given, isouter=True).where(theirs.c.nth == 1)
    return query, theirs.c


def _has(words: list[str], question: sa.ColumnElement[str], caller: Principal) -> sa.ColumnElement[bool]:
    """Whether a question of the conversation, or its title, has all of the words."""
    runs, titles = SERVER_RUNS.c, THREAD_TITLES.c
    asked = sa.select(runs.thread).where(
        *_of(caller, runs), *(question.icontains(word, autoescape=True) for word in words)
    )
    called = sa.select(titles.name).where(
        *_of(caller, titles), *(titles.title.icontains(word, autoescape=True) for word in words)
    )
    return sa.or_(runs.thread.in_(asked), runs.thread.in_(called))


def _of(caller: Principal, columns: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return columns.subject == subject_of(caller), columns.person == person_of(caller)


def _told(row: Any) -> ThreadInfo:
    return ThreadInfo(name=row.name, title=row.title or row.question, count=row.count, last_at=row.last_at)


def _question(connection: sa.Connection) -> sa.ColumnElement[str]:
    request = SERVER_RUNS.c.request
    # SQLite's casts know no JSON and its functions read text; PostgreSQL reads JSON only.
    is_text = connection.dialect.name == "sqlite"
    read = sa.type_coerce(request, sa.JSON) if is_text else sa.cast(request, sa.JSON)
    question: sa.ColumnElement[str] = read["question"].as_string()
    return question
