"""Which runs were accepted, who works on them, and what they told: kept, so that nothing acknowledged is lost.

No value of the lake is kept. Whoever may see the rows of a run sees them again from the same snapshots.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from agents.runs import forget_words, person_of, subject_of
from app.contract.events import Event, EventType
from app.contract.runs import RunKind, RunState
from app.runs.accepting import OPEN, Wanted, check_open, open_runs, write_down
from app.runs.asked import Asked, read_asked
from app.runs.once import Once, remember, run_of
from app.runs.tables import RUN_EVENTS, SERVER_RUNS, SERVERS
from app.runs.threads import prune_titles
from townlake.domain.errors import BadInput, NotFound, SkipperError
from townlake.domain.principal import Principal
from townlake.state.store import moment, reading, writing

LOST_AFTER: Final = timedelta(seconds=3)
"""A server that was not seen for so long has died: another one brings its runs to their end."""
KEPT: Final = timedelta(days=30)
"""How long the events of a run are kept."""
AS_KEPT: Final = ""
"""The reply that has the statement run that was kept, once it is approved."""
OnEnd = Callable[[sa.Connection, Event], None]
"""Is told of the last event of a run, or of a turn, in the transaction that keeps it."""


_END: Final = (
    sa.update(SERVER_RUNS)
    .where(SERVER_RUNS.c.run_id == sa.bindparam("run"))
    .values({name: sa.bindparam(f"its_{name}") for name in ("status", "ending", "ended_at")})
)


class Job(NamedTuple):
    """A run that somebody has to bring to its end."""

    run_id: str
    trace_id: str
    principal: Principal
    request: Asked
    reply: str | None
    last_seq: int
    accepted_at: datetime
    told: tuple[Event, ...] = ()
    """What was told of it when it was accepted."""


class Kept(NamedTuple):
    """What is known of a run."""

    run_id: str
    request: Asked
    trace_id: str
    status: RunState
    accepted_at: datetime
    ended_at: datetime | None
    ending: dict[str, Any]
    """What the last event told."""
    server: str


class Journal:
    """The runs in the state database. Whoever asks gets only their own; those of others read as missing."""

    def __init__(
        self, state: sa.Engine, clock: Callable[[], datetime], server: str, on_end: OnEnd | None = None
    ) -> None:
        self._state = state
        self._clock = clock
        self.server = server
        self._on_end = on_end

    def accept(self, wanted: Sequence[Wanted], most: int) -> tuple[Job | str | SkipperError, ...]:
        """Keep runs, all in one transaction, before anybody is told that they were accepted.

        The first event of each is there at once.

        Args:
            wanted: what is asked, and by whom.
            most: so many runs for one person may be open at a time.

        Returns:
            For each the run; the id of a run, where the same request has begun it before; or why it is refused:
            `LimitExceeded` when too many are open, `Conflict` when the key was used for another request.
        """
        with writing(self._state, first=True) as connection:
            # Whoever had to wait for others to write was not there before.
            now = moment(connection, self._clock)
            came = write_down(connection, wanted, most, self.server, now)
            if firsts := [event for event in came if isinstance(event, Event)]:
                _insert(connection, firsts)
        return tuple(
            _begun(each, one) if isinstance(one, Event) else one for each, one in zip(wanted, came, strict=True)
        )

    def go_on(
        self, run_id: str, principal: Principal, reply: str | None, most: int, once: Once | None = None
    ) -> Job | str:
        """Take up a run that waits, with what its caller says.

        Returns:
            The id of the run, where the same reply was given before.

        Raises:
            NotFound: there is no such run of theirs.
            BadInput: it does not wait.
            LimitExceeded: too many are open.
            Conflict: the key was used for another request.
        """
        with writing(self._state) as connection:
            row = connection.execute(_mine(run_id, principal)).first()
            if row is None:
                raise no_such_run(run_id)
            if once is not None and (known := run_of(connection, once, principal)) is not None:
                return known
            now = moment(connection, self._clock)
            if not RunState(row.status).waits:
                raise BadInput(
                    f"The run {run_id} waits for nothing: it is {row.status}.", hint="Ask a new question instead."
                )
            check_open(open_runs(connection, principal), most)
            if once is not None:
                remember(connection, once, principal, run_id, now)
            if reply is None and row.status == RunState.NEEDS_APPROVAL.value:
                reply = AS_KEPT
            connection.execute(
                sa.update(SERVER_RUNS)
                .where(SERVER_RUNS.c.run_id == run_id)
                .values(
                    status=RunState.QUEUED.value,
                    # With the rights that they have now, not with those that they had when they asked.
                    caller=principal.model_dump_json(),
                    reply=reply,
                    server=self.server,
                    accepted_at=now,
                    ended_at=None,
                    cancel_asked=False,
                )
            )
            return _job(connection, row)._replace(principal=principal, reply=reply, accepted_at=now)

    def append(self, events: Sequence[Event]) -> frozenset[str]:
        """Keep events, of any runs, in one transaction; what quotes values, without them.

        Returns:
            The runs that another server has taken over meanwhile: of those nothing was kept.
        """
        if not events:
            return frozenset()
        named = {event.run_id for event in events}
        with writing(self._state, first=True) as connection:
            mine = sa.select(SERVER_RUNS.c.run_id).where(
                SERVER_RUNS.c.run_id.in_(named), SERVER_RUNS.c.server == self.server
            )
            ours = set(connection.execute(mine).scalars())
            kept = [event for event in events if event.run_id in ours]
            if kept:
                _insert(connection, kept)
            begun = [event.run_id for event in kept if event.type.begins]
            if begun:
                works = sa.update(SERVER_RUNS).where(SERVER_RUNS.c.run_id.in_(begun))
                connection.execute(works.values(status=RunState.RUNNING.value))
            for event in kept:
                if event.type.ends:
                    connection.execute(_END, _ended(event))
                    if self._on_end is not None:
                        self._on_end(connection, event)
        return frozenset(named - ours)

    def get(self, run_id: str, principal: Principal) -> Kept:
        """A run of this caller.

        Raises:
            NotFound: there is none of that id that is theirs.
        """
        with reading(self._state) as connection:
            row = connection.execute(_mine(run_id, principal)).first()
        if row is None:
            raise no_such_run(run_id)
        return _kept(row)

    def list(
        self,
        principal: Principal,
        thread: str | None,
        before: str | None,
        limit: int,
        kind: RunKind = RunKind.QUESTION,
    ) -> tuple[Kept, ...]:
        """Runs of this caller, the newest first.

        Args:
            principal: whose.
            thread: only those of this thread.
            before: only those older than this run.
            limit: at most so many.
            kind: of questions, or of statements.
        """
        query = _of(principal).where(SERVER_RUNS.c.kind == kind.value)
        query = query.order_by(SERVER_RUNS.c.accepted_at.desc(), SERVER_RUNS.c.run_id.desc()).limit(limit)
        if thread is not None:
            query = query.where(SERVER_RUNS.c.thread == thread)
        with reading(self._state) as connection:
            if before is not None:
                last = connection.execute(_mine(before, principal)).first()
                if last is None:
                    raise no_such_run(before)
                at, name = SERVER_RUNS.c.accepted_at, SERVER_RUNS.c.run_id
                is_older = sa.or_(at < last.accepted_at, sa.and_(at == last.accepted_at, name < last.run_id))
                query = query.where(is_older)
            return tuple(map(_kept, connection.execute(query)))

    def events(self, run_id: str, after: int = 0) -> tuple[Event, ...]:
        """The events of a run after one; what quoted values has none."""
        with reading(self._state) as connection:
            return _events(connection, run_id, after)

    def look(self, run_id: str, after: int = 0) -> tuple[tuple[Event, ...], bool]:
        """The events of a run after one, and whether it was over or waited at that same moment."""
        with reading(self._state) as connection:
            status = connection.execute(sa.select(SERVER_RUNS.c.status).where(SERVER_RUNS.c.run_id == run_id)).scalar()
            is_over = status is None or RunState(status).is_over
            return _events(connection, run_id, after), is_over

    def ask_cancel(self, run_id: str) -> None:
        """Have whoever works on a run stop it."""
        with writing(self._state) as connection:
            mine = sa.update(SERVER_RUNS).where(SERVER_RUNS.c.run_id == run_id)
            connection.execute(mine.values(cancel_asked=True))

    def beat(self) -> frozenset[str]:
        """Say that this server lives; gives its runs that are to be stopped."""
        with writing(self._state) as connection:
            now = moment(connection, self._clock)
            seen = sa.update(SERVERS).where(SERVERS.c.name == self.server).values(seen_at=now)
            if connection.execute(seen).rowcount == 0:
                connection.execute(sa.insert(SERVERS).values(name=self.server, seen_at=now))
            stopped = sa.select(SERVER_RUNS.c.run_id).where(
                SERVER_RUNS.c.status.in_(OPEN), SERVER_RUNS.c.server == self.server, SERVER_RUNS.c.cancel_asked
            )
            return frozenset(connection.execute(stopped).scalars())

    def take_lost(self, known: frozenset[str]) -> tuple[Job, ...]:
        """Take over the runs of servers that have died, and those of this one that it has lost.

        Args:
            known: the runs that this server works on.
        """
        with reading(self._state) as connection:
            if connection.execute(self._lost(connection, known).limit(1)).first() is None:
                return ()
        with writing(self._state) as connection:
            rows = connection.execute(self._lost(connection, known).order_by(SERVER_RUNS.c.accepted_at)).all()
            mine = sa.update(SERVER_RUNS).where(SERVER_RUNS.c.run_id.in_([row.run_id for row in rows]))
            connection.execute(mine.values(server=self.server))
            return tuple(_job(connection, row) for row in rows)

    def _lost(self, connection: sa.Connection, known: frozenset[str]) -> sa.Select[Any]:
        long_ago = moment(connection, self._clock) - LOST_AFTER
        alive = sa.select(SERVERS.c.name).where(SERVERS.c.seen_at > long_ago)
        is_orphan = sa.and_(SERVER_RUNS.c.server != self.server, SERVER_RUNS.c.server.not_in(alive))
        is_forgotten = sa.and_(
            SERVER_RUNS.c.server == self.server,
            SERVER_RUNS.c.run_id.not_in(known),
            SERVER_RUNS.c.accepted_at < long_ago,
        )
        return sa.select(SERVER_RUNS).where(SERVER_RUNS.c.status.in_(OPEN), sa.or_(is_orphan, is_forgotten))

    def leave(self) -> None:
        """Say that this server is gone, so that others need not wait until it counts as lost."""
        with writing(self._state) as connection:
            connection.execute(sa.delete(SERVERS).where(SERVERS.c.name == self.server))

    def prune(self) -> None:
        """Forget what is older than `KEPT`. That it was asked, and what it took, stays without words."""
        old = sa.select(SERVER_RUNS.c.run_id).where(SERVER_RUNS.c.ended_at < self._clock() - KEPT)
        with writing(self._state) as connection:
            connection.execute(sa.delete(RUN_EVENTS).where(RUN_EVENTS.c.run_id.in_(old)))
            forget_words(connection, old)
            connection.execute(sa.delete(SERVER_RUNS).where(SERVER_RUNS.c.run_id.in_(old)))
            prune_titles(connection)
            connection.execute(sa.delete(SERVERS).where(SERVERS.c.seen_at < self._clock() - KEPT))


def no_such_run(run_id: str) -> NotFound:
    """What a caller is told of a run that is not there, and of one that is somebody else's."""
    return NotFound(f"There is no run {run_id!r} of yours.", hint="GET /v1/runs lists them.")


