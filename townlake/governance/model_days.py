"""What chat models may cost a caller a day: taken before a call, settled after it, in the state database.

A call counts for whoever asks. One that a service makes for a person counts for both, and both must have room. What a
process held that died meanwhile comes back once its call can be under way no more: what it cost, nobody can tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from townlake.domain.allowance import Allowance
from townlake.domain.errors import LimitExceeded
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.day_finding import percent
from townlake.governance.day_uses import Account, day_of, end_of_day
from townlake.governance.quotas import Quotas, accounts_of
from townlake.governance.tables import EVERYBODY, MODEL_HOLDS, MODEL_USES
from townlake.state.store import reading, writing

USED_UP: Final = "budget"
"""The limit of a day that is used up."""
HELD: Final = "budget_held"
"""The limit of a day whose rest is held for calls that run."""
MICRO: Final = 1_000_000
KEPT_DAYS: Final = 400
_MOST: Final = 2**53
_LONGEST: Final = 255
_OTHERS_MORE: Final = "Questions that a metric or a verified query covers need no model."


class ModelUse(NamedTuple):
    """What calls took."""

    tokens: int = 0
    micro_usd: int = 0
    """Millionths of a US dollar."""


class ModelCost(NamedTuple):
    """What one call took, of which model."""

    model: str
    input_tokens: int
    output_tokens: int
    micro_usd: int
    estimated_calls: int = 0
    """1 where the figures are the most that it can have taken, since nobody told what it did."""


class ModelHold(NamedTuple):
    """What a call that runs has taken of its accounts' day."""

    day: str
    accounts: tuple[Account, ...]
    key: str = ""
    """Empty where nothing limits them."""


class DayBudget(NamedTuple):
    """What one account may take of a day, and has taken."""

    account: Account
    most_tokens: int | None
    most_micro_usd: int | None
    used: ModelUse
    held: ModelUse


class ModelDays:
    """The days of all callers. Safe between threads, processes and servers.

    Args:
        state: the database.
        clock: the time, in UTC.
        quotas: what was given to whom.
        version: of the policy, in which every change of an allowance counts.
        ask: whom to ask for more, as a sentence.
    """

    def __init__(
        self, state: sa.Engine, clock: Callable[[], datetime], quotas: Quotas, version: Callable[[], str], ask: str
    ) -> None:
        self._state = state
        self._clock = clock
        self._quotas = quotas
        self._version = version
        self._ask = ask

    def of(self, caller: Principal, seconds: float) -> ModelDay:
        """The day of a caller whose calls take so many seconds at most."""
        return ModelDay(self, caller, seconds)

    def budgets(self, caller: Principal) -> tuple[DayBudget, ...]:
        """What all accounts of a caller may take of today, and have taken: their own first."""
        # The policy's version reads the state, too: two connections at once would drain the pool under load.
        now, allowances = self._clock(), self._quotas.own(caller, self._version())
        with reading(self._state) as connection:
            return tuple(_budgets(connection, caller, allowances, now))

    def reserve(self, caller: Principal, wanted: ModelUse, seconds: float) -> ModelHold:
        """Take what a call may need of its accounts' day.

        Args:
            caller: who asks.
            wanted: what the call takes at most.
            seconds: as long it may run; then what is still held comes back.

        Raises:
            LimitExceeded: a day does not suffice.
            HomeError: the database cannot be used: nothing is called then.
        """
        now = self._clock()
        accounts = tuple(account for account, _ in accounts_of(caller))
        day, key = day_of(now), uuid4().hex
        allowances = self._quotas.own(caller, self._version())
        if not any(map(_is_limited, allowances)):
            return ModelHold(day, accounts)
        until = math.ceil((now + timedelta(seconds=seconds)).timestamp())
        with writing(self._state) as connection:
            connection.execute(sa.delete(MODEL_HOLDS).where(MODEL_HOLDS.c.until < int(now.timestamp())))
            for budget in _budgets(connection, caller, allowances, now):
                if (fault := self._fault(budget, wanted, caller, now)) is not None:
                    raise fault
            held = {"day": day, "tokens": wanted.tokens, "micro_usd": wanted.micro_usd, "until": until}
            rows = [{"id": key, "kind": each.kind.value, "subject": each.subject, **held} for each in accounts]
            connection.execute(sa.insert(MODEL_HOLDS), rows)
        return ModelHold(day, accounts, key)

    def settle(self, hold: ModelHold, took: ModelCost) -> None:
        """Put what a call took in the place of what was held for it. It counts for the day on which it began."""
        with writing(self._state) as connection:
            if hold.key:
                connection.execute(sa.delete(MODEL_HOLDS).where(MODEL_HOLDS.c.id == hold.key))
            for account in hold.accounts:
                _add(connection, hold.day, account.kind.value, account.subject, took)
            if hold.accounts:
                _add(connection, hold.day, *EVERYBODY, took)

    def _fault(self, of: DayBudget, wanted: ModelUse, caller: Principal, now: datetime) -> LimitExceeded | None:
        """What of a day does not suffice, and what to do."""
        for name, most, used, held, more in (
            ("tokens", of.most_tokens, of.used.tokens, of.held.tokens, wanted.tokens),
            ("US dollars", of.most_micro_usd, of.used.micro_usd, of.held.micro_usd, wanted.micro_usd),
        ):
            if most is None or (used + held + more <= most and used < most):
                continue
            if used + more <= most and used < most:
                return LimitExceeded(
                    f"Calls of models for {of.account.subject} that run now may take what is left of the day.",
                    limit=HELD,
                    hint="Ask again when they have ended.",
                )
            who = of.account.subject
            # Figures of a service are not for those whom it acts for.
            if caller.on_behalf_of is not None and of.account.kind is not PrincipalKind.USER:
                message = f"What models may cost {who} a day does not suffice for one more call."
            else:
                words = f"{most:,} {name}" if name == "tokens" else f"{most / MICRO:g} {name}"
                message = (
                    f"{who} has used {percent(used, most)} % of the {words} that models may take a day, and the rest "
                    "does not suffice for one more call."
                )
            anew = f"The day begins anew at {end_of_day(now):%Y-%m-%d %H:%M} UTC."
            return LimitExceeded(message, limit=USED_UP, hint=f"{anew} {self._ask} {_OTHERS_MORE}")
        return None


