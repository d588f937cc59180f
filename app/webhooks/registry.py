"""The webhooks of callers: theirs alone, and what is of others reads as missing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from agents.runs import person_of, subject_of
from app.contract.webhooks import Delivery, Webhook, WebhookDraft, WebhookWithSecret
from app.webhooks.notices import Subscriber
from app.webhooks.outbox import Outbox, drop_waiting
from app.webhooks.signature import SecretKey, shown
from app.webhooks.tables import WEBHOOK_DELIVERIES as DELIVERIES
from app.webhooks.tables import WEBHOOKS
from app.webhooks.targets import Targets
from townlake.domain.errors import LimitExceeded, NotFound
from townlake.domain.principal import Principal
from townlake.governance.audit import Audit
from townlake.state.store import reading

MOST: Final = 20
"""Webhooks that a caller may have."""
OLD_SECRET_HOLDS: Final = timedelta(hours=24)
"""So long messages are signed with the old secret as well, after it was changed."""


class Webhooks:
    """The registry. Every change is in the audit, in the transaction that makes it; paths and secrets are not.

    Args:
        audit: whose transactions keep it.
        state: the state database.
        clock: the time.
        targets: where messages may go.
        key: from which secrets are made.
        outbox: where a message to try with is put.
    """

    def __init__(
        self,
        audit: Audit,
        state: sa.Engine,
        clock: Callable[[], datetime],
        targets: Targets,
        key: SecretKey,
        outbox: Outbox,
    ) -> None:
        self._audit = audit
        self._state = state
        self._clock = clock
        self._targets = targets
        self._key = key
        self._outbox = outbox

    def add(self, draft: WebhookDraft, caller: Principal, *, reads_reviews: bool = False) -> WebhookWithSecret:
        """Keep a webhook of a caller.

        Args:
            draft: what to tell, and where.
            caller: whose it is.
            reads_reviews: whether they may come to what is for reviewers at all, be it theirs or not.

        Raises:
            BadInput: its address is none.
            RefusedTarget: nothing is sent there.
            LimitExceeded: they have too many.
        """
        target, now, webhook_id = self._targets.allowed(draft.url), self._clock(), secrets.token_hex(8)
        row = {
            "id": webhook_id,
            "subject": subject_of(caller),
            "person": person_of(caller),
            "salt": secrets.token_hex(16),
            "created_at": now,
            **_changing(draft, caller, now, reads_reviews=reads_reviews),
        }
        # A key that cannot be made is found before anything is kept.
        secret = shown(self._key.secret(webhook_id, str(row["salt"])))
        with self._audit.transaction() as work:
            mine = sa.select(sa.func.count()).select_from(WEBHOOKS).where(_is_mine(caller))
            if (work.connection.execute(mine).scalar() or 0) >= MOST:
                raise LimitExceeded(f"You have {MOST} webhooks already.", limit="webhooks", hint="Delete one.")
            work.connection.execute(sa.insert(WEBHOOKS).values(row))
            work.record("webhook.added", caller, {"webhook": webhook_id, "origin": target.origin})
            made = _read(self._mine(work.connection, webhook_id, caller))
        return WebhookWithSecret(**made.model_dump(), secret=secret)

    def list(self, caller: Principal) -> tuple[Webhook, ...]:
        """All of a caller's, the oldest first."""
        query = sa.select(WEBHOOKS).where(_is_mine(caller)).order_by(WEBHOOKS.c.created_at, WEBHOOKS.c.id)
        with reading(self._state) as connection:
            return tuple(map(_read, connection.execute(query)))

    def get(self, webhook_id: str, caller: Principal) -> Webhook:
        """One of the caller's.

        Raises:
            NotFound: there is none of that id that is theirs.
        """
        with reading(self._state) as connection:
            return _read(self._mine(connection, webhook_id, caller))

    def change(
        self, webhook_id: str, draft: WebhookDraft, caller: Principal, *, reads_reviews: bool = False
    ) -> Webhook:
        """Send elsewhere, or tell something else; switches it on again where it was switched off.

        Raises:
            NotFound: there is none of that id that is theirs.
            BadInput: its address is none.
            RefusedTarget: nothing is sent there.
        """
        target = self._targets.allowed(draft.url)
        with self._audit.transaction() as work:
            self._mine(work.connection, webhook_id, caller)
            here = sa.update(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id)
            work.connection.execute(here.values(_changing(draft, caller, self._clock(), reads_reviews=reads_reviews)))
            work.record("webhook.changed", caller, {"webhook": webhook_id, "origin": target.origin})
            return _read(self._mine(work.connection, webhook_id, caller))

    def rotate(self, webhook_id: str, caller: Principal) -> WebhookWithSecret:
        """Make another secret; for a day messages are signed with both.

        Raises:
            NotFound: there is none of that id that is theirs.
        """
        salt = secrets.token_hex(16)
        secret = shown(self._key.secret(webhook_id, salt))
        with self._audit.transaction() as work:
            row, now = self._mine(work.connection, webhook_id, caller), self._clock()
            changed = {"salt": salt, "old_salt": row.salt, "old_until": now + OLD_SECRET_HOLDS, "changed_at": now}
            work.connection.execute(sa.update(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id).values(changed))
            work.record("webhook.rotated", caller, {"webhook": webhook_id})
            made = _read(self._mine(work.connection, webhook_id, caller))
        return WebhookWithSecret(**made.model_dump(), secret=secret)

    def delete(self, webhook_id: str, caller: Principal) -> None:
        """Forget a webhook, and what was to be sent there.

        Raises:
            NotFound: there is none of that id that is theirs.
        """
        with self._audit.transaction() as work:
            self._mine(work.connection, webhook_id, caller)
            drop_waiting(work.connection, webhook_id)
            work.connection.execute(sa.delete(DELIVERIES).where(DELIVERIES.c.webhook_id == webhook_id))
            work.connection.execute(sa.delete(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id))
            work.record("webhook.deleted", caller, {"webhook": webhook_id})

    def ping(self, webhook_id: str, caller: Principal) -> Delivery:
        """Have a webhook tried, also one that is switched off.

        Raises:
            NotFound: there is none of that id that is theirs.
        """
        with self._audit.transaction() as work:
            self._mine(work.connection, webhook_id, caller)
            message_id = self._outbox.ping(work.connection, webhook_id)
            row = work.connection.execute(sa.select(DELIVERIES).where(DELIVERIES.c.id == message_id)).one()
        return _delivery(row)

    def deliveries(self, webhook_id: str, caller: Principal, limit: int) -> tuple[Delivery, ...]:
        """The newest messages of a webhook, the newest first.

        Raises:
            NotFound: there is none of that id that is theirs.
        """
        here = DELIVERIES.c.webhook_id == webhook_id
        query = sa.select(DELIVERIES).where(here).order_by(DELIVERIES.c.at.desc(), DELIVERIES.c.id).limit(limit)
        with reading(self._state) as connection:
            self._mine(connection, webhook_id, caller)
            return tuple(map(_delivery, connection.execute(query)))

    @staticmethod
    def _mine(connection: sa.Connection, webhook_id: str, caller: Principal) -> Any:
        query = sa.select(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id, _is_mine(caller))
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"There is no webhook {webhook_id!r} of yours.", hint="GET /v1/webhooks lists them.")
        return row


def _is_mine(caller: Principal) -> sa.ColumnElement[bool]:
    return sa.and_(WEBHOOKS.c.subject == subject_of(caller), WEBHOOKS.c.person == person_of(caller))


def _changing(draft: WebhookDraft, caller: Principal, now: datetime, *, reads_reviews: bool) -> dict[str, object]:
    return {
        "url": draft.url,
        "events": "\n".join(dict.fromkeys(draft.events)),
        "subscriber": Subscriber(caller=caller, reads_reviews=reads_reviews).model_dump_json(),
        "active": True,
        "note": "",
        "given_up": 0,
        "changed_at": now,
    }


def _read(row: Any) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=tuple(row.events.split("\n")),
        active=row.active,
        note=row.note,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        type=row.type,
        state=row.state,
        at=row.at,
        tries=row.tries,
        due_at=row.due_at,
        status=row.status,
        note=row.note,
    )
