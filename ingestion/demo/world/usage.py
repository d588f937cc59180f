"""What customers' sites served: the big table, and the list of codes that it is keyed by."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, dates, integers, moments, picked, table
from ingestion.demo.days import TODAY, day
from ingestion.demo.draws import Bools, Draws, Ints
from ingestion.demo.world.subscriptions import Version

METRICS: Final = ("requests", "cached_requests", "bytes", "errors_5xx")
START: Final = day(2026, 1)
END: Final = day(2026, 10)
"""The last complete month is September; nothing of October has come yet."""
RENAMED: Final = day(2026, 5)
"""On this day a tenth of the customers got a new code."""
LATE: Final = day(2026, 9)
"""The first day of the month that came late."""
QUIET: Final = day(2026, 8, 20)
ARRIVED: Final = day(2026, 10, 12)
MEASURED: Final = 1060
_ORPHANS: Final = 6
_SECONDS: Final = 86_400
_WEEK: Final = np.array([104, 108, 107, 106, 101, 82, 78])
"""Per cent of the mean, from Thursday on, as 1970 began with one."""


def usage(given: list[Version]) -> tuple[pa.Table, pa.Table]:
    """(daily usage, codes of the accounts)."""
    draws = Draws("usage")
    account, first, last = _measured(given, draws)
    n, days = len(account), np.arange(START, END)
    renamed = draws.chance(n, 100)
    old_code, new_code = _codes(draws, n), _codes(draws, n)
    orphans = _codes(draws, _ORPHANS)
    size = np.array([1, 9, 70])[draws.choose(n + _ORPHANS, [70, 24, 6])] * draws.integers(n + _ORPHANS, 900, 9_000)
    amounts = _amounts(draws, size, days)
    present = (days >= first[:, None]) & (days < last[:, None])
    present = np.concatenate([present, np.ones((_ORPHANS, len(days)), dtype=np.bool_)])
    present &= ~draws.chance(present.size, 20).reshape(present.shape)
    at_day, at_code = np.nonzero(present.T)
    codes = np.array([*old_code, *orphans, *new_code])
    later = np.concatenate([np.where(renamed, n + _ORPHANS + np.arange(n), np.arange(n)), n + np.arange(_ORPHANS)])
    code = np.where(days[at_day] >= RENAMED, later[at_code], at_code)
    return _daily(draws, days[at_day], codes, code, amounts[:, at_code, at_day]), table(
        {
            "external_code": [*old_code, *(c for c, new in zip(new_code, renamed.tolist(), strict=True) if new)],
            "account_id": integers(np.concatenate([account, account[renamed]])),
            "issued_on": dates(np.concatenate([first, np.full(int(renamed.sum()), RENAMED)])),
        }
    )


def _measured(given: list[Version], draws: Draws) -> tuple[Ints, Ints, Ints]:
    """(account, first day, day after the last) of those whose traffic is measured."""
    spans: dict[int, tuple[int, int]] = {}
    for version in given:
        end = TODAY if version.end == NEVER else version.end
        start, until = spans.get(version.account, (version.start, end))
        spans[version.account] = (min(start, version.start), max(until, end))
    found = sorted(account for account, (_, until) in spans.items() if until > START)
    account = np.array(found)[np.sort(draws.order(len(found))[:MEASURED])]
    first, last = np.array([spans[a] for a in account.tolist()]).T
    # Some pay and have no traffic any more.
    quiet = draws.chance(len(account), 25)
    return account, first, np.where(quiet, np.minimum(last, QUIET), last)


def _codes(draws: Draws, count: int) -> list[str]:
    return [f"x{bits & 0xFFFFFFFFFF:010x}" for bits in draws.bits(count).tolist()]


def _amounts(draws: Draws, size: Ints, days: Ints) -> Ints:
    """What each metric counted, by (metric, code, day)."""
    shape = (len(size), len(days))
    noise = draws.integers(shape[0] * shape[1], 80, 121).reshape(shape)
    growth = 100 + (days - START) * draws.integers(len(size), -10, 40)[:, None] // 273
    requests = size[:, None] * _WEEK[days % 7] * noise * growth // 1_000_000 * 10
    hits = draws.integers(len(size), 550, 960)[:, None] + draws.integers(requests.size, -30, 31).reshape(shape)
    cached = requests * hits // 1000
    errors = requests * draws.integers(len(size), 1, 60)[:, None] * noise // 1_000_000
    served = requests * draws.integers(len(size), 9_000, 90_000)[:, None]
    return np.stack([requests, cached, served, errors])


def _daily(
    draws: Draws, on: Ints, codes: np.ndarray[tuple[int], np.dtype[np.str_]], code: Ints, amounts: Ints
) -> pa.Table:
    """The long form: a row a day, code and metric, by day."""
    n = len(on) * len(METRICS)
    at = np.repeat(np.arange(len(on)), len(METRICS))
    metric = np.tile(np.arange(len(METRICS)), len(on))
    loaded = np.where(on < LATE, on + 1, ARRIVED) * _SECONDS + 3 * 3600
    lost: Bools = draws.chance(n, 4)
    return table(
        {
            "usage_on": dates(on[at]),
            "external_code": picked(codes.tolist(), code[at]),
            "metric": picked(METRICS, metric),
            "quantity": integers(amounts.T.reshape(n), lost),
            "loaded_at": moments(loaded[at]),
        }
    )
