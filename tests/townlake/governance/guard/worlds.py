"""Two lakes that differ only in what alice may not see."""

from __future__ import annotations

from typing import Any

import duckdb

from townlake.sql.text import read

ORDERS = """
    (1, 1, 10.50, DATE '2024-01-05', 'first', ['a', 'b'], 'EU'), (2, 1, 99.99, DATE '2024-02-01', NULL, [], 'US'),
    (3, 2, 0.00, DATE '2024-02-29', 'third', NULL, 'EU'), (4, 9, 250.00, DATE '2023-12-31', 'x', ['b'], 'APAC')
"""
PAYMENTS = """
    (1, 1, 10.5, TIMESTAMP '2024-01-06 10:00:00', MAP {'color': 'red'}),
    (2, 2, 50.0, TIMESTAMP '2024-02-02 00:00:00', MAP {}), (3, 3, NULL, NULL, NULL)
"""


def build_worlds() -> tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]:
    """Two databases with the same open values; closed, hidden, masked and filtered ones differ."""
    return _build(0), _build(1)


def outcome(world: duckdb.DuckDBPyConnection, trino: str) -> tuple[str, Any]:
    """What a statement gives in a world: its rows in any order, or its error in full."""
    text = read(trino)[0].sql("duckdb")
    try:
        return "rows", sorted(map(repr, world.execute(text).fetchall()))
    except duckdb.Error as error:
        return "error", str(error)


def _build(n: int) -> duckdb.DuckDBPyConnection:
    # One thread: the order of array_agg without an ORDER BY is then the same in both.
    world = duckdb.connect(":memory:", config={"threads": 1})
    world.execute("ATTACH ':memory:' AS lake")
    for schema in ("shop", "crm", "hr"):
        world.execute(f"CREATE SCHEMA lake.{schema}")
    world.execute(
        "CREATE TABLE lake.shop.orders (id bigint, customer_id bigint, total decimal(12,2), placed date, note varchar,"
        " tags varchar[], region varchar)"
    )
    world.execute(f"INSERT INTO lake.shop.orders VALUES {ORDERS}")
    world.execute(
        "CREATE TABLE lake.shop.payments (id bigint, order_id bigint, amount double, paid_at timestamp,"
        " attrs map(varchar, varchar))"
    )
    world.execute(f"INSERT INTO lake.shop.payments VALUES {PAYMENTS}")
    world.execute(
        "CREATE TABLE lake.shop.customers (id bigint, name varchar, email varchar, ssn varchar, region varchar,"
        " born date, address struct(city varchar, zip varchar))"
    )
    people = [
        (
            1,
            "Ann",
            ["ann@example.com", "zoe@elsewhere.org"][n],
            ["1", "222-22"][n],
            "EU",
            ["1980-03-01", "1980-11-30"][n],
        ),
        (2, "Bob", ["bob@example.com", None][n], ["333-33", None][n], "US", ["1990-01-01", "1990-12-31"][n]),
        (3, "Cy", [None, "x"][n], "0", "EU", None),
    ]
    for at, name, email, ssn, region, born in people:
        address = {"city": f"c{at}", "zip": f"1{at}"}
        world.execute(
            "INSERT INTO lake.shop.customers VALUES (?, ?, ?, ?, ?, ?, ?)",
            [at, name, email, ssn, region, born, address],
        )
    world.execute("CREATE TABLE lake.crm.contacts (id bigint, customer_id bigint, phone varchar, region varchar)")
    seen = [(1, 1, ["+49 170 1234", "+33 199 1234"][n], "EU"), (2, 2, ["short", None][n], "US")]
    hidden = [[(3, 3, "+1 555 9999", "APAC")], [(8, 1, "+7 999 0000", "APAC"), (9, 2, "no number", None)]][n]
    world.executemany("INSERT INTO lake.crm.contacts VALUES (?, ?, ?, ?)", seen + hidden)
    world.execute("CREATE TABLE lake.hr.payroll (id bigint, employee varchar, gross decimal(12,2))")
    world.execute(f"INSERT INTO lake.hr.payroll VALUES ({n}, 'e{n}', {1000 + n})")
    return world
