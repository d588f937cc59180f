"""What customers bought, version after version, and the changes between the versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, dates, decimals, flags, integers, numbers, table
from ingestion.demo.days import TODAY
from ingestion.demo.draws import Draws
from ingestion.demo.words import LOSS_REASONS
from ingestion.demo.world.accounts import FIRST_ACCOUNT_ID
from ingestion.demo.world.markets import CURRENCIES
from ingestion.demo.world.plans import BY_ID, PRODUCTS

FIRST_SUBSCRIPTION_ID: Final = 500_001
_TRIAL_DAYS: Final = 30
_SECONDS: Final = 86_400
_UP: Final = {1: 2, 2: 4, 3: 5, 4: 6, 5: 7, 6: 7, 7: 7}
_DOWN: Final = {1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 5}
_FIRST_PLANS: Final = {
    "Enterprise": (0, 0, 5, 15, 20, 30, 30),
    "Mid-Market": (5, 10, 15, 35, 25, 6, 4),
    "Small Business": (22, 38, 22, 13, 4, 1, 0),
    None: (15, 35, 25, 15, 10, 0, 0),
}
_PRICES: Final = {currency.code: currency for currency in CURRENCIES}


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a subscription: from `start` to before `end` nothing about it changed."""

    chain: int
    account: int
    product: str
    plan: int
    seats: int
    currency: str
    price_cents: int
    start: int
    end: int
    trial: bool
    cancelled: bool
    """True when the subscription ended with it."""
    reason: str | None = None


def versions(accounts: pa.Table) -> list[Version]:
    """All versions, by the day of their start."""
    found = [version for chain in _chains(accounts) for version in chain]
    return sorted(found, key=lambda v: (v.start, v.chain, v.end if v.end != NEVER else TODAY + 1))


def _chains(accounts: pa.Table) -> Iterator[list[Version]]:
    """The versions of each subscription in turn."""
    draws = Draws("subscriptions")
    n = accounts.num_rows
    ours = flags(accounts, "is_internal") | flags(accounts, "is_test")
    how_many = np.minimum(draws.choose(n, [0, 62, 27, 11]), len(PRODUCTS))
    created, deleted = numbers(accounts, "created_at") // _SECONDS, numbers(accounts, "deleted_at")
    segments, currencies = accounts["segment"].to_pylist(), accounts["currency"].to_pylist()
    product = draws.choose(n, [45, 15, 15, 15, 10])
    rolls = draws.integers(n * 3 * 16, 0, 1000).reshape(n, 3, 16).tolist()
    chain = 0
    for i in range(n):
        last = TODAY if deleted[i] == NEVER else int(deleted[i]) // _SECONDS
        for k in range(int(how_many[i])):
            roll = rolls[i][k]
            start = int(created[i]) + 1 + roll[0] % 90
            if start >= last:
                continue
            chain += 1
            first = 6 + roll[1] % 2 if ours[i] else _weighted(_FIRST_PLANS[segments[i]], roll[1]) + 1
            yield _chain(
                chain,
                FIRST_ACCOUNT_ID + i,
                PRODUCTS[(int(product[i]) + k) % len(PRODUCTS)],
                first,
                currencies[i],
                start,
                last,
                roll,
            )


def _chain(
    chain: int, account: int, product: str, plan: int, currency: str, start: int, last: int, roll: list[int]
) -> list[Version]:
    """One subscription: perhaps a trial, up to two changes, perhaps an end."""
    closed = last < TODAY
    end = last if closed else NEVER
    cancelled = start + 45 + roll[2] * 1100 // 1000
    if roll[3] < 330 and cancelled < last:
        end = cancelled
    reason = LOSS_REASONS[roll[4] % len(LOSS_REASONS)] if roll[4] < 800 else None
    until = end if end != NEVER else TODAY + 1
    starts = [start]
    plans = [plan]
    trial = plan in (2, 3, 4) and roll[5] < 180
    if trial and roll[5] >= 110:
        # The trial ran out and nobody bought.
        until = end = min(until, start + _TRIAL_DAYS)
        reason = None
        if end >= last:
            end, until = (last, last) if closed else (NEVER, TODAY + 1)
        return [_version(chain, account, product, plan, currency, start, end, roll, trial=True, cancelled=False)]
    if trial:
        starts, plans = [start, start + _TRIAL_DAYS], [plan, plan]
    for step in (6, 9):
        changed = starts[-1] + 40 + roll[step] * 500 // 1000
        if roll[step + 1] < (300 if step == 6 else 220) and changed < until:
            new = _UP[plans[-1]] if roll[step + 2] < 720 else _DOWN[plans[-1]]
            if new != plans[-1]:
                starts.append(changed)
                plans.append(new)
    starts = [s for s in starts if s < until]
    ends = [*starts[1:], end]
    made = []
    for place, (from_day, to_day) in enumerate(zip(starts, ends, strict=True)):
        is_last = place == len(starts) - 1 and to_day != NEVER
        made.append(
            _version(
                chain, account, product, plans[place], currency, from_day, to_day, roll,
                trial=trial and place == 0, cancelled=is_last, reason=reason if is_last else None,
            )
        )  # fmt: skip
    return made


