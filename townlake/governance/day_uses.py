"""How much each caller took of a day of UTC, in one row each.

A statement adds what it may take before it runs, and the difference to what it took when it has ended. So
statements that run at once see each other, and one that dies counts in full: nobody knows what it read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from townlake.domain.principal import PrincipalKind
from townlake.governance.tables import DAY_USES
from townlake.state.store import reported

KEPT_DAYS: Final = 31
_ONE: Final = "WHERE day = ? AND kind = ? AND subject = ?"
_READ: Final = f"SELECT bytes, milliseconds FROM day_uses {_ONE}"  # noqa: S608
_SUMS: Final = (
    "bytes = CASE WHEN bytes + ? < 0 THEN 0 ELSE bytes + ? END, "
    "milliseconds = CASE WHEN milliseconds + ? < 0 THEN 0 ELSE milliseconds + ? END"
)
_ADD: Final = f"UPDATE day_uses SET {_SUMS} {_ONE}"  # noqa: S608


class Account(NamedTuple):
    """Whose day it is: a user and a service of one name are two."""

    kind: PrincipalKind
    subject: str


class Use(NamedTuple):
    """What was taken."""

    bytes: int = 0
    milliseconds: int = 0


def day_of(moment: datetime) -> str:
    """The day that a moment counts for, in UTC; the clock gives UTC."""
    return moment.date().isoformat()


def end_of_day(moment: datetime) -> datetime:
    """When the next day begins."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def uses_of(state: sa.Engine, day: str, accounts: Collection[Account]) -> Mapping[Account, Use]:
    """What these accounts took of a day.

    Below SQLAlchemy's connections, since every check asks this: 20 instead of 150 microseconds.
    """
    query, found = _written(_READ, state.dialect), {}
    with reported(state), closing(state.raw_connection()) as connection:
        try:
            cursor = connection.cursor()
            for account in accounts:
                cursor.execute(query, _key(day, account))
                row = cursor.fetchone()
                found[account] = Use(*row) if row else Use()
        except state.dialect.loaded_dbapi.Error:
            # SQLAlchemy has not seen it: what is broken must not go back into its pool.
            connection.invalidate()
            raise
    return found


def locked_use(connection: sa.Connection, day: str, account: Account) -> Use:
    """The same inside a transaction that writes."""
    row = connection.exec_driver_sql(_written(_READ, connection.dialect), _key(day, account)).first()
    return Use(*row) if row else Use()


def add_use(connection: sa.Connection, day: str, account: Account, more: Use) -> None:
    """Add to what an account took of a day, or take back what it did not take. Never below nothing."""
    figures = (more.bytes, more.bytes, more.milliseconds, more.milliseconds)
    if connection.exec_driver_sql(_written(_ADD, connection.dialect), (*figures, *_key(day, account))).rowcount:
        return
    old = (datetime.fromisoformat(day) - timedelta(days=KEPT_DAYS)).date().isoformat()
    connection.execute(sa.delete(DAY_USES).where(DAY_USES.c.day < old))
    values = {"day": day, "kind": account.kind.value, "subject": account.subject}
    kept = {"bytes": max(0, more.bytes), "milliseconds": max(0, more.milliseconds)}
    connection.execute(sa.insert(DAY_USES).values(**values, **kept))


def _key(day: str, account: Account) -> tuple[str, str, str]:
    return day, account.kind.value, account.subject


def _written(statement: str, dialect: sa.Dialect) -> str:
    """A statement with the marks of the database's driver."""
    return statement if dialect.paramstyle == "qmark" else statement.replace("?", "%s")
