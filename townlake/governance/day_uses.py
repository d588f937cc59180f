"""How much each caller took of a day of UTC, in one row each.

A statement takes what it may need before it runs, and what it took is put in its place when it has ended. So
statements that run at once see each other, and one that dies counts in full: nobody knows what it read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from townlake.domain.principal import PrincipalKind
from townlake.governance.tables import DAY_USES
from townlake.state.quick_row import quick_row, with_marks

KEPT_DAYS: Final = 31
_MOST: Final = 2**62
"""More is no figure, and no database could add to it."""
_FIGURES: Final = ("bytes", "milliseconds", "held_bytes", "held_milliseconds", "held_until")
_ONE: Final = "WHERE day = ? AND kind = ? AND subject = ?"
_READ: Final = f"SELECT {', '.join(_FIGURES)} FROM day_uses {_ONE}"  # noqa: S608
_PUT: Final = f"UPDATE day_uses SET {', '.join(f'{name} = ?' for name in _FIGURES)} {_ONE}"  # noqa: S608


class Account(NamedTuple):
    """Whose day it is: a user and a service of one name are two."""

    kind: PrincipalKind
    subject: str


class Use(NamedTuple):
    """What was taken."""

    bytes: int = 0
    milliseconds: int = 0


class DayUse(NamedTuple):
    """What was taken of a day, and how much of that is only held for statements that run."""

    bytes: int = 0
    milliseconds: int = 0
    held_bytes: int = 0
    held_milliseconds: int = 0
    held_until: int = 0
    """When all that runs must be over, in seconds since 1970: what is still held then, is used."""

    def used(self, now: datetime) -> Use:
        """What is used: all but what is held for statements that run."""
        if now.timestamp() > self.held_until:
            return Use(self.bytes, self.milliseconds)
        return Use(self.bytes - self.held_bytes, self.milliseconds - self.held_milliseconds)

    def reserved(self, more: Use, now: datetime, until: datetime) -> DayUse:
        """With what another statement may take until then."""
        runs = now.timestamp() <= self.held_until
        return DayUse(
            _sum(self.bytes, more.bytes),
            _sum(self.milliseconds, more.milliseconds),
            _sum(self.held_bytes if runs else 0, more.bytes),
            _sum(self.held_milliseconds if runs else 0, more.milliseconds),
            max(self.held_until, int(until.timestamp())),
        )

    def settled(self, reserved: Use, took: Use) -> DayUse:
        """With what a statement took in place of what was reserved for it."""
        return DayUse(
            _sum(self.bytes, took.bytes - reserved.bytes),
            _sum(self.milliseconds, took.milliseconds - reserved.milliseconds),
            _sum(self.held_bytes, -reserved.bytes),
            _sum(self.held_milliseconds, -reserved.milliseconds),
            self.held_until,
        )


def day_of(moment: datetime) -> str:
    """The day that a moment counts for, in UTC; the clock gives UTC."""
    return moment.date().isoformat()


def end_of_day(moment: datetime) -> datetime:
    """When the next day begins."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def uses_of(state: sa.Engine, day: str, accounts: Collection[Account]) -> Mapping[Account, DayUse]:
    """What these accounts took of a day."""
    return {account: DayUse(*(quick_row(state, _READ, _key(day, account)) or ())) for account in accounts}


def locked_use(connection: sa.Connection, day: str, account: Account) -> DayUse:
    """The same inside a transaction that writes."""
    row = connection.exec_driver_sql(with_marks(connection.dialect, _READ), _key(day, account)).first()
    return DayUse(*row) if row else DayUse()


def put_use(connection: sa.Connection, day: str, account: Account, use: DayUse) -> None:
    """Write down what an account took of a day, read in the same transaction."""
    put = with_marks(connection.dialect, _PUT)
    if connection.exec_driver_sql(put, (*use, *_key(day, account))).rowcount:
        return
    old = (datetime.fromisoformat(day) - timedelta(days=KEPT_DAYS)).date().isoformat()
    connection.execute(sa.delete(DAY_USES).where(DAY_USES.c.day < old))
    values = {"day": day, "kind": account.kind.value, "subject": account.subject}
    connection.execute(sa.insert(DAY_USES).values(**values, **use._asdict()))


def _key(day: str, account: Account) -> tuple[str, str, str]:
    return day, account.kind.value, account.subject


def _sum(one: int, more: int) -> int:
    return min(max(0, one + more), _MOST)
