"""What a caller may still take: bounds of one statement, and of the day that it counts for.

A statement counts for whoever asks: a user or a service. One that a service runs for a person counts for both, in
full, and both must have room. What the system itself reads counts for nobody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

import sqlalchemy as sa

from townlake.domain.allowance import UNSAID, Allowance, most_generous
from townlake.domain.errors import LimitExceeded
from townlake.domain.finding import Finding
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.allowances import Allowances, Holder
from townlake.governance.day_finding import Shortage, day_finding
from townlake.governance.day_uses import Account, DayUse, Use, day_of, end_of_day, locked_use, put_use, uses_of

MOST_KEPT: Final = 1_000
LEAST_SECONDS: Final = 1.0
"""With less left of a day nothing starts: it would only be stopped again."""
_DAY_SECONDS: Final = 24 * 60 * 60.0
_SLACK_SECONDS: Final = 60.0
"""A statement whose time has been up for so long runs no more."""


class DayLimit(NamedTuple):
    """What one account may take of a day."""

    account: Account
    bytes: int | None
    milliseconds: int | None
    shows_figures: bool
    """False when the figures are of other people's statements, too: those of a service that acts for somebody."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds for one statement."""

    limits: Limits
    days: tuple[DayLimit, ...] = ()
    approval: int | None = None
    """The approval by which it runs, whatever is left of the day."""

    @property
    def need_reads(self) -> bool:
        """Whether anything depends on how much the statement would read."""
        return self.limits.scan_bytes is not None or bool(self.days)

    def with_limits(self, limits: Limits) -> Bounds:
        """The same days, with other bounds of the statement."""
        return replace(self, limits=limits)

    def approved(self, number: int, allowance: Allowance) -> Bounds:
        """The same statement by an approval, with what that allows."""
        return Bounds(_limits(self.limits, allowance), self.days, number)


class Reserved(NamedTuple):
    """What a statement that runs has taken of its accounts' day beforehand."""

    day: str
    accounts: tuple[Account, ...]
    use: Use
    limits: Limits
    """Bounds of the run: no more than is left of the day."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What was given at one version of the policy, and what came of it for callers."""

    version: str
    given: Mapping[tuple[Holder, str], Allowance]
    bounds: dict[tuple[Principal, Limits], Bounds] = field(default_factory=dict)


class Quotas:
    """Answers from memory as long as the policy's version stands; what was taken of a day is read each time."""

    def __init__(
        self,
        state: sa.Engine,
        clock: Callable[[], datetime],
        allowances: Allowances,
        defaults: Mapping[PrincipalKind, Allowance],
    ) -> None:
        self._state = state
        self._clock = clock
        self._allowances = allowances
        self._defaults = defaults
        self._lock = threading.Lock()
        self._said = _Said("", {})

    def bounds(self, principal: Principal, version: str, base: Limits) -> Bounds:
        """What holds for a statement of this caller.

        Args:
            principal: who asks.
            version: the policy's, in which every change of an allowance counts.
            base: what holds where nothing else is said.
        """
        said = self._at(version)
        if not said.given and not self._defaults:
            return Bounds(base)
        found = said.bounds.get((principal, base))
        if found is None:
            if len(said.bounds) >= MOST_KEPT:
                said.bounds.clear()
            found = said.bounds[principal, base] = self._resolved(principal, base, said.given)
        return found

    def _resolved(self, principal: Principal, base: Limits, given: Mapping[tuple[Holder, str], Allowance]) -> Bounds:
        own = [(account, self._of(account, groups, given)) for account, groups in accounts_of(principal)]
        days = tuple(
            DayLimit(
                account,
                allowance.day_bytes,
                None if allowance.day_seconds is None else round(allowance.day_seconds * 1000),
                shows_figures=principal.on_behalf_of is None or account.kind is PrincipalKind.USER,
            )
            for account, allowance in own
            if allowance.day_bytes is not None or allowance.day_seconds is not None
        )
        return Bounds(_narrowest([_limits(base, allowance) for _, allowance in own] or [base]), days)

    def now(self) -> datetime:
        """The time by which days are told apart."""
        return self._clock()

    def allowance(self, principal: Principal, version: str) -> Allowance:
        """The figures of the caller itself, without those of whom it acts for."""
        own = accounts_of(principal)[:1]
        return next((self._of(account, groups, self._at(version).given) for account, groups in own), UNSAID)

    def own(self, principal: Principal, version: str) -> tuple[Allowance, ...]:
        """The figures of each account that the caller's work counts for, in the order of `accounts_of`."""
        given = self._at(version).given
        return tuple(self._of(account, groups, given) for account, groups in accounts_of(principal))

    def use(self, principal: Principal) -> Use:
        """What the caller itself took of today, without what is only held for statements that run."""
        account = next((account for account, _ in accounts_of(principal)[:1]), None)
        now = self._clock()
        return Use() if account is None else uses_of(self._state, day_of(now), [account])[account].used(now)

    def shortage(self, days: Sequence[DayLimit], size: int) -> Shortage | None:
        """What of a day does not suffice for a statement that would read so many bytes; None when it may run."""
        if not days:
            return None
        now = self._clock()
        uses = uses_of(self._state, day_of(now), [limit.account for limit in days])
        return next((short for limit in days if (short := _short(limit, uses[limit.account], size, now))), None)

    def reserve(self, connection: sa.Connection, bounds: Bounds, size: int) -> Reserved | None:
        """Take what a statement may need of its accounts' day, in a transaction that writes.

        Args:
            connection: the transaction, which holds the only lock for writing.
            bounds: what holds for the statement.
            size: how many bytes it would read.

        Raises:
            LimitExceeded: another statement took the rest meanwhile. One that was approved counts, and is not held.
        """
        if not bounds.days:
            return None
        now = self._clock()
        day, limits = day_of(now), bounds.limits
        for limit in bounds.days if bounds.approval is None else ():
            use = locked_use(connection, day, limit.account)
            if short := _short(limit, use, size, now):
                raise exceeded(day_finding(short, (), ""))
            limits = _within(limits, limit, use)
        accounts = tuple(limit.account for limit in bounds.days)
        taken = Use(size, max(1, round(limits.seconds * 1000)))
        until = now + timedelta(seconds=min(limits.seconds, _DAY_SECONDS) + _SLACK_SECONDS)
        for account in accounts:
            put_use(connection, day, account, locked_use(connection, day, account).reserved(taken, now, until))
        return Reserved(day, accounts, taken, limits)

    def settle(self, connection: sa.Connection, reserved: Reserved, took: Use) -> None:
        """Put what a statement took in the place of what was reserved for it."""
        day = reserved.day
        for account in reserved.accounts:
            put_use(connection, day, account, locked_use(connection, day, account).settled(reserved.use, took))

    def _at(self, version: str) -> _Said:
        with self._lock:
            if self._said.version != version:
                given = {(given.kind, given.name): given.allowance for given in self._allowances.list()}
                self._said = _Said(version, given)
            return self._said

    def _of(self, account: Account, groups: frozenset[str], given: Mapping[tuple[Holder, str], Allowance]) -> Allowance:
        """What was given by name; else the most generous that was given to a group; else the settings."""
        named = given.get((Holder(account.kind.value), account.subject), UNSAID)
        grouped = [found for group in groups if (found := given.get((Holder.GROUP, group)))]
        return named.or_else(most_generous(grouped)).or_else(self._defaults.get(account.kind, UNSAID))


