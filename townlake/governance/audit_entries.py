"""Looking up what the audit says: who did what, and to which table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Final, NamedTuple, TypeGuard

import sqlalchemy as sa

from townlake.domain.names import TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.value import Value
from townlake.governance.audit_chain import filed_under
from townlake.governance.grants import EVERYTHING
from townlake.governance.tables import AUDIT
from townlake.state.store import reading

_BATCH: Final = 1_000
_SLACK: Final = timedelta(days=1)
MOST_READ: Final = 50_000
"""Entries that one look goes through: what is rare is found by several."""


class Wanted(Value):
    """Which entries are looked for; what is not given does not matter."""

    user: str = ""
    """Who did it, or on whose behalf it was done."""
    kind: str = ""
    """`intent`, `refusal`, `grant.added`; a beginning is enough: `grant`."""
    about: TableRef | None = None
    """A table that it reads, decides on or grants."""
    query_id: str = ""
    """The intent and the outcome of one statement."""
    since: datetime | None = None
    """The first moment, with its time zone."""
    until: datetime | None = None
    """The first moment that is too late, with its time zone."""
    caller: Principal | None = None
    """Just this caller; of a person also what was done on their behalf."""

    def fits(self, entry: dict[str, Any]) -> bool:
        """Whether an entry is one of those."""
        by = entry.get("by", {})
        return (
            (not self.user or self.user in {by.get("subject"), by.get("on_behalf_of")})
            and str(entry.get("kind", "")).startswith(self.kind)
            and (self.about is None or _named(entry, self.about))
            and (not self.query_id or entry.get("query_id") == self.query_id)
            and self._is_in_time(_at(entry))
            and (self.caller is None or _is_of(by, self.caller))
        )

    def ends_before(self, entry: dict[str, Any]) -> bool:
        """Whether an entry is so old that none before it fits. Clocks may have been set back by a day."""
        at = _at(entry)
        return self.since is not None and at is not None and at < self.since - _SLACK

    def _is_in_time(self, at: datetime | None) -> bool:
        if self.since is None and self.until is None:
            return True
        return at is not None and (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    @property
    def words(self) -> tuple[str, ...]:
        """Texts that stand in every entry that fits: the database looks for them before anything is read."""
        caller = self.caller.subject if self.caller else ""
        return tuple(filter(None, (self.user, self.kind, self.query_id, caller)))


def newest_entries(state: sa.Engine, wanted: Wanted, most: int) -> tuple[dict[str, Any], ...]:
    """The newest entries that fit, oldest first, as they stand in the chain; nothing proves that they are unchanged.

    What is no longer JSON counts as an entry of the kind `unreadable`.
    """
    with reading(state) as connection:
        fitting = (entry for entry in _backwards(connection, wanted) if wanted.fits(entry))
        return tuple(islice(fitting, most))[::-1]


class Page(NamedTuple):
    """Some entries, the newest first."""

    entries: tuple[dict[str, Any], ...]
    before: int | None
    """From here on older ones may fit; None where the chain was read to its beginning."""


def older_entries(state: sa.Engine, wanted: Wanted, before: int | None, most: int, reads: int = MOST_READ) -> Page:
    """Entries that fit, from a place backwards, of so many that are looked through at most.

    Args:
        state: where the entries lie.
        wanted: which.
        before: only those with a lower number; None for the newest.
        most: entries to give.
        reads: entries to look through; those of one statement are found without.
    """
    with reading(state) as connection:
        last = connection.execute(sa.select(sa.func.max(AUDIT.c.seq))).scalar() or 0
        top = last + 1 if before is None else min(before, last + 1)
        floor = 1 if wanted.query_id else max(1, top - reads)
        query = _of_statement(wanted).where(AUDIT.c.seq < top, AUDIT.c.seq >= floor)
        for word in wanted.words:
            # As it stands in the chain, where signs beyond ASCII are escaped.
            query = query.where(AUDIT.c.entry.contains(json.dumps(word)[1:-1], autoescape=True))
        rows = connection.execution_options(yield_per=_BATCH).execute(query.order_by(AUDIT.c.seq.desc()))
        young = takewhile(lambda entry: not wanted.ends_before(entry), (_read(seq, text) for seq, text in rows))
        found = tuple(islice(filter(wanted.fits, young), most))
    if len(found) == most:
        return Page(found, found[-1]["seq"] if found[-1]["seq"] > 1 else None)
    oldest = entry_of(state, floor) if wanted.since else None
    is_over = floor <= 1 or (oldest is not None and wanted.ends_before(oldest))
    return Page(found, None if is_over else floor)


def entry_of(state: sa.Engine, number: int) -> dict[str, Any] | None:
    """One entry by its number, None where the chain has none."""
    with reading(state) as connection:
        row = connection.execute(sa.select(AUDIT.c.entry).where(AUDIT.c.seq == number)).first()
    return None if row is None else _read(number, row.entry)


def _of_statement(wanted: Wanted) -> sa.Select[int, str]:
    """All entries; where those of one statement are wanted, just what is filed under it."""
    query = sa.select(AUDIT.c.seq, AUDIT.c.entry)
    if not wanted.query_id:
        return query
    filed = filed_under(wanted.query_id)
    return query.where(sa.false() if filed is None else AUDIT.c.query_id == filed)


def _backwards(connection: sa.Connection, wanted: Wanted) -> Iterator[dict[str, Any]]:
    query = _of_statement(wanted).order_by(AUDIT.c.seq.desc())
    for seq, text in connection.execution_options(yield_per=_BATCH).execute(query):
        yield _read(seq, text)


def _read(seq: int, text: str) -> dict[str, Any]:
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        entry = None
    return entry if _is_entry(entry, seq) else {"seq": seq, "kind": "unreadable", "by": {}}


def _is_entry(entry: object, seq: int) -> TypeGuard[dict[str, Any]]:
    """Whether it has the form of an entry; whoever changed it could have written anything."""
    if not isinstance(entry, dict) or entry.get("seq") != seq or not isinstance(entry.get("by"), dict):
        return False
    named = [*entry.get("columns", ()), *entry.get("tables", ())] if _all_collections(entry) else [None]
    words = (entry.get("kind"), entry["by"].get("subject"), entry["by"].get("on_behalf_of") or "", *named)
    return all(isinstance(word, str) for word in words)


def _all_collections(entry: dict[str, Any]) -> bool:
    return all(
        isinstance(entry.get(name, ()), list | dict | tuple) for name in ("columns", "tables", "masks", "findings")
    )


def _at(entry: dict[str, Any]) -> datetime | None:
    """When an entry was written; None where it does not say, or has no time zone."""
    try:
        at = datetime.fromisoformat(entry["at"])
    except (KeyError, TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None


def _is_of(by: dict[str, Any], caller: Principal) -> bool:
    same = (by.get("kind"), by.get("subject"), by.get("on_behalf_of") or None)
    if same == (caller.kind.value, caller.subject, caller.on_behalf_of):
        return True
    is_person = caller.kind is PrincipalKind.USER and caller.on_behalf_of is None
    return is_person and by.get("on_behalf_of") == caller.subject


def _spaced(asked: object) -> str:
    return f" {str(asked).lower().replace(chr(34), '')} "


def _named(entry: dict[str, Any], about: TableRef) -> bool:
    """Whether an entry is about a table: it reads it, decides on it, or grants it, alone or with all of its schema."""
    reads = {column.rpartition(".")[0] for column in entry.get("columns", ())}
    names = {*entry.get("tables", ()), *reads, entry.get("table"), entry.get("pattern")}
    if entry["kind"] == "refusal" and f" {about.namespace} . {about.name} " in _spaced(entry.get("asked")):
        return True  # what a refused statement would have read was never found out
    return bool(names & {str(about), f"{about.catalog}.{about.namespace}.{EVERYTHING}", EVERYTHING})
