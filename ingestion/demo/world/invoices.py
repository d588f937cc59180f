"""What was charged: invoices, their lines, and the export of the system before."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import NEVER, dates, decimals, integers, numbers, picked, table, units
from ingestion.demo.days import FIRST, TODAY, day, months_later
from ingestion.demo.draws import Draws, Ints
from ingestion.demo.world.accounts import FIRST_ACCOUNT_ID
from ingestion.demo.world.markets import COUNTRIES
from ingestion.demo.world.plans import BY_ID
from ingestion.demo.world.subscriptions import FIRST_SUBSCRIPTION_ID, Version

FIRST_INVOICE_ID: Final = 1_000_001
LEGACY_UNTIL: Final = day(2026, 4)
"""From this day on the old system got no more invoices."""
STATUSES: Final = ("paid", "open", "void", "draft")
PAID, OPEN, VOID, DRAFT = range(4)
KINDS: Final = ("base", "overage", "discount", "credit")
_TERM_DAYS: Final = 30


def invoices_and_lines(given: list[Version], accounts: pa.Table) -> tuple[pa.Table, pa.Table]:
    """An invoice for each month or year that began, and what it is made of."""
    draws = Draws("invoices")
    place, issued = _due(given)
    n = len(place)
    price = np.array([v.price_cents for v in given])[place]
    whole = np.where(np.array([v.currency for v in given])[place] == "JPY", 100, 1)

    def part(per_mille: int, low: int, high: int) -> Ints:
        """A part of the price in whole cents or yen, where there is one at all."""
        share = price * draws.integers(n, low, high) // 1000 // whole * whole
        return np.where(draws.chance(n, per_mille), share, 0)

    amounts = np.stack([price, part(300, 20, 400), -part(150, 50, 250), -part(25, 100, 1000)])
    net = amounts.sum(axis=0)
    account = np.array([v.account for v in given])[place] - FIRST_ACCOUNT_ID
    taxes = {c.code: c.tax_percent for c in COUNTRIES}
    percent = np.array([taxes[code] for code in accounts["country_code"].to_pylist()])[account]
    tax = net * percent // 100 // whole * whole
    status, paid = _settled(draws, issued)
    emails = accounts["billing_email"]
    iban = draws.integers(len(accounts), 10**12, 10**13).tolist()
    codes = accounts["country_code"].to_pylist()
    ibans = [f"{code}{number % 89 + 10}{number}" for code, number in zip(codes, iban, strict=True)]
    invoice_id = FIRST_INVOICE_ID + np.arange(n)
    invoices = table(
        {
            "invoice_id": integers(invoice_id),
            "account_id": integers(FIRST_ACCOUNT_ID + account),
            "subscription_id": integers(FIRST_SUBSCRIPTION_ID + place),
            "issued_on": dates(issued),
            "due_on": dates(issued + _TERM_DAYS),
            "paid_on": dates(paid),
            "status": picked(STATUSES, status),
            "currency": picked([v.currency for v in given], place),
            "net_amount": decimals(net, 14, 2),
            "tax_amount": decimals(tax, 14, 2),
            "total_amount": decimals(net + tax, 14, 2),
            "billing_email": emails.combine_chunks().take(pa.array(account)),
            "iban": picked(ibans, account),
        }
    )
    return invoices, _lines(amounts, invoice_id, draws)


def _due(given: list[Version]) -> tuple[Ints, Ints]:
    """(place of the version, day) of each invoice, by day."""
    found: list[tuple[int, int]] = []
    for place, version in enumerate(given):
        if version.trial or not version.price_cents:
            continue
        until = TODAY + 1 if version.end == NEVER else version.end
        months, count = BY_ID[version.plan].months, 0
        while (issued := months_later(version.start, count * months)) < until:
            if issued >= FIRST:
                found.append((issued, place))
            count += 1
    found.sort()
    days, places = zip(*found, strict=True)
    return np.array(places, dtype=np.int64), np.array(days, dtype=np.int64)


def _settled(draws: Draws, issued: Ints) -> tuple[Ints, Ints]:
    """The status and the day of payment of each invoice, as they stand today."""
    n = len(issued)
    delay = np.where(draws.chance(n, 850), draws.integers(n, 1, 31), draws.integers(n, 31, 120))
    never = draws.chance(n, 12)
    status = np.where(never | (issued + delay > TODAY), OPEN, PAID)
    status[draws.chance(n, 15)] = VOID
    status[(issued >= TODAY - 3) & draws.chance(n, 500)] = DRAFT
    return status, np.where(status == PAID, issued + delay, NEVER)


def _lines(amounts: Ints, invoice_id: Ints, draws: Draws) -> pa.Table:
    kind, invoice = np.nonzero((amounts != 0) | (np.arange(len(KINDS)) == 0)[:, None])
    order = np.lexsort((kind, invoice))
    kind, invoice = kind[order], invoice[order]
    n = len(kind)
    number = np.arange(n) - np.maximum.accumulate(np.where(np.diff(invoice, prepend=-1) != 0, np.arange(n), 0)) + 1
    texts = ("Subscription", "Usage above the plan", "Discount", "Credit for an outage")
    return table(
        {
            "line_id": integers(np.arange(n) + 1),
            "invoice_id": integers(invoice_id[invoice]),
            "line_number": integers(number),
            "line_kind": picked(KINDS, kind),
            "description": picked([*texts, None], np.where(draws.chance(n, 40), len(texts), kind)),
            "amount": decimals(amounts[kind, invoice], 14, 2),
        }
    )


def invoices_legacy(invoices: pa.Table) -> pa.Table:
    """The old system's export: no credits, no void invoices marked as such, one rate for all years, half a year old."""
    draws = Draws("legacy")
    issued = numbers(invoices, "issued_on")
    kept = np.flatnonzero((issued < LEGACY_UNTIL) & ~draws.chance(len(issued), 30))
    old = invoices.take(pa.array(kept))
    fixed = {"USD": 1000, "EUR": 1100, "GBP": 1300, "JPY": 7, "BRL": 200}
    rate = np.array([fixed[code] for code in old["currency"].to_pylist()])
    cents = units(old, "total_amount") * rate // 1000
    return table(
        {
            "invoice_no": integers(numbers(old, "invoice_id")),
            "customer_id": integers(numbers(old, "account_id")),
            "invoice_date": old["issued_on"].combine_chunks(),
            "amount_usd": pa.array(cents / 100),
            "state": picked(("PAID", "OPEN"), draws.choose(len(kept), [9, 1])),
        }
    )