def _ended(event: Event) -> dict[str, Any]:
    status = RunState(event.data["status"]).value
    return {"run": event.run_id, "its_status": status, "its_ending": json.dumps(event.data), "its_ended_at": event.at}


def _begun(wanted: Wanted, first: Event) -> Job:
    run_id, request, principal, trace_id, _ = wanted
    return Job(run_id, trace_id, principal, request, None, first.seq, first.at, (first,))


def _events(connection: sa.Connection, run_id: str, after: int) -> tuple[Event, ...]:
    query = (
        sa.select(RUN_EVENTS, SERVER_RUNS.c.trace_id)
        .join(SERVER_RUNS, SERVER_RUNS.c.run_id == RUN_EVENTS.c.run_id)
        .where(RUN_EVENTS.c.run_id == run_id, RUN_EVENTS.c.seq > after)
        .order_by(RUN_EVENTS.c.seq)
    )
    return tuple(
        Event(
            seq=row.seq,
            run_id=row.run_id,
            trace_id=row.trace_id,
            type=EventType(row.type),
            at=row.at,
            data=json.loads(row.data),
        )
        for row in connection.execute(query)
    )


def _insert(connection: sa.Connection, events: Iterable[Event]) -> None:
    rows = [
        {
            "run_id": event.run_id,
            "seq": event.seq,
            "type": event.type.value,
            "at": event.at,
            "data": "{}" if event.type.quotes else json.dumps(event.data),
        }
        for event in events
    ]
    connection.execute(sa.insert(RUN_EVENTS), rows)


def _of(principal: Principal) -> sa.Select[Any]:
    return sa.select(SERVER_RUNS).where(
        SERVER_RUNS.c.subject == subject_of(principal), SERVER_RUNS.c.person == person_of(principal)
    )


def _mine(run_id: str, principal: Principal) -> sa.Select[Any]:
    return _of(principal).where(SERVER_RUNS.c.run_id == run_id)


def _job(connection: sa.Connection, row: Any) -> Job:
    last = sa.select(sa.func.max(RUN_EVENTS.c.seq)).where(RUN_EVENTS.c.run_id == row.run_id)
    return Job(
        run_id=row.run_id,
        trace_id=row.trace_id,
        principal=Principal.model_validate_json(row.caller),
        request=read_asked(row.kind, row.request),
        reply=row.reply,
        last_seq=connection.execute(last).scalar() or 0,
        accepted_at=row.accepted_at,
    )


def _kept(row: Any) -> Kept:
    return Kept(
        run_id=row.run_id,
        request=read_asked(row.kind, row.request),
        trace_id=row.trace_id,
        status=RunState(row.status),
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
        ending=json.loads(row.ending),
        server=row.server,
    )
