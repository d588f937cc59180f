"""Finds out who may be told what happened to reviews and requests, and puts the messages into the outbox.

Whether somebody may know of it is asked when they are told, by the settings and owners of that moment. A message names
no table, no person and no reason all the same: whoever gets it may have lost the right to know by then, and so whoever
wants to know more asks the server, with the rights that they have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from app.contract.webhooks import WebhookEvent
from app.webhooks.notices import Subscriber
from app.webhooks.outbox import put
from app.webhooks.tables import WEBHOOK_NOTICES as NOTICES
from app.webhooks.tables import WEBHOOKS
from townlake.domain.principal import PrincipalKind
from townlake.governance.deciding import owns
from townlake.governance.tables import REVIEW_REQUESTS
from townlake.state.store import reading, writing

if TYPE_CHECKING:
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo

_AT_A_TIME: Final = 100
_ABOUT: Final = {"review": "/v1/reviews", "access": "/v1/access-requests"}
"""Where more is told, by the first word of an event."""


class _Listener(NamedTuple):
    webhook_id: str
    events: tuple[str, ...]
    subscriber: Subscriber


class Announcer:
    """Turns notices into messages; several servers share the work.

    Args:
        state: the state database.
        is_reviewer: whether the settings make somebody a reviewer.
        tables: all tables of the catalog.
        shown_at: the address of the server as callers know it; empty for links without one.
    """

    def __init__(
        self,
        state: sa.Engine,
        is_reviewer: Callable[[Principal], bool],
        tables: Callable[[], Iterable[TableInfo]],
        shown_at: str = "",
    ) -> None:
        self._state = state
        self._is_reviewer = is_reviewer
        self._tables = tables
        self._shown_at = shown_at.rstrip("/")

    def announce(self) -> bool:
        """Do it for what was noted; gives whether there may be more."""
        query = sa.select(NOTICES, *_ASKER).join(
            REVIEW_REQUESTS, REVIEW_REQUESTS.c.id == NOTICES.c.request, isouter=True
        )
        with reading(self._state) as connection:
            noted = connection.execute(query.order_by(NOTICES.c.at, NOTICES.c.id).limit(_AT_A_TIME)).all()
            listeners = _listeners(connection) if noted else ()
        if not noted:
            return False
        tables = {info.uuid: info for info in self._tables()}
        for each in noted:
            told = (one for one in listeners if each.type in one.events)
            self._tell(each, [one.webhook_id for one in told if self._may_know(one.subscriber, each, tables)])
        return len(noted) == _AT_A_TIME

    def _may_know(self, subscriber: Subscriber, noted: Any, tables: dict[str, TableInfo]) -> bool:
        """Whether the server would show somebody what happened, if they asked."""
        caller = subscriber.caller
        if noted.request is not None and _whose(caller) == (
            noted.subject,
            noted.kind or PrincipalKind.USER.value,
            noted.behalf,
        ):
            return True
        if not subscriber.reads_reviews:
            return False
        info = tables.get(noted.table_uuid)
        return self._is_reviewer(caller) or (info is not None and owns(caller, info))

    def _tell(self, noted: Any, webhook_ids: list[str]) -> None:
        kind = WebhookEvent(noted.type)
        place = f"{self._shown_at}{_ABOUT[noted.type.partition('.')[0]]}"
        data = {} if noted.request is None else {"request": noted.request}
        with writing(self._state) as connection:
            if not connection.execute(sa.delete(NOTICES).where(NOTICES.c.id == noted.id)).rowcount:
                # Another server was faster.
                return
            there = sa.select(WEBHOOKS.c.id).where(WEBHOOKS.c.id.in_(webhook_ids), WEBHOOKS.c.active)
            for webhook_id in connection.execute(there).scalars().all():
                put(connection, webhook_id, kind, noted.at, {**data, "links": {"more": place}})


_ASKER: Final = (REVIEW_REQUESTS.c.subject, REVIEW_REQUESTS.c.kind, REVIEW_REQUESTS.c.behalf)


def _whose(caller: Principal) -> tuple[str, str, str | None]:
    return caller.subject, caller.kind.value, caller.on_behalf_of


def _listeners(connection: sa.Connection) -> tuple[_Listener, ...]:
    query = sa.select(WEBHOOKS.c.id, WEBHOOKS.c.events, WEBHOOKS.c.subscriber)
    rows = connection.execute(query.where(WEBHOOKS.c.active, WEBHOOKS.c.subscriber.is_not(None)))
    return tuple(
        _Listener(row.id, tuple(row.events.split("\n")), Subscriber.model_validate_json(row.subscriber)) for row in rows
    )
