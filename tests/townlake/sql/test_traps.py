"""Each trap on a statement that falls into it, and on the nearest one that does not."""

from __future__ import annotations

import pytest

from tests.townlake.sql.reading import parse
from townlake.domain.finding import Finding, Severity
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.domain.table import ColumnInfo, ForeignKey, TableInfo
from townlake.domain.verdict import ScanColumn
from townlake.sql.traps import RULES, find_traps
from townlake.sql.typing import annotate


def _ref(name: str) -> TableRef:
    return TableRef(catalog=DEFAULT_CATALOG, namespace="s", name=name)


def _table(name: str, columns: str, key: str = "", foreign: dict[str, str] | None = None) -> TableInfo:
    pairs = [column.split(" ", 1) for column in columns.split(", ")]
    return TableInfo(
        ref=_ref(name),
        uuid=name,
        metadata_location="",
        columns=tuple(
            ColumnInfo(name=name, type=kind.removesuffix("!"), field_id=at, nullable=not kind.endswith("!"))
            for at, (name, kind) in enumerate(pairs, 1)
        ),
        primary_key=(key,) if key else (),
        foreign_keys=tuple(
            ForeignKey(columns=(column,), ref_table=_ref(target), ref_columns=("id",))
            for column, target in (foreign or {}).items()
        ),
    )


TABLES = {
    info.ref: info
    for info in (
        _table("customers", "id bigint, name varchar, since date", "id"),
        _table(
            "orders",
            "id bigint, customer_id bigint, total decimal(12,2), code varchar, placed_at timestamp(6), "
            "seen_at timestamp(6) with time zone, placed_on date, quantity integer, rate decimal(20,8)",
            "id",
            {"customer_id": "customers"},
        ),
        _table("items", "id bigint, order_id bigint, price decimal(12,2)", "id", {"order_id": "orders"}),
        _table("payments", "id bigint, order_id bigint!, amount decimal(12,2)", "id", {"order_id": "orders"}),
        _table("logs", "line varchar, order_id bigint"),
    )
}


def _columns(ref: TableRef) -> list[ScanColumn] | None:
    info = TABLES.get(ref)
    if info is None:
        return None
    return [ScanColumn(name=c.name, type=c.type, field_id=c.field_id) for c in info.columns]


def traps(sql: str) -> dict[str, Finding]:
    """The traps of a statement over the tables above, by code."""
    typed = annotate(parse(sql), _columns, namespace="s", sql=sql)
    assert typed.findings == (), typed.findings
    return {finding.code: finding for finding in find_traps(typed, TABLES.get)}