def _version(
    chain: int,
    account: int,
    product: str,
    plan: int,
    currency: str,
    start: int,
    end: int,
    roll: list[int],
    *,
    trial: bool,
    cancelled: bool,
    reason: str | None = None,
) -> Version:
    seats = 1 + (roll[12] % 8 if roll[13] < 350 else 0)
    negotiated = 60 + roll[14] * 240 // 1000 if plan >= 6 else 100 - (roll[14] % 30 if roll[15] < 200 else 0)
    money = _PRICES[currency]
    cents = BY_ID[plan].list_cents * seats * negotiated * money.price_percent // 10_000
    cents = cents // money.smallest_cents * money.smallest_cents
    return Version(chain, account, product, plan, seats, currency, cents, start, end, trial, cancelled, reason)


def _weighted(weights: tuple[int, ...], roll: int) -> int:
    rest = roll % sum(weights)
    for place, weight in enumerate(weights):
        rest -= weight
        if rest < 0:
            return place
    raise AssertionError("the weights add up to more than the rest")


def subscriptions(given: list[Version]) -> pa.Table:
    """The versions as rows, and among them some that were entered twice by mistake and deleted again."""
    draws = Draws("mistakes")
    twice = np.flatnonzero(draws.chance(len(given), 20)).tolist()
    rows = [*given, *(given[place] for place in twice)]
    n = len(rows)
    deleted = np.arange(n) >= len(given)
    return table(
        {
            "subscription_id": integers(FIRST_SUBSCRIPTION_ID + np.arange(n)),
            "account_id": integers(np.array([v.account for v in rows])),
            "plan_id": integers(np.array([v.plan for v in rows])),
            "product": [v.product for v in rows],
            "seats": integers(np.array([v.seats for v in rows])),
            "currency": [v.currency for v in rows],
            "price": decimals(np.array([v.price_cents for v in rows]), 12, 2),
            "started_on": dates(np.array([v.start for v in rows])),
            "ended_on": dates(np.array([v.end for v in rows])),
            "status": ["ended" if v.end != NEVER else "trial" if v.trial else "active" for v in rows],
            "cancel_reason": [v.reason for v in rows],
            "is_trial": pa.array([v.trial for v in rows]),
            "is_deleted": pa.array(deleted),
        }
    )


def subscription_events(given: list[Version]) -> pa.Table:
    """What each change did to the monthly revenue, trials left out."""
    paid: dict[int, Version] = {}
    rows: list[tuple[int, int, int, str, int, str, bool]] = []
    for place, version in sorted(enumerate(given), key=lambda pair: (pair[1].chain, pair[1].start)):
        if version.trial:
            continue
        before = paid.get(version.chain)
        monthly = monthly_cents(version)
        kind = "new" if before is None else "upgrade" if monthly >= monthly_cents(before) else "downgrade"
        change = monthly - (monthly_cents(before) if before else 0)
        rows.append((version.start, place, version.account, kind, change, version.currency, False))
        paid[version.chain] = version
        if version.cancelled:
            rows.append((version.end, place, version.account, "cancel", -monthly, version.currency, False))
    rows.sort(key=lambda row: (row[0], row[1], row[3]))
    last = _last_cancellations(given)
    n = len(rows)
    return table(
        {
            "event_id": integers(np.arange(n) + 1),
            "event_on": dates(np.array([row[0] for row in rows])),
            "event_type": [row[3] for row in rows],
            "subscription_id": integers(np.array([FIRST_SUBSCRIPTION_ID + row[1] for row in rows])),
            "account_id": integers(np.array([row[2] for row in rows])),
            "currency": [row[5] for row in rows],
            "mrr_change": decimals(np.array([row[4] for row in rows]), 12, 2),
            "ends_account": pa.array([row[3] == "cancel" and row[1] in last for row in rows]),
        }
    )


def monthly_cents(version: Version) -> int:
    """The price for one month, to the nearest cent."""
    months = BY_ID[version.plan].months
    return (2 * version.price_cents + months) // (2 * months)


def _last_cancellations(given: list[Version]) -> set[int]:
    """Places of the versions with whose end a customer stopped paying for anything."""
    ends: dict[int, list[tuple[int, int]]] = {}
    for place, version in enumerate(given):
        if not version.trial and version.price_cents:
            ends.setdefault(version.account, []).append((TODAY + 1 if version.end == NEVER else version.end, place))
    return {max(found)[1] for found in ends.values() if max(found)[0] <= TODAY and given[max(found)[1]].cancelled}
