"""What happened to reviews and requests, noted in the transaction that made it, whatever process that was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from app.webhooks.tables import WEBHOOK_NOTICES as NOTICES
from app.webhooks.tables import WEBHOOKS
from townlake.domain.principal import Principal
from townlake.domain.value import Value
from townlake.governance.review_records import WAITING

REVIEW_WAITING: Final = "review.waiting"
REVIEW_DECIDED: Final = "review.decided"
ACCESS_REQUESTED: Final = "access.requested"
ACCESS_DECIDED: Final = "access.decided"
_WAITING: Final = frozenset(state.value for state in WAITING)


class Subscriber(Value):
    """Whose webhook it is, as they were verified when they last wrote it."""

    caller: Principal
    reads_reviews: bool = False
    """Whether what they showed then let them come to what is for reviewers at all."""


class Notice(NamedTuple):
    """Something that happened."""

    type: str
    table_uuid: str
    request: int | None = None
    """The number of the request for access, of one."""


def note(connection: sa.Connection, kind: str, details: Mapping[str, Any], now: datetime) -> None:
    """Note what was recorded, where any webhook wants to be told of such things.

    Who may be told of it is found out later, by a server: here somebody waits.

    Args:
        connection: in the transaction that makes the change.
        kind: the kind of the audit's entry.
        details: of that entry.
        now: the time.
    """
    found = tuple(_noted(kind, details))
    if not found:
        return
    wanted = sa.or_(*(WEBHOOKS.c.events.contains(each.type, autoescape=True) for each in found))
    if connection.execute(sa.select(WEBHOOKS.c.id).where(WEBHOOKS.c.active, wanted).limit(1)).first() is None:
        return
    rows = [{"id": uuid4().hex, "at": now, **each._asdict()} for each in found]
    connection.execute(sa.insert(NOTICES), rows)


def _noted(kind: str, details: Mapping[str, Any]) -> Iterator[Notice]:
    """What an entry of the audit amounts to.

    >>> details = {"table_uuid": "t", "columns": {"a": ["open", None]}, "answered": [7]}
    >>> [notice.type for notice in _noted("review.decided", details)]
    ['review.decided', 'access.decided']
    """
    if kind in ("review.requested", "review.disputed"):
        yield Notice(ACCESS_REQUESTED, details["table_uuid"], details["request"])
    elif kind == "review.answered":
        yield Notice(ACCESS_DECIDED, details["table_uuid"], details["request"])
    elif kind == "review.decided":
        states = {state for state, _ in details["columns"].values()}
        if states - _WAITING:
            yield Notice(REVIEW_DECIDED, details["table_uuid"])
        if states & _WAITING or details.get("wait_for_second"):
            yield Notice(REVIEW_WAITING, details["table_uuid"])
        for number in details.get("answered", ()):
            yield Notice(ACCESS_DECIDED, details["table_uuid"], number)
