"""A run is written down, in the transaction of whoever accepts it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from agents.runs import person_of, subject_of
from app.contract.events import Event, EventType
from app.contract.runs import RunRequest, RunState
from app.runs.asked import Asked, kind_of, mode_of, thread_of
from app.runs.once import Once, remember, run_of
from app.runs.tables import SERVER_RUNS
from townlake.domain.errors import LimitExceeded
from townlake.domain.principal import Principal

OPEN: Final = (RunState.QUEUED.value, RunState.RUNNING.value)
AT_A_TIME: Final = "at_a_time"
"""The limit of questions of one person that are open."""


class Wanted(NamedTuple):
    """A question or a statement that somebody wants to have accepted."""

    run_id: str
    """Its name to be."""
    request: Asked
    principal: Principal
    """Who asks."""
    trace_id: str
    """The trace that it belongs to."""
    once: Once | None = None
    """Tells the request from others, so that it begins one run however often it is sent."""


def write_down(connection: sa.Connection, wanted: Wanted, most: int, server: str, now: datetime) -> Event | str:
    """Keep a run that begins. Whoever is refused has changed nothing.

    Args:
        connection: in a transaction that writes.
        wanted: what is asked.
        most: so many runs for one person may be open at a time.
        server: who works on it.
        now: the time.

    Returns:
        Its first event, which is yet to be kept; the id of the run, where the same request has begun one before.

    Raises:
        LimitExceeded: too many are open.
        Conflict: the key was used for another request.
    """
    run_id, request, principal, trace_id, once = wanted
    if once is not None and (known := run_of(connection, once, principal)) is not None:
        return known
    check_open(connection, principal, most)
    if once is not None:
        remember(connection, once, principal, run_id, now)
    first = Event(
        seq=1,
        run_id=run_id,
        trace_id=trace_id,
        type=EventType.RUN_STARTED,
        at=now,
        data=_told(request),
    )
    connection.execute(
        sa.insert(SERVER_RUNS).values(
            run_id=run_id,
            subject=subject_of(principal),
            person=person_of(principal),
            caller=principal.model_dump_json(),
            thread=thread_of(request),
            request=request.model_dump_json(),
            reply=None,
            trace_id=trace_id,
            status=RunState.QUEUED.value,
            ending="{}",
            accepted_at=now,
            ended_at=None,
            server=server,
            cancel_asked=False,
            kind=kind_of(request).value,
        )
    )
    return first


def _told(asked: Asked) -> dict[str, str | None]:
    words = {"question": asked.question} if isinstance(asked, RunRequest) else {"question": "", "sql": asked.sql}
    return {"kind": kind_of(asked).value, **words, "mode": mode_of(asked).value, "thread": thread_of(asked)}


def check_open(connection: sa.Connection, principal: Principal, most: int) -> None:
    """Refuse whoever has too many open runs.

    Raises:
        LimitExceeded: they have.
    """
    theirs = sa.and_(SERVER_RUNS.c.person == person_of(principal), SERVER_RUNS.c.status.in_(OPEN))
    if (connection.execute(sa.select(sa.func.count()).where(theirs)).scalar() or 0) >= most:
        raise LimitExceeded(
            f"{most} runs of yours are being worked on already.",
            limit=AT_A_TIME,
            hint="Wait for one of them, or stop one.",
        )
