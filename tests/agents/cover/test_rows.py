"""The composed SQL gives the right rows: run on a few hand-made ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import duckdb
import pytest
import sqlglot

from agents.ask.cover.result import Cover
from tests.agents.cover.lake import ask

LAKE = """
CREATE SCHEMA crm; CREATE SCHEMA billing; CREATE SCHEMA support;
CREATE TABLE crm.accounts AS SELECT * FROM (VALUES
    (1, 'EMEA', 'Germany', 'SMB', 'Deep Blue', false),
    (2, 'EMEA', 'France', NULL, 'Bank of Nowhere', false),
    (3, NULL, NULL, 'SMB', 'O''Hara & Sons', false),
    (4, 'APAC', 'Japan', 'SMB', 'Ourselves', true)
) AS t(id, region, country, segment, name, is_internal);
CREATE TABLE billing.plans AS SELECT * FROM (VALUES (1, 'Pro'), (2, 'Free')) AS t(id, name);
CREATE TABLE billing.subscriptions AS SELECT * FROM (VALUES
    (1, 1, 1200, DATE '2025-01-10', NULL, 'annual'),
    (2, 1, 2400, DATE '2026-02-01', DATE '2026-06-30', 'annual'),
    (2, 9, 600, DATE '2026-06-30', NULL, 'monthly'),
    (3, 2, 360, DATE '2026-05-15', DATE '2026-08-01', 'monthly'),
    (4, 1, 99999, DATE '2025-01-01', NULL, 'annual')
) AS t(account_id, plan_id, annual_price, started_on, ended_on, billing_interval);
CREATE TABLE billing.rates AS SELECT * FROM (VALUES ('EUR', 1.0), ('USD', 0.5)) AS t(currency, rate);
CREATE TABLE billing.invoices AS SELECT * FROM (VALUES
    (1, 100, 'EUR', DATE '2026-04-01', NULL), (1, 100, 'USD', DATE '2026-06-30', NULL),
    (2, 300, 'EUR', DATE '2026-07-01', NULL), (3, 40, 'EUR', DATE '2026-03-31', NULL),
    (3, 7, 'EUR', DATE '2026-05-05', DATE '2026-05-06'), (4, 500, 'EUR', DATE '2026-05-05', NULL)
) AS t(account_id, amount, currency, issued_on, deleted_at);
CREATE TABLE support.tickets AS SELECT * FROM (VALUES
    (1, false, 'high', TIMESTAMP '2026-07-31 23:59:59.999'), (1, false, 'low', TIMESTAMP '2026-08-01 00:00:00'),
    (2, false, 'high', TIMESTAMP '2026-07-01 00:00:00'), (3, true, 'low', TIMESTAMP '2026-07-02 00:00:00')
) AS t(account_id, is_spam, priority, opened_at);
"""

CASES: list[tuple[str, list[tuple[object, ...]]]] = [
    ("MRR at the end of June", [(100 + 50 + 30,)]),
    ("MRR on June 29, 2026", [(100 + 200 + 30,)]),
    ("MRR by region at the end of June", [("EMEA", 150), (None, 30)]),
    ("MRR excluding EMEA at the end of June", [(30,)]),
    ("MRR by plan at the end of June", [("Pro", 100), (None, 50), ("Free", 30)]),
    (
        "MRR by month since May",
        [
            (date(2026, 5, 1), 330),
            (date(2026, 6, 1), 180),
            (date(2026, 7, 1), 180),
            (date(2026, 8, 1), 150),
        ],
    ),
    ("active accounts and MRR last quarter", [(3, 180)]),
    ("revenue last quarter", [(150,)]),
    ("revenue by region last quarter", [("EMEA", 150)]),
    ("tickets last month", [(2,)]),
    ("tickets by month and priority", [(date(2026, 7, 1), "high", 2), (date(2026, 8, 1), "low", 1)]),
    ("customers with more than 1 ticket", [("Deep Blue", 2)]),
    ("which customer has the most tickets", [("Deep Blue", 2)]),
    ("top 2 customers by MRR", [("Deep Blue", 100), ("Bank of Nowhere", 50)]),
    ("MRR and revenue by region in 2026", [("EMEA", 150, 450), (None, None, 40)]),
    (
        "share of revenue by customer in 2026",
        [("Bank of Nowhere", 300, 300 / 490), ("Deep Blue", 150, 150 / 490), ("O'Hara & Sons", 40, 40 / 490)],
    ),
    ("what share of tickets is high priority", [(2, 2 / 3)]),
    (
        "percentage of MRR by month by segment in July",
        [(date(2026, 7, 1), "SMB", 130, 130 / 180 * 100), (date(2026, 7, 1), None, 50, 50 / 180 * 100)],
    ),
    ("revenue last quarter vs the previous quarter", [(150, 40, 110, 275.0)]),
    (
        "revenue by region last quarter vs the previous quarter",
        [("EMEA", 150, None, None, None), (None, None, 40, None, None)],
    ),
    ("MRR vs the end of last quarter", [(150, 180, -30, -100 / 6)]),
    ("MRR vs last quarter", [(150, 330, -180, -600 / 11)]),
    (
        "revenue by quarter quarter over quarter in 2026",
        [
            (date(2026, 1, 1), 40, None, None, None),
            (date(2026, 4, 1), 150, 40, 110, 275.0),
            (date(2026, 7, 1), 300, 100, 200, 200.0),
        ],
    ),
    ("MRR by month month over month in July", [(date(2026, 7, 1), 180, 180, 0, 0.0)]),
]


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS lake; USE lake;" + LAKE)
        yield connection


@pytest.mark.parametrize(("question", "rows"), CASES, ids=[question for question, _ in CASES])
def test_the_rows_are_right(question: str, rows: list[tuple[object, ...]], lake: duckdb.DuckDBPyConnection) -> None:
    answer = ask(question)
    assert isinstance(answer, Cover), answer
    found = lake.execute(sqlglot.transpile(answer.sql, read="trino", write="duckdb")[0]).fetchall()
    assert len(found) == len(rows), found
    for row, expected in zip(found, rows, strict=True):
        for value, wanted in zip(row, expected, strict=True):
            # DuckDB's date_trunc of a date is a timestamp, Trino's a date.
            value = value.date() if isinstance(value, datetime) else value
            assert value == (pytest.approx(wanted) if isinstance(wanted, (int, float)) else wanted), found