def exceeded(finding: Finding) -> LimitExceeded:
    """The error of a statement that may not start any more."""
    return LimitExceeded(finding.message, limit="day", hint=finding.hint, code=finding.code)


def narrower(one: Limits, other: Limits) -> Limits:
    """The first, with the other's time, memory and reads where those are less."""
    scans = [scan for scan in (one.scan_bytes, other.scan_bytes) if scan is not None]
    return one.model_copy(
        update={
            "seconds": min(one.seconds, other.seconds),
            "memory_bytes": min(one.memory_bytes, other.memory_bytes),
            "scan_bytes": min(scans, default=None),
        }
    )


def accounts_of(principal: Principal) -> list[tuple[Account, frozenset[str]]]:
    """The accounts that a statement counts for, with the groups that count for each."""
    found = []
    if principal.kind is not PrincipalKind.SYSTEM:
        found.append((Account(principal.kind, principal.subject), principal.memberships))
    if principal.on_behalf_of is not None:
        person = Principal(subject=principal.on_behalf_of, groups=principal.behalf_groups)
        account = Account(PrincipalKind.USER, person.subject)
        if all(account != other for other, _ in found):
            found.append((account, person.memberships))
    return found


def _limits(base: Limits, allowance: Allowance) -> Limits:
    said = {
        "scan_bytes": allowance.scan_bytes,
        "seconds": allowance.seconds,
        "memory_bytes": allowance.memory_bytes,
    }
    return base.model_copy(update={name: figure for name, figure in said.items() if figure is not None})


def _narrowest(each: Sequence[Limits]) -> Limits:
    found = each[0]
    for other in each[1:]:
        found = narrower(found, other)
    return found


def _short(limit: DayLimit, use: DayUse, size: int, now: datetime) -> Shortage | None:
    """What does not suffice: bytes for the whole estimate, time to start at all."""
    of = _lacking(limit, Use(use.bytes, use.milliseconds), size)
    if of is None:
        return None
    used = use.used(now)
    most, spent = (limit.bytes, used.bytes) if of == "bytes" else (limit.milliseconds, used.milliseconds)
    return Shortage(
        of,
        limit.account.subject,
        most or 0,
        spent,
        size,
        end_of_day(now),
        shows_figures=limit.shows_figures,
        is_held=_lacking(limit, used, size) is None,
    )


def _lacking(limit: DayLimit, use: Use, size: int) -> Literal["bytes", "seconds"] | None:
    if limit.bytes is not None and (use.bytes >= limit.bytes or use.bytes + size > limit.bytes):
        return "bytes"
    if limit.milliseconds is not None:
        least = min(LEAST_SECONDS * 1000, limit.milliseconds) if limit.milliseconds else 1
        if limit.milliseconds - use.milliseconds < least:
            return "seconds"
    return None


def _within(limits: Limits, limit: DayLimit, use: DayUse) -> Limits:
    """The bounds of a run that may take no more than is left of a day."""
    left = limits
    if limit.milliseconds is not None:
        left = left.model_copy(update={"seconds": min(left.seconds, (limit.milliseconds - use.milliseconds) / 1000)})
    if limit.bytes is not None:
        rest = max(1, limit.bytes - use.bytes)
        scan = rest if left.scan_bytes is None else min(left.scan_bytes, rest)
        left = left.model_copy(update={"scan_bytes": scan})
    return left
