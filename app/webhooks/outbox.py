"""What is to be sent: written down in the transaction in which it happened, and kept until it has arrived."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from app.contract.events import Event, EventType
from app.contract.runs import RunState
from app.contract.webhooks import DeliveryState, WebhookEvent
from app.runs.tables import SERVER_RUNS
from app.webhooks.sending import Sent
from app.webhooks.tables import WEBHOOK_DELIVERIES as DELIVERIES
from app.webhooks.tables import WEBHOOKS
from app.webhooks.turns import Head, Turns
from townlake.state.store import reading, writing

PAUSES: Final = tuple(timedelta(seconds=each) for each in (10, 60, 600, 2_700))
"""After each try that failed; after the last one the next fails for good."""
CLAIMED: Final = timedelta(seconds=60)
"""After so long another server tries: whoever took it has died."""
MOST_GIVEN_UP: Final = 3
"""Messages in a row that were given up: then a webhook is switched off."""
KEPT: Final = timedelta(days=30)
_WAITING: Final = DeliveryState.WAITING.value


class Job(NamedTuple):
    """A message to be sent now."""

    id: str
    claim: str
    webhook_id: str
    url: str
    body: bytes
    salts: tuple[str, ...]


class Outbox:
    """The messages in the state database.

    Args:
        state: the state database.
        clock: the time.
        shown_at: the address of the server as callers know it; empty for links without one.
    """

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], shown_at: str = "") -> None:
        self._state = state
        self._clock = clock
        self._shown_at = shown_at.rstrip("/")
        self._turns = Turns()

    def note_end(self, connection: sa.Connection, event: Event) -> None:
        """Have whoever owns a run told how it ended, in the transaction that keeps it."""
        status = RunState(event.data["status"])
        kind = WebhookEvent.RUN_WAITING if status.waits else WebhookEvent.RUN_FINISHED
        kind = WebhookEvent.RUN_FAILED if event.type is EventType.RUN_FAILED else kind
        same = sa.and_(WEBHOOKS.c.person == SERVER_RUNS.c.person, WEBHOOKS.c.subject == SERVER_RUNS.c.subject)
        query = (
            sa.select(WEBHOOKS.c.id, WEBHOOKS.c.events)
            .join(SERVER_RUNS, same)
            .where(SERVER_RUNS.c.run_id == event.run_id, WEBHOOKS.c.active)
        )
        place = f"{self._shown_at}/v1/runs/{event.run_id}"
        data = {"run_id": event.run_id, "status": status.value, "links": {"run": place, "result": f"{place}/result"}}
        for row in connection.execute(query).all():
            if kind.value in row.events.split("\n"):
                put(connection, row.id, kind, event.at, data)

    def ping(self, connection: sa.Connection, webhook_id: str) -> str:
        """Have a webhook tried; gives the id of the message, of one that waits already where there is one."""
        ping = WebhookEvent.PING
        waits = sa.select(DELIVERIES.c.id).where(
            DELIVERIES.c.webhook_id == webhook_id, DELIVERIES.c.state == _WAITING, DELIVERIES.c.type == ping.value
        )
        known: str | None = connection.execute(waits).scalar()
        return known or put(connection, webhook_id, ping, self._clock(), {"webhook_id": webhook_id})

    def claim(self, most: int) -> tuple[Job, ...]:
        """Take messages that are due: nobody else takes them meanwhile.

        Of each webhook one at a time, and of each person few: people are served in turn.

        Args:
            most: at most so many.
        """
        with reading(self._state) as connection:
            if not self._heads(connection, self._clock()):
                return ()
        with writing(self._state) as connection:
            now = self._clock()
            chosen = self._turns.take(self._heads(connection, now), _under_way(connection, now), most)
            return tuple(self._claimed(connection, head, now) for head in chosen)

    def settle(self, job: Job, sent: Sent) -> None:
        """Write down what became of a try. One that another server has taken over meanwhile is left alone."""
        with writing(self._state) as connection:
            mine = sa.and_(DELIVERIES.c.id == job.id, DELIVERIES.c.claim == job.claim, DELIVERIES.c.state == _WAITING)
            tries = connection.execute(sa.select(DELIVERIES.c.tries).where(mine)).scalar()
            if tries is None:
                return
            changed: dict[str, Any] = {"tries": tries + 1, "claim": None, "claimed_until": None}
            changed |= {"status": sent.status, "note": sent.note}
            if sent.arrived:
                changed |= {"state": DeliveryState.DELIVERED.value, "due_at": None}
            elif tries < len(PAUSES) and not sent.is_gone:
                changed |= {"due_at": self._clock() + PAUSES[tries]}
            else:
                changed |= {"state": DeliveryState.GIVEN_UP.value, "due_at": None}
            connection.execute(sa.update(DELIVERIES).where(mine).values(changed))
            self._count(connection, job.webhook_id, sent, DeliveryState(changed.get("state", _WAITING)))

    def prune(self) -> None:
        """Forget what has ended long ago."""
        old = sa.and_(DELIVERIES.c.state != _WAITING, DELIVERIES.c.at < self._clock() - KEPT)
        with writing(self._state) as connection:
            connection.execute(sa.delete(DELIVERIES).where(old))

    def _count(self, connection: sa.Connection, webhook_id: str, sent: Sent, state: DeliveryState) -> None:
        here = sa.update(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id)
        if state is DeliveryState.DELIVERED:
            connection.execute(here.where(WEBHOOKS.c.given_up > 0).values(given_up=0))
        if state is not DeliveryState.GIVEN_UP:
            return
        connection.execute(here.values(given_up=WEBHOOKS.c.given_up + 1))
        many = connection.execute(sa.select(WEBHOOKS.c.given_up).where(WEBHOOKS.c.id == webhook_id)).scalar() or 0
        if sent.is_gone or many >= MOST_GIVEN_UP:
            why = "The receiver wants no more." if sent.is_gone else f"{many} messages in a row could not be delivered."
            connection.execute(here.values(active=False, note=f"{why} {sent.note}", changed_at=self._clock()))
            drop_waiting(connection, webhook_id)

    @staticmethod
    def _heads(connection: sa.Connection, now: datetime) -> list[Head]:
        """For each webhook of which nothing is being sent, the oldest message that is due."""
        others = DELIVERIES.alias("others")
        is_busy = sa.exists().where(others.c.webhook_id == WEBHOOKS.c.id, others.c.claimed_until > now)
        is_due = sa.and_(DELIVERIES.c.state == _WAITING, DELIVERIES.c.due_at <= now)
        oldest = sa.func.min(DELIVERIES.c.due_at, type_=DELIVERIES.c.due_at.type).label("due_at")
        due = sa.select(DELIVERIES.c.webhook_id, oldest).where(is_due).group_by(DELIVERIES.c.webhook_id).subquery()
        query = sa.select(due.c.due_at, WEBHOOKS.c.id, WEBHOOKS.c.person)
        found = connection.execute(query.join(WEBHOOKS, WEBHOOKS.c.id == due.c.webhook_id).where(~is_busy))
        return [Head(*row) for row in found]

    @staticmethod
    def _claimed(connection: sa.Connection, head: Head, now: datetime) -> Job:
        here = sa.and_(
            DELIVERIES.c.state == _WAITING,
            DELIVERIES.c.due_at == head.due_at,
            DELIVERIES.c.webhook_id == head.webhook_id,
        )
        columns = (DELIVERIES.c.id, DELIVERIES.c.body, WEBHOOKS.c.url)
        query = sa.select(*columns, WEBHOOKS.c.salt, WEBHOOKS.c.old_salt, WEBHOOKS.c.old_until).where(here)
        query = query.join(WEBHOOKS, WEBHOOKS.c.id == DELIVERIES.c.webhook_id).order_by(DELIVERIES.c.id).limit(1)
        row = connection.execute(query).one()
        is_old = row.old_salt is not None and row.old_until > now
        salts = (row.salt, row.old_salt) if is_old else (row.salt,)
        job = Job(row.id, uuid4().hex, head.webhook_id, row.url, row.body.encode(), salts)
        mine = sa.update(DELIVERIES).where(DELIVERIES.c.id == job.id)
        connection.execute(mine.values(claim=job.claim, claimed_until=now + CLAIMED))
        return job


def _under_way(connection: sa.Connection, now: datetime) -> dict[str, int]:
    """How many messages of each person are being sent, by whichever server."""
    claimed = sa.and_(DELIVERIES.c.state == _WAITING, DELIVERIES.c.claimed_until > now)
    query = sa.select(WEBHOOKS.c.person, sa.func.count().label("under_way")).where(claimed).group_by(WEBHOOKS.c.person)
    found = connection.execute(query.join(DELIVERIES, DELIVERIES.c.webhook_id == WEBHOOKS.c.id))
    return {row.person: row.under_way for row in found}


def drop_waiting(connection: sa.Connection, webhook_id: str) -> None:
    """Give up what waits for a webhook that is switched off."""
    waits = sa.and_(DELIVERIES.c.webhook_id == webhook_id, DELIVERIES.c.state == _WAITING)
    given_up = {"state": DeliveryState.GIVEN_UP.value, "due_at": None, "note": "The webhook was switched off."}
    connection.execute(sa.update(DELIVERIES).where(waits).values(given_up))


def put(connection: sa.Connection, webhook_id: str, kind: WebhookEvent, at: datetime, data: dict[str, Any]) -> str:
    """Keep a message that is to be sent; gives its id."""
    message_id = f"msg_{uuid4().hex}"
    body = json.dumps({"type": kind.value, "timestamp": at.isoformat(), "data": data}, separators=(",", ":"))
    connection.execute(
        sa.insert(DELIVERIES).values(
            id=message_id,
            webhook_id=webhook_id,
            type=kind.value,
            body=body,
            at=at,
            state=_WAITING,
            tries=0,
            due_at=at,
            note="",
        )
    )
    return message_id
