"""Grants: which groups may read which tables, until when, and whether in the clear."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from townlake.domain.errors import BadInput, NotFound
from townlake.domain.names import DEFAULT_CATALOG, TableRef, is_name
from townlake.domain.principal import Principal
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.governance.audit import Audit
from townlake.governance.deciding import may_decide, may_open
from townlake.governance.tables import GRANTS
from townlake.state.store import reading
from townlake.state.versions import POLICY, bump

EVERYTHING: Final = "*"
_GROUP: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@:/-]{0,127}")


class Grant(Value):
    """A group may read what the pattern covers, as far as it was reviewed."""

    id: int
    pattern: str
    """`lake.crm.contacts`, `lake.crm.*` or `*`."""
    group: str
    unmask: bool = False
    """True when the group reads masked columns in the clear."""
    until: datetime | None = None
    """The first moment at which it no longer holds."""
    granted_by: str
    at: datetime

    def holds(self, now: datetime) -> bool:
        """True before its end."""
        return self.until is None or now < self.until


def covering(table: TableRef) -> tuple[str, str, str]:
    """Every pattern that takes in a table.

    >>> covering(TableRef.parse("crm.contacts"))
    ('lake.crm.contacts', 'lake.crm.*', '*')
    """
    return str(table), f"{table.catalog}.{table.namespace}.*", EVERYTHING


def parse_pattern(text: str) -> str:
    """The full form of a pattern that a person wrote.

    >>> [parse_pattern(p) for p in ("crm", "crm.*", "lake.crm", "crm.contacts", "LAKE.crm.contacts", "*")]
    ['lake.crm.*', 'lake.crm.*', 'lake.crm.*', 'lake.crm.contacts', 'lake.crm.contacts', '*']
    >>> [parse_pattern(p) for p in ("pg.public.orders", "pg.public.*")]
    ['pg.public.orders', 'pg.public.*']

    Raises:
        BadInput: it is none of a table, a schema, or `*`. The lake's own name is none: everything is granted by `*`.
    """
    parts = text.strip().lower().split(".")
    if parts == [EVERYTHING]:
        return EVERYTHING
    catalog = DEFAULT_CATALOG
    if len(parts) == 3 and parts[0] != DEFAULT_CATALOG and is_name(parts[0]):
        catalog, parts = parts[0], parts[1:]
    elif parts[0] == DEFAULT_CATALOG:
        parts = parts[1:] if parts[1:] != [EVERYTHING] else []
    if len(parts) == 1:
        parts.append(EVERYTHING)
    schema, table = parts if len(parts) == 2 else ("", "")
    if not is_name(schema) or not (is_name(table) or table == EVERYTHING):
        raise BadInput(
            f"{text!r} names no table and no schema.",
            hint="Write crm.contacts, crm for a schema, pg.public.orders or pg.public.* for those of another source, "
            "or * for all.",
        )
    return f"{catalog}.{schema}.{table}"


def parse_group(text: str) -> str:
    """A group's name, checked.

    Raises:
        BadInput: no group can be called so.
    """
    name = text.strip()
    if not _GROUP.fullmatch(name):
        raise BadInput(f"{text!r} cannot be a group.", hint="Use letters, digits and any of _ . @ : / -")
    return name


class Grants:
    """The registry of grants. Every change is in the audit, in the transaction that makes it."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self.clock = clock
        self._audit = audit

    def add(self, pattern: str, group: str, *, by: Principal, until: datetime | None = None) -> Grant:
        """Let a group read, what is masked as masked. A grant of the same tables to the same group is replaced.

        Raises:
            AccessDenied: `by` is not a person.
            BadInput: the pattern, the group or the end is not possible.
        """
        may_decide(by)
        return self._add(pattern, group, by, until, unmask=False)

    def add_unmasked(
        self,
        pattern: str,
        group: str,
        *,
        by: Principal,
        tables: Iterable[TableInfo],
        until: datetime | None = None,
        four_eyes: bool = True,
    ) -> Grant:
        """Let a group read, masked columns in the clear. A grant of the same tables to the same group is replaced.

        Args:
            pattern: a table; without four eyes also a schema or `*`.
            group: who reads.
            by: a person.
            tables: what the lake holds, to see whom the tables belong to.
            until: the first moment at which it no longer holds.
            four_eyes: False lets owners open their own tables.

        Raises:
            AccessDenied: `by` is not a person, or owns one of the tables.
            BadInput: the pattern, the group or the end is not possible.
        """
        may_decide(by)
        wanted = parse_pattern(pattern)
        owned = tuple(table for table in tables if str(table.ref) == wanted)
        if four_eyes and not owned:
            raise BadInput(
                f"Masked columns are shown in the clear one table at a time, and {wanted} is none.",
                hint="Name a table that is there: whose tomorrow's tables will be, nobody knows.",
            )
        may_open(by, owned, four_eyes=four_eyes)
        return self._add(pattern, group, by, until, unmask=True)

    def _add(self, pattern: str, group: str, by: Principal, until: datetime | None, *, unmask: bool) -> Grant:
        now = self.clock()
        if until is not None and (until.tzinfo is None or until <= now):
            raise BadInput("A grant must end in the future.", hint="Give a day after today, or none.")
        wanted, reader = parse_pattern(pattern), parse_group(group)
        values = {
            "pattern": wanted,
            "group_name": reader,
            "unmask": unmask,
            "until": until,
            "granted_by": by.subject,
            "at": now,
        }
        with self._audit.transaction() as work:
            same = _same(wanted, reader)
            before = work.connection.execute(sa.select(GRANTS).where(same)).first()
            work.connection.execute(sa.delete(GRANTS).where(same))
            if before is not None:
                work.record("grant.removed", by, _told(_grant(before)))
            work.connection.execute(sa.insert(GRANTS).values(**values))
            made = _grant(work.connection.execute(sa.select(GRANTS).where(same)).one())
            bump(work.connection, POLICY)
            work.record("grant.added", by, _told(made))
        return made

    def remove(self, grant: int | str, group: str | None = None, *, by: Principal) -> Grant:
        """Take a grant back, named by its id or by pattern and group. It holds from the next statement on.

        Raises:
            AccessDenied: `by` is not a person.
            NotFound: there is no such grant.
        """
        may_decide(by)
        if isinstance(grant, int):
            which = GRANTS.c.id == grant
        else:
            which = _same(parse_pattern(grant), parse_group(group or ""))
        with self._audit.transaction() as work:
            row = work.connection.execute(sa.select(GRANTS).where(which)).first()
            if row is None:
                raise NotFound("There is no such grant.", hint="`skipper grant list` shows all.")
            gone = _grant(row)
            work.connection.execute(sa.delete(GRANTS).where(GRANTS.c.id == gone.id))
            bump(work.connection, POLICY)
            work.record("grant.removed", by, _told(gone))
        return gone

    def of(self, pattern: str, group: str) -> Grant | None:
        """The grant of just these tables to this group, or None.

        Raises:
            BadInput: the pattern or the group is not possible.
        """
        same = _same(parse_pattern(pattern), parse_group(group))
        with reading(self._state) as connection:
            row = connection.execute(sa.select(GRANTS).where(same)).first()
        return None if row is None else _grant(row)

    def list(self) -> tuple[Grant, ...]:
        """All grants, also those that have ended, by pattern and group."""
        query = sa.select(GRANTS).order_by(GRANTS.c.pattern, GRANTS.c.group_name)
        with reading(self._state) as connection:
            return tuple(_grant(row) for row in connection.execute(query))


def _same(pattern: str, group: str) -> sa.ColumnElement[bool]:
    return sa.and_(GRANTS.c.pattern == pattern, GRANTS.c.group_name == group)


def _grant(row: sa.Row[builtins.tuple[object, ...]]) -> Grant:
    return Grant(
        id=row.id,
        pattern=row.pattern,
        group=row.group_name,
        unmask=row.unmask,
        until=row.until,
        granted_by=row.granted_by,
        at=row.at,
    )


def _told(grant: Grant) -> dict[str, object]:
    until = grant.until.isoformat() if grant.until else None
    return {"pattern": grant.pattern, "group": grant.group, "unmask": grant.unmask, "until": until}