@dataclass(frozen=True, slots=True)
class ModelDay:
    """The day of one caller."""

    days: ModelDays
    caller: Principal
    seconds: float

    def reserve(self, wanted: ModelUse) -> ModelHold:
        """Take what a call may need.

        Raises:
            LimitExceeded: the day does not suffice.
        """
        return self.days.reserve(self.caller, wanted, self.seconds)

    def settle(self, hold: ModelHold, took: ModelCost) -> None:
        """Put what it took in its place."""
        self.days.settle(hold, took)


def _is_limited(allowance: Allowance) -> bool:
    return allowance.day_tokens is not None or allowance.day_usd is not None


def _of(table: sa.Table, day: str, account: Account) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.day == day, table.c.kind == account.kind.value, table.c.subject == account.subject)


def _budgets(
    connection: sa.Connection, caller: Principal, allowances: Sequence[Allowance], now: datetime
) -> list[DayBudget]:
    return [
        DayBudget(
            account,
            allowance.day_tokens,
            None if allowance.day_usd is None else round(allowance.day_usd * MICRO),
            _used(connection, day_of(now), account),
            _held(connection, day_of(now), account, now),
        )
        for (account, _), allowance in zip(accounts_of(caller), allowances, strict=True)
    ]


def _used(connection: sa.Connection, day: str, account: Account) -> ModelUse:
    tokens = MODEL_USES.c.input_tokens + MODEL_USES.c.output_tokens
    return _sum(connection, (tokens, MODEL_USES.c.micro_usd), _of(MODEL_USES, day, account))


def _held(connection: sa.Connection, day: str, account: Account, now: datetime) -> ModelUse:
    runs = sa.and_(_of(MODEL_HOLDS, day, account), MODEL_HOLDS.c.until >= int(now.timestamp()))
    return _sum(connection, (MODEL_HOLDS.c.tokens, MODEL_HOLDS.c.micro_usd), runs)


def _sum(
    connection: sa.Connection, figures: Sequence[sa.ColumnElement[int]], which: sa.ColumnElement[bool]
) -> ModelUse:
    # PostgreSQL adds big integers to a decimal.
    row = connection.execute(sa.select(*(sa.func.sum(each) for each in figures)).where(which)).one()
    return ModelUse(*(int(each or 0) for each in row))


def _add(connection: sa.Connection, day: str, kind: str, subject: str, took: ModelCost) -> None:
    key = {"day": day, "kind": kind, "subject": subject, "model": took.model[:_LONGEST]}
    here = sa.and_(*(MODEL_USES.c[name] == value for name, value in key.items()))
    more = {name: min(max(0, each), _MOST) for name, each in took._asdict().items() if name != "model"}
    added = {name: MODEL_USES.c[name] + each for name, each in more.items()}
    if connection.execute(sa.update(MODEL_USES).where(here).values(calls=MODEL_USES.c.calls + 1, **added)).rowcount:
        return
    old = (datetime.fromisoformat(day) - timedelta(days=KEPT_DAYS)).date().isoformat()
    connection.execute(sa.delete(MODEL_USES).where(MODEL_USES.c.day < old))
    connection.execute(sa.insert(MODEL_USES).values(**key, calls=1, **more))
