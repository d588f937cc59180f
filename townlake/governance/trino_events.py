"""What Trino ran, held against the audit: a statement that read tables without an intent raises an alarm.

Trino's HTTP event listener tells of each statement after its end: who ran it, under which tags, which columns it read.
Skipper writes an intent before each of its own and tags it. Everything else came by another way.

Source: Trino 476, `plugin/trino-http-event-listener`; the events as seen on the wire.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from townlake.domain.principal import Principal
from townlake.domain.query_tag import QUERY_TAG
from townlake.governance.audit_entries import Wanted
from townlake.governance.trino_harvest import lists_of
from townlake.governance.trino_identities import SIGN

_LOG: Final = logging.getLogger(__name__)
ALARM: Final = "alarm.no_intent"
"""The kind of an entry about a statement that nobody announced, or that read more than was announced."""
STATEMENT: Final = "trino.statement"
"""The kind of an entry about a statement of somebody who may use Trino themselves."""
_MOST_REMEMBERED: Final = 10_000
_INFORMATION: Final = "information_schema"
_PUSHED_DOWN: Final = "._generated._generated_query"
"""What Trino calls a table of another source when it has the source filter, join or count for it."""


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class ReadColumn(_Part):
    """A column that was read."""

    name: str


class Read(_Part):
    """A table that was read."""

    catalog_name: str
    # Not `schema`, which is a method of pydantic's models.
    schema_name: str
    table: str
    columns: tuple[ReadColumn, ...] = ()

    model_config = ConfigDict(
        alias_generator=lambda name: "schema" if name == "schema_name" else to_camel(name), frozen=True, extra="ignore"
    )

    @property
    def name(self) -> str:
        """`catalog.schema.table`."""
        return f"{self.catalog_name}.{self.schema_name}.{self.table}"


class _Tables(_Part):
    inputs: tuple[Read, ...] = ()
    output: dict[str, Any] | None = None


class _Metadata(_Part):
    query_id: str
    query: str
    query_state: str


class _Context(_Part):
    user: str
    principal: str | None = None
    client_tags: tuple[str, ...] = ()
    source: str | None = None


class Event(_Part):
    """A statement that ended."""

    metadata: _Metadata
    context: _Context
    io_metadata: _Tables = _Tables()
    create_time: str

    @property
    def tables(self) -> frozenset[str]:
        """The tables whose rows it read."""
        return frozenset(read.name for read in self.io_metadata.inputs if read.schema_name != _INFORMATION)

    @property
    def columns(self) -> list[str]:
        """The columns that it read, in full."""
        return sorted(f"{read.name}.{column.name}" for read in self.io_metadata.inputs for column in read.columns)


class Record(Protocol):
    """What is asked of the audit, and what is told to it."""

    def entries(self, wanted: Wanted, most: int) -> tuple[dict[str, Any], ...]:
        """The newest entries that fit."""
        ...

    def ran_elsewhere(self, kind: str, by: Principal, sql: str, details: dict[str, Any]) -> None:
        """Write down a statement that was not announced."""
        ...


class TrinoEvents:
    """Receives the events. Safe for several threads.

    Args:
        record: the audit.
        whose: whose a name is or was that Skipper made for a while.
        services: who logs in for Skipper.
        is_direct_use_allowed: True where people may use Trino themselves: it is written down, and is no alarm.
    """

    def __init__(
        self,
        record: Record,
        whose: Callable[[str], Principal | None],
        services: frozenset[str] = frozenset(),
        *,
        is_direct_use_allowed: bool = False,
    ) -> None:
        self._record = record
        self._whose = whose
        self._services = services
        self._is_direct_use_allowed = is_direct_use_allowed
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def receive(self, event: Event) -> str:
        """Hold one event against the audit.

        Returns:
            The kind of the entry that was written, empty when there was nothing to write.

        Raises:
            AuditUnavailable: it cannot be written; Trino will tell of it again.
        """
        if not event.tables and event.io_metadata.output is None:
            return ""
        # All of it: who could guess the number of a statement would else tell of it first, and wrongly.
        told = hashlib.sha256(event.model_dump_json().encode()).hexdigest()
        with self._lock:
            if told in self._seen:
                return ""
            kind = self._judge(event)
            self._seen[told] = None
            while len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return kind

    def unreadable(self, size: int) -> str:
        """Write down that Trino told of something that could not be read.

        Raises:
            AuditUnavailable: it cannot be written; Trino will tell of it again.
        """
        self._record.ran_elsewhere(ALARM, Principal(subject="unknown"), "", {"unreadable_bytes": size})
        _LOG.error("Trino told of a statement in %d bytes that cannot be read", size)
        return ALARM

    def _judge(self, event: Event) -> str:
        context, who = event.context, self._whose(event.context.user)
        intent = self._intent(event, who)
        announced = frozenset(intent.get("tables", ())) | lists_of(who)
        unannounced = _unannounced(event.tables, announced)
        if (intent or announced) and not unannounced and event.io_metadata.output is None:
            return ""
        is_direct = who is None and SIGN not in context.user and not self._services & {context.principal, context.user}
        kind = STATEMENT if is_direct and self._is_direct_use_allowed else ALARM
        details: dict[str, Any] = {
            "trino_query_id": event.metadata.query_id,
            "state": event.metadata.query_state,
            "user": context.user.partition(SIGN)[0],
            "source": context.source,
            "tables": sorted(unannounced),
            "columns": event.columns,
            "announced": intent.get("seq"),
        }
        self._record.ran_elsewhere(kind, who or Principal(subject=details["user"]), event.metadata.query, details)
        if kind == ALARM:
            _LOG.error("Trino ran %s without an intent: %s", event.metadata.query_id, details)
        return kind

    def _intent(self, event: Event, who: Principal | None) -> dict[str, Any]:
        """The intent that announced the statement; nothing when there is none of this caller's."""
        tagged = [tag.removeprefix(QUERY_TAG) for tag in event.context.client_tags if tag.startswith(QUERY_TAG)]
        if who is None or len(tagged) != 1:
            return {}
        found = self._record.entries(Wanted(kind="intent", user=who.subject, query_id=tagged[0]), 1)
        return found[0] if found else {}


def _unannounced(read: frozenset[str], announced: frozenset[str]) -> frozenset[str]:
    """The tables that were read and not announced; of what a source did itself, only the source is told.

    >>> _unannounced(frozenset({"pg._generated._generated_query", "lake.a.b"}), frozenset({"pg.public.t"}))
    frozenset({'lake.a.b'})
    """
    sources = {f"{name.partition('.')[0]}{_PUSHED_DOWN}" for name in announced}
    return read - announced - sources
