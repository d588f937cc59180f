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
                _add(connection, row.id, kind, event.at, data)

    def ping(self, connection: sa.Connection, webhook_id: str) -> str:
        """Have a webhook tried; gives the id of the message, of one that waits already where there is one."""
        ping = WebhookEvent.PING
        waits = sa.select(DELIVERIES.c.id).where(
            DELIVERIES.c.webhook_id == webhook_id, DELIVERIES.c.state == _WAITING, DELIVERIES.c.type == ping.value
        )
        known: str | None = connection.execute(waits).scalar()
        return known or _add(connection, webhook_id, ping, self._clock(), {"webhook_id": webhook_id})

    def claim(self, most: int) -> tuple[Job, ...]:
        """Take messages that are due, one for each webhook: nobody else takes them meanwhile.

        Args:
            most: at most so many.
        """
        with reading(self._state) as connection:
            if connection.execute(self._due(self._clock()).limit(1)).first() is None:
                return ()
        with writing(self._state) as connection:
            now = self._clock()
            jobs: dict[str, Job] = {}
            for row in connection.execute(self._due(now).order_by(DELIVERIES.c.due_at).limit(50 * most)):
                if len(jobs) == most:
                    break
                if row.webhook_id not in jobs:
                    is_old = row.old_salt is not None and row.old_until > now
                    salts = (row.salt, row.old_salt) if is_old else (row.salt,)
                    claim = uuid4().hex
                    jobs[row.webhook_id] = Job(row.id, claim, row.webhook_id, row.url, row.body.encode(), salts)
            for job in jobs.values():
                here = sa.update(DELIVERIES).where(DELIVERIES.c.id == job.id)
                connection.execute(here.values(claim=job.claim, claimed_until=now + CLAIMED))
        return tuple(jobs.values())

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

    def _due(self, now: datetime) -> sa.Select[Any]:
        others = DELIVERIES.alias("others")
        is_busy = sa.exists().where(others.c.webhook_id == DELIVERIES.c.webhook_id, others.c.claimed_until > now)
        columns = (DELIVERIES.c.id, DELIVERIES.c.webhook_id, DELIVERIES.c.body)
        return (
            sa.select(*columns, WEBHOOKS.c.url, WEBHOOKS.c.salt, WEBHOOKS.c.old_salt, WEBHOOKS.c.old_until)
            .join(WEBHOOKS, WEBHOOKS.c.id == DELIVERIES.c.webhook_id)
            .where(DELIVERIES.c.state == _WAITING, DELIVERIES.c.due_at <= now, ~is_busy)
        )


def drop_waiting(connection: sa.Connection, webhook_id: str) -> None:
    """Give up what waits for a webhook that is switched off."""
    waits = sa.and_(DELIVERIES.c.webhook_id == webhook_id, DELIVERIES.c.state == _WAITING)
    given_up = {"state": DeliveryState.GIVEN_UP.value, "due_at": None, "note": "The webhook was switched off."}
    connection.execute(sa.update(DELIVERIES).where(waits).values(given_up))


def _add(connection: sa.Connection, webhook_id: str, kind: WebhookEvent, at: datetime, data: dict[str, Any]) -> str:
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
