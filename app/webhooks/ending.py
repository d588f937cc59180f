"""Webhooks end with the last key of the service that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from agents.runs import subject_of
from app.webhooks.outbox import drop_waiting
from app.webhooks.tables import WEBHOOKS

if TYPE_CHECKING:
    from datetime import datetime

    from townlake.domain.principal import Principal
    from townlake.governance.audit import AuditTransaction


def switch_off_all(work: AuditTransaction, service: Principal, by: Principal, at: datetime, note: str) -> int:
    """Switch off the webhooks of a service, also those that it keeps for people, in a transaction of the audit.

    Returns:
        How many there were. Writing one again switches it on.
    """
    theirs = sa.and_(WEBHOOKS.c.subject == subject_of(service), WEBHOOKS.c.active)
    ids = work.connection.execute(sa.select(WEBHOOKS.c.id).where(theirs).order_by(WEBHOOKS.c.id)).scalars().all()
    for each in ids:
        drop_waiting(work.connection, each)
        work.record("webhook.ended", by, {"webhook": each})
    ended = {"active": False, "note": note, "changed_at": at}
    work.connection.execute(sa.update(WEBHOOKS).where(WEBHOOKS.c.id.in_(ids)).values(ended))
    return len(ids)
