"""Runs are written down, in the transaction of whoever accepts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from agents.runs import person_of, subject_of
from app.contract.events import Event, EventType
from app.contract.runs import RunRequest, RunState
from app.runs.asked import Asked, kind_of, mode_of, thread_of
from app.runs.once import Conflict, Once, remember, run_of
from app.runs.tables import SERVER_RUNS
from townlake.domain.errors import LimitExceeded, SkipperError
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


def write_down(
    connection: sa.Connection, wanted: Sequence[Wanted], most: int, server: str, now: datetime
) -> list[Event | str | SkipperError]:
    """Keep runs that begin. Whoever is refused has changed nothing.

    Args:
        connection: in a transaction that writes.
        wanted: what is asked.
        most: so many runs for one person may be open at a time.
        server: who works on them.
        now: the time.

    Returns:
        For each its first event, which is yet to be kept; the id of the run, where the same request has begun one
        before; or why it is refused: `LimitExceeded` when too many are open, `Conflict` when the key was used for
        another request.
    """
    # A statement for all of them: building one takes longer than to run it.
    is_open: Counter[str] = Counter()
    came: list[Event | str | SkipperError] = []
    rows = []
    for each in wanted:
        try:
            first = _first_of(connection, each, most, is_open, now)
        except (LimitExceeded, Conflict) as error:
            came.append(error)
            continue
        if isinstance(first, Event):
            rows.append(_row(each, server, now))
        came.append(first)
    if rows:
        connection.execute(sa.insert(SERVER_RUNS), rows)
    return came


def _first_of(
    connection: sa.Connection, wanted: Wanted, most: int, is_open: Counter[str], now: datetime
) -> Event | str:
    """The first event of a run that may begin; the id of the run, where the same request has begun it."""
    run_id, request, principal, trace_id, once = wanted
    if once is not None and (known := run_of(connection, once, principal)) is not None:
        return known
    person = person_of(principal)
    if person not in is_open:
        is_open[person] = open_runs(connection, principal)
    check_open(is_open[person], most)
    is_open[person] += 1
    if once is not None:
        remember(connection, once, principal, run_id, now)
    return Event(
        seq=1,
        run_id=run_id,
        trace_id=trace_id,
        type=EventType.RUN_STARTED,
        at=now,
        data=_told(request),
    )


def _told(asked: Asked) -> dict[str, str | None]:
    words = {"question": asked.question} if isinstance(asked, RunRequest) else {"question": "", "sql": asked.sql}
    return {"kind": kind_of(asked).value, **words, "mode": mode_of(asked).value, "thread": thread_of(asked)}


def _row(wanted: Wanted, server: str, now: datetime) -> dict[str, Any]:
    run_id, request, principal, trace_id, _ = wanted
    return {
        "run_id": run_id,
        "subject": subject_of(principal),
        "person": person_of(principal),
        "caller": principal.model_dump_json(),
        "thread": thread_of(request),
        "request": request.model_dump_json(),
        "reply": None,
        "trace_id": trace_id,
        "status": RunState.QUEUED.value,
        "ending": "{}",
        "accepted_at": now,
        "ended_at": None,
        "server": server,
        "cancel_asked": False,
        "kind": kind_of(request).value,
    }


def open_runs(connection: sa.Connection, principal: Principal) -> int:
    """How many runs of a person are open."""
    theirs = sa.and_(SERVER_RUNS.c.person == person_of(principal), SERVER_RUNS.c.status.in_(OPEN))
    return connection.execute(sa.select(sa.func.count()).where(theirs)).scalar() or 0


def check_open(is_open: int, most: int) -> None:
    """Refuse whoever has so many open runs.

    Raises:
        LimitExceeded: they have.
    """
    if is_open >= most:
        raise LimitExceeded(
            f"{most} runs of yours are being worked on already.",
            limit=AT_A_TIME,
            hint="Wait for one of them, or stop one.",
        )
