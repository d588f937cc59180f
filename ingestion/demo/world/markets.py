"""Where customers are, and what money they pay in."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from ingestion.demo.columns import dates, decimals, table
from ingestion.demo.days import MONTH_STARTS, TODAY, day
from ingestion.demo.draws import Draws


class Country(NamedTuple):
    """A market."""

    code: str
    name: str
    region: str
    currency: str
    weight: int
    tax_percent: int
    dialling: str


COUNTRIES: Final = (
    Country("US", "United States", "AMER", "USD", 300, 0, "+1"),
    Country("CA", "Canada", "AMER", "USD", 60, 5, "+1"),
    Country("MX", "Mexico", "LATAM", "USD", 40, 16, "+52"),
    Country("BR", "Brazil", "LATAM", "BRL", 80, 17, "+55"),
    Country("CL", "Chile", "LATAM", "USD", 15, 19, "+56"),
    Country("DE", "Germany", "EMEA", "EUR", 110, 19, "+49"),
    Country("FR", "France", "EMEA", "EUR", 80, 20, "+33"),
    Country("GB", "United Kingdom", "EMEA", "GBP", 95, 20, "+44"),
    Country("NL", "Netherlands", "EMEA", "EUR", 45, 21, "+31"),
    Country("ES", "Spain", "EMEA", "EUR", 40, 21, "+34"),
    Country("PT", "Portugal", "EMEA", "EUR", 25, 23, "+351"),
    Country("PL", "Poland", "EMEA", "EUR", 25, 23, "+48"),
    Country("SE", "Sweden", "EMEA", "EUR", 20, 25, "+46"),
    Country("ZA", "South Africa", "EMEA", "USD", 15, 15, "+27"),
    Country("JP", "Japan", "APAC", "JPY", 70, 10, "+81"),
    Country("SG", "Singapore", "APAC", "USD", 35, 9, "+65"),
    Country("AU", "Australia", "APAC", "USD", 45, 10, "+61"),
    Country("IN", "India", "APAC", "USD", 40, 18, "+91"),
)


class Currency(NamedTuple):
    """A currency that customers pay in."""

    code: str
    micro_usd: int
    """Millionths of a US dollar for one unit, in January 2022."""
    price_percent: int
    """The list price in this currency, as per cent of the price in US dollars."""
    smallest_cents: int
    """Prices are whole multiples of it: a yen has no cents."""


CURRENCIES: Final = (
    Currency("USD", 1_000_000, 100, 1),
    Currency("EUR", 1_085_000, 92, 1),
    Currency("GBP", 1_268_000, 79, 1),
    Currency("JPY", 6_700, 15_000, 100),
    Currency("BRL", 196_000, 510, 1),
)
FIRST_RATE: Final = day(2022, 12)


def exchange_rates() -> pa.Table:
    """US dollars for one unit of each currency, a rate a month, a slow random walk."""
    rows: list[tuple[str, int, int]] = []
    for currency in CURRENCIES:
        rate = currency.micro_usd
        steps = Draws(f"rates {currency.code}").integers(len(MONTH_STARTS), -24, 25)
        for start, step in zip(MONTH_STARTS, steps.tolist(), strict=True):
            if currency.code != "USD":
                rate += rate * step // 1000
            if FIRST_RATE <= start <= TODAY:
                rows.append((currency.code, start, rate))
    codes, months, rates = zip(*rows, strict=True)
    return table(
        {
            "currency": codes,
            "rate_month": dates(np.array(months, dtype=np.int64)),
            "usd_rate": decimals(np.array(rates, dtype=np.int64), 12, 6),
        }
    )
