"""Customers, the people there, and those who might become customers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, integers, moments, numbers, picked, table
from ingestion.demo.days import FIRST, TODAY, day
from ingestion.demo.draws import Draws, Ints
from ingestion.demo.words import COMPANY_FIRST, COMPANY_KINDS, COMPANY_SECOND, FIRST_NAMES, JOB_TITLES, LAST_NAMES
from ingestion.demo.world.markets import COUNTRIES

ACCOUNTS: Final = 6000
FIRST_ACCOUNT_ID: Final = 100_001
SEGMENTS: Final = ("Enterprise", "Mid-Market", "Small Business", None)
INDUSTRIES: Final = (
    "Retail", "Software", "Media", "Finance", "Healthcare", "Education", "Travel", "Gaming", "Public Sector", None,
)  # fmt: skip
EMPLOYEES: Final = 420
_DAY: Final = 86_400
_FLAGGED_SINCE: Final = day(2024, 1)


def accounts() -> pa.Table:
    """One row a customer, with our own and test accounts among them, and closed ones still there."""
    draws = Draws("accounts")
    n = ACCOUNTS
    place = np.arange(n)
    names = _company_names(draws)
    country = draws.choose(n, [c.weight for c in COUNTRIES])
    segment = draws.choose(n, [8, 22, 66, 4])
    created = np.sort(draws.integers(n, (FIRST - 60) * _DAY, TODAY * _DAY))
    closed = draws.chance(n, 45) & (created < day(2026, 6) * _DAY)
    until_closed = draws.integers(n, 60, 900) * _DAY
    deleted = np.where(closed & (created + until_closed < TODAY * _DAY), created + until_closed, NEVER)
    internal = place % 150 == 7
    test = place % 120 == 11
    deleted[internal | test] = NEVER
    names = ["Meridian Edge " + name if own else name for name, own in zip(names, internal.tolist(), strict=True)]
    names = ["Test " + name if trial else name for name, trial in zip(names, test.tolist(), strict=True)]
    # Nobody filled the flag in before 2024, unless it was true.
    unknown = (created < _FLAGGED_SINCE * _DAY) & ~test
    return table(
        {
            "account_id": integers(FIRST_ACCOUNT_ID + place),
            "name": names,
            "country_code": picked([c.code for c in COUNTRIES], country),
            "country": picked([c.name for c in COUNTRIES], country),
            "region": picked([c.region for c in COUNTRIES], country),
            "segment": picked(SEGMENTS, np.where(internal, 0, segment)),
            "industry": picked(INDUSTRIES, draws.choose(n, [18, 22, 9, 12, 8, 7, 6, 9, 3, 6])),
            "currency": picked([c.currency for c in COUNTRIES], country),
            "billing_email": [f"billing@{_domain(name)}" for name in names],
            "tax_number": _tax_numbers(draws, country),
            "account_manager_id": integers(draws.integers(n, 1, EMPLOYEES + 1), ~draws.chance(n, 300)),
            "is_internal": pa.array(internal),
            "is_test": pa.array(test, mask=unknown),
            "created_at": moments(created),
            "deleted_at": moments(deleted),
        }
    )


def contacts(given: pa.Table) -> pa.Table:
    """The people at the customers: names, addresses, numbers."""
    draws = Draws("contacts")
    per_account = draws.integers(given.num_rows, 1, 5)
    owner = np.repeat(np.arange(given.num_rows), per_account)
    n = len(owner)
    first, last = draws.integers(n, 0, len(FIRST_NAMES)), draws.integers(n, 0, len(LAST_NAMES))
    names = [given["name"][i].as_py() for i in range(given.num_rows)]
    codes = {c.code: c.dialling for c in COUNTRIES}
    dialling = [codes[code] for code in given["country_code"].to_pylist()]
    created = numbers(given, "created_at")[owner] + draws.integers(n, 0, 40 * _DAY)
    created = np.minimum(created, TODAY * _DAY - 1)
    deleted = created + draws.integers(n, 1, 200) * _DAY
    gone = draws.chance(n, 60) & (deleted < TODAY * _DAY)
    people = [(FIRST_NAMES[f], LAST_NAMES[s]) for f, s in zip(first.tolist(), last.tolist(), strict=True)]
    starts = np.concatenate([[0], np.cumsum(per_account)[:-1]])
    lines = draws.integers(n, 1_000_000, 10_000_000).tolist()
    return table(
        {
            "contact_id": integers(np.arange(n) + 1),
            "account_id": integers(FIRST_ACCOUNT_ID + owner),
            "full_name": [f"{f} {s}" for f, s in people],
            "email": [f"{f}.{s}@{_domain(names[i])}".lower() for (f, s), i in zip(people, owner.tolist(), strict=True)],
            "phone": [
                f"{dialling[i]} 55 {line // 10_000:03d} {line % 10_000:04d}"
                for i, line in zip(owner.tolist(), lines, strict=True)
            ],
            "job_title": picked([*JOB_TITLES, None], draws.integers(n, 0, len(JOB_TITLES) + 1)),
            "is_primary": pa.array(np.arange(n) == starts[owner]),
            "created_at": moments(created),
            "deleted_at": moments(np.where(gone, deleted, NEVER)),
        }
    )


def leads() -> pa.Table:
    """People who asked for an offer. Loaded a week ago; nobody has reviewed the table yet."""
    draws = Draws("leads")
    n = 4000
    first, last = draws.integers(n, 0, len(FIRST_NAMES)).tolist(), draws.integers(n, 0, len(LAST_NAMES)).tolist()
    people = [(FIRST_NAMES[f], LAST_NAMES[s]) for f, s in zip(first, last, strict=True)]
    country = draws.choose(n, [c.weight for c in COUNTRIES])
    return table(
        {
            "lead_id": integers(np.arange(n) + 1),
            "full_name": [f"{f} {s}" for f, s in people],
            "email": [f"{f}.{s}{i % 97}@mail.example".lower() for i, (f, s) in enumerate(people)],
            "country": picked([c.name for c in COUNTRIES], country),
            "source": picked(("Website", "Trade fair", "Partner", "Webinar"), draws.choose(n, [6, 2, 1, 2])),
            "score": integers(draws.integers(n, 0, 101)),
            "created_at": moments(draws.integers(n, (TODAY - 120) * _DAY, TODAY * _DAY)),
        }
    )


def _company_names(draws: Draws) -> list[str]:
    """Every pair of words at most once, so that a name means one customer."""
    pairs = draws.order(len(COMPANY_FIRST) * len(COMPANY_SECOND))[:ACCOUNTS].tolist()
    kinds = draws.integers(ACCOUNTS, 0, len(COMPANY_KINDS)).tolist()
    width = len(COMPANY_SECOND)
    return [
        f"{COMPANY_FIRST[pair // width]} {COMPANY_SECOND[pair % width]} {COMPANY_KINDS[kind]}"
        for pair, kind in zip(pairs, kinds, strict=True)
    ]


def _domain(name: str) -> str:
    return name.lower().replace(" ", "-") + ".example"


def _tax_numbers(draws: Draws, country: Ints) -> list[str | None]:
    digits = draws.integers(len(country), 100_000_000, 1_000_000_000).tolist()
    missing = draws.chance(len(country), 250).tolist()
    return [
        None if none else f"{COUNTRIES[c].code}{number}"
        for c, number, none in zip(country.tolist(), digits, missing, strict=True)
    ]