FALLS = [
    ("TRP001", "SELECT 1.0 * count(*) / 3 FROM orders", "1.0E0 * COUNT(*) / 3"),
    ("TRP001", "SELECT 100.0 * sum(quantity) / count(*) FROM orders", "100.0E0"),
    ("TRP001", "SELECT sum(price) / sum(amount) FROM items, payments", "CAST(SUM(price) AS double) / SUM(amount)"),
    ("TRP001", "SELECT round(total / quantity, 4) FROM orders", "CAST(total AS double) / quantity"),
    ("TRP001", "SELECT total / 12 FROM orders", "CAST(total AS double) / 12"),
    ("TRP001", "SELECT 10 / 4.0 * total / 3 FROM orders", "double"),
    ("TRP002", "SELECT avg(total) FROM orders", "avg(CAST(total AS double))"),
    ("TRP002", "SELECT avg(total) OVER (PARTITION BY code) FROM orders", "avg(CAST(total AS double))"),
    ("TRP003", "SELECT count_if(quantity > 1) / count(*) FROM orders", "AS double) / COUNT(*)"),
    ("TRP003", "SELECT sum(quantity) / nullif(count(*), 0) * 100 FROM orders", "CAST(SUM(quantity) AS double)"),
    ("TRP003", "SELECT round(quantity / id, 2) FROM orders", "CAST(quantity AS double) / id"),
    ("TRP003", "SELECT CAST(quantity / 7 AS double) FROM orders", "CAST(quantity AS double) / 7"),
    ("TRP004", "SELECT id FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)", "customer_id IS NOT NULL"),
    ("TRP004", "SELECT id FROM customers WHERE id NOT IN (1, NULL)", "NULL"),
    ("TRP005", "SELECT id FROM orders WHERE code = NULL", "code IS NULL"),
    ("TRP005", "SELECT id FROM orders WHERE NULL <> code", "code IS NOT NULL"),
    ("TRP006", "SELECT id FROM orders WHERE code > '10'", "TRY_CAST(code AS double)"),
    ("TRP006", "SELECT id FROM orders WHERE code BETWEEN '2024-1-5' AND '2024-1-31'", "two digits"),
    ("TRP007", "SELECT id FROM orders WHERE placed_at BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'", "placed_at <"),
    ("TRP007", "SELECT id FROM orders WHERE placed_at <= CAST('2024-01-31' AS timestamp)", "placed_at <"),
    ("TRP007", "SELECT id FROM orders WHERE current_date >= placed_at", "placed_at <"),
    ("TRP008", "SELECT date_trunc('day', seen_at) FROM orders", "AT TIME ZONE"),
    ("TRP008", "SELECT CAST(seen_at AS date) FROM orders", "AT TIME ZONE"),
    ("TRP008", "SELECT placed_at AT TIME ZONE 'Asia/Tokyo' FROM orders", "with_timezone"),
    ("TRP009", "SELECT id FROM orders LIMIT 5", "ORDER BY"),
    ("TRP009", "SELECT * FROM (SELECT id FROM orders FETCH FIRST 5 ROWS ONLY) AS t ORDER BY id", "ORDER BY"),
    ("TRP010", "SELECT code, count(*) AS n FROM orders GROUP BY code ORDER BY n DESC LIMIT 3", "WITH TIES"),
    ("TRP010", "SELECT code, sum(total) FROM orders GROUP BY code ORDER BY 2 DESC LIMIT 3", "WITH TIES"),
    ("TRP011", "SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.total > 5", "into ON"),
    (
        "TRP011",
        "SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NOT NULL",
        "into ON",
    ),
    (
        "TRP012",
        "SELECT c.id, count(*) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id",
        "count(o.",
    ),
    ("TRP013", "SELECT id FROM orders WHERE total > 5 OR code = 'a' AND quantity = 1", "brackets"),
    (
        "TRP014",
        "SELECT sum(p.amount) FROM orders o JOIN items i ON i.order_id = o.id JOIN payments p ON p.order_id = o.id",
        "items",
    ),
    ("TRP014", "SELECT sum(o.total) FROM orders o JOIN items i ON i.order_id = o.id", "items"),
    (
        "TRP014",
        "SELECT count(p.id) FROM items i, orders o, payments p WHERE i.order_id = o.id AND p.order_id = o.id",
        "items",
    ),
    (
        "TRP014",
        "WITH pairs AS (SELECT DISTINCT i.order_id, i.price FROM items i) "
        "SELECT sum(o.total) FROM pairs JOIN orders o ON o.id = pairs.order_id",
        "pairs",
    ),
    (
        "TRP014",
        "SELECT sum(total) FROM orders o JOIN (SELECT order_id, price FROM items GROUP BY 1, 2) g ON g.order_id = o.id",
        "g",
    ),
    (
        "TRP014",
        "SELECT c.name, sum(o.total) FROM customers c JOIN orders o ON o.customer_id = c.id "
        "JOIN items i ON i.order_id = o.id GROUP BY c.name",
        "items",
    ),
    ("TRP014", "SELECT sum(total) FROM orders JOIN (SELECT order_id FROM items) i ON i.order_id = orders.id", "i"),
    (
        "TRP014",
        "SELECT sum(o.total * p.amount) FROM orders o JOIN payments p ON p.order_id = o.id "
        "JOIN items i ON i.order_id = o.id",
        "items",
    ),
]

PASSES = [
    ("TRP001", "SELECT 1.0E0 * count(*) / 3, CAST(sum(total) AS double) / 12 FROM orders"),
    ("TRP001", "SELECT 20.0 / 100, 1.5 / nullif(3, 0) * 2 FROM orders"),
    ("TRP001", "SELECT rate / 3 FROM orders"),
    ("TRP002", "SELECT avg(CAST(total AS double)), avg(quantity), avg(rate) FROM orders"),
    ("TRP003", "SELECT id / 1000, quantity / 7, id / quantity FROM orders"),
    ("TRP003", "SELECT 1e0 * count_if(quantity > 1) / count(*) FROM orders"),
    ("TRP004", "SELECT id FROM customers WHERE id NOT IN (SELECT id FROM orders)"),
    ("TRP004", "SELECT id FROM customers WHERE id NOT IN (SELECT order_id FROM payments)"),
    (
        "TRP004",
        "SELECT id FROM customers WHERE id NOT IN (SELECT customer_id FROM orders WHERE customer_id IS NOT NULL)",
    ),
    ("TRP004", "SELECT id FROM customers WHERE id NOT IN (SELECT customer_id FROM orders WHERE customer_id > 7)"),
    ("TRP004", "SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders)"),
    ("TRP005", "SELECT id FROM orders WHERE code IS NULL OR code IS DISTINCT FROM NULL"),
    ("TRP006", "SELECT id FROM orders WHERE code > 'm' AND placed_on > DATE '2024-01-05' AND code = '10'"),
    ("TRP006", "SELECT id FROM orders WHERE date_format(placed_at, '%Y') >= '2020' AND code >= '2024-01-05'"),
    ("TRP007", "SELECT id FROM orders WHERE placed_at >= DATE '2024-01-01' AND placed_at < DATE '2024-02-01'"),
    ("TRP007", "SELECT id FROM orders WHERE placed_on BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'"),
    ("TRP007", "SELECT id FROM orders WHERE placed_at <= TIMESTAMP '2024-01-31 23:59:59'"),
    ("TRP008", "SELECT date_trunc('day', seen_at AT TIME ZONE 'UTC'), date_trunc('day', placed_at) FROM orders"),
    ("TRP008", "SELECT CAST(now() AS date), date_trunc('second', seen_at) FROM orders"),
    ("TRP009", "SELECT count(*) FROM orders LIMIT 1"),
    ("TRP009", "SELECT id FROM customers c WHERE EXISTS (SELECT 1 FROM orders WHERE customer_id = c.id LIMIT 1)"),
    ("TRP009", "SELECT id FROM orders ORDER BY id LIMIT 5"),
    ("TRP010", "SELECT code, count(*) AS n FROM orders GROUP BY code ORDER BY n DESC, code LIMIT 3"),
    ("TRP010", "SELECT code, count(*) AS n FROM orders GROUP BY code ORDER BY n FETCH FIRST 3 ROWS WITH TIES"),
    ("TRP010", "SELECT id FROM orders ORDER BY id LIMIT 3"),
    (
        "TRP011",
        "SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL AND c.id > 5",
    ),
    (
        "TRP011",
        "SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE coalesce(o.total, 0) < 5",
    ),
    ("TRP011", "SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.total > 5"),
    ("TRP012", "SELECT c.id, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id"),
    ("TRP012", "SELECT c.id, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.id"),
    ("TRP013", "SELECT id FROM orders WHERE total > 5 OR (code = 'a' AND quantity = 1)"),
    ("TRP014", "SELECT sum(i.price), count(*) FROM orders o JOIN items i ON i.order_id = o.id"),
    ("TRP014", "SELECT sum(o.total) FROM orders o JOIN customers c ON c.id = o.customer_id"),
    (
        "TRP014",
        "SELECT count(DISTINCT p.id) FROM items i, orders o, payments p WHERE i.order_id = o.id AND p.order_id = o.id",
    ),
    (
        "TRP014",
        "SELECT sum(p.amount) FROM orders o, payments p, customers c WHERE p.order_id = o.id AND c.id = o.customer_id",
    ),
    ("TRP014", "SELECT sum(o.total) FROM orders o JOIN logs l ON l.order_id = o.id"),
    (
        "TRP014",
        "WITH paid AS (SELECT DISTINCT order_id FROM payments) "
        "SELECT sum(o.total) FROM paid JOIN orders o ON o.id = paid.order_id",
    ),
    (
        "TRP014",
        "WITH pairs AS (SELECT DISTINCT order_id, price FROM items) "
        "SELECT pairs.price, sum(o.total) FROM pairs JOIN orders o ON o.id = pairs.order_id GROUP BY pairs.price",
    ),
    (
        "TRP014",
        "SELECT sum(o.total), sum(g.price) FROM orders o "
        "JOIN (SELECT order_id, sum(price) AS price FROM items GROUP BY order_id) g ON g.order_id = o.id",
    ),
    (
        "TRP014",
        "SELECT sum(total) FROM orders o JOIN (SELECT i.order_id AS x FROM items i GROUP BY i.order_id) g ON x = o.id",
    ),
    ("TRP014", "SELECT sum(o.total) FROM orders o CROSS JOIN (SELECT max(price) AS top FROM items) m"),
    (
        "TRP014",
        "SELECT sum(o.total) FROM orders o JOIN (SELECT order_id FROM payments UNION SELECT 1) u ON u.order_id = o.id",
    ),
    (
        "TRP014",
        "SELECT sum(o.total) FROM orders o JOIN (SELECT * FROM (SELECT order_id, price, "
        "row_number() OVER (PARTITION BY order_id ORDER BY id) AS n FROM items) WHERE n = 1) f ON f.order_id = o.id",
    ),
    ("TRP014", "SELECT sum(o.total) FROM orders o JOIN items i ON i.order_id = o.id AND i.id = 7"),
    ("TRP014", "SELECT o.id, i.id, sum(o.total) FROM orders o JOIN items i ON i.order_id = o.id GROUP BY o.id, i.id"),
    (
        "TRP014",
        "SELECT sum(i.price) FROM items i JOIN (SELECT o.id, c.name FROM orders o "
        "JOIN customers c ON c.id = o.customer_id) x ON x.id = i.order_id",
    ),
    ("TRP014", "SELECT sum(amount) FROM payments JOIN items USING (id)"),
]


@pytest.mark.parametrize(("code", "sql", "hint"), FALLS)
def test_the_trap_is_found_with_its_rewrite(code: str, sql: str, hint: str) -> None:
    found = traps(sql)
    assert code in found, found
    assert hint in found[code].hint
    assert found[code].severity is not Severity.ERROR


@pytest.mark.parametrize(("code", "sql"), PASSES)
def test_a_right_statement_is_left_alone(code: str, sql: str) -> None:
    assert code not in traps(sql)


def test_every_rule_has_both_kinds_of_statements() -> None:
    codes = {f"TRP{number:03}" for number in range(1, len(RULES) + 1)}
    assert {code for code, _, _ in FALLS} == codes
    assert {code for code, _ in PASSES} == codes


@pytest.mark.parametrize(
    "sql",
    ["SELECT 1.0 * count(*) / 3 FROM orders", "SELECT avg(total) FROM orders", "SELECT total / quantity FROM orders"],
)
def test_the_rewrite_of_a_decimal_trap_is_free_of_it(sql: str) -> None:
    hint = next(iter(traps(sql).values())).hint
    assert traps(f"SELECT {hint.removeprefix('Write ').removesuffix('.')} FROM orders") == {}


def test_without_keys_the_rules_about_keys_are_silent() -> None:
    joined = "SELECT sum(o.total) FROM orders o JOIN items i ON i.order_id = o.id"
    sql = f"{joined} WHERE o.id NOT IN (SELECT order_id FROM logs)"
    typed = annotate(parse(sql), _columns, namespace="s", sql=sql)
    assert find_traps(typed) == ()
