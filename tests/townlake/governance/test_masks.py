"""Masks keep the type, show what the reviewer chose, and never fail on a row."""

import string
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from townlake.domain.review import MaskMethod
from townlake.governance.masks import REDACTED, mask_expression

TYPES = [
    *(
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal(12,2)",
        "varchar",
        "varchar(5)",
    ),
    *("char(3)", "varbinary", "date", "time(3)", "timestamp(6)", "timestamp(3) with time zone", "json", "uuid"),
    *(
        "array(varchar)",
        "map(varchar, bigint)",
        "row(a bigint, b varchar)",
        "ipaddress",
        "interval day to second",
        "unknown",
    ),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


def _masked(engine: duckdb.DuckDBPyConnection, method: MaskMethod, type_name: str, value: str) -> Any:
    mask = mask_expression(method, "raw", type_name).sql("trino", identify=True)
    text = sqlglot.transpile(f'SELECT {mask} FROM (SELECT CAST({value} AS {type_name}) AS "raw")', "trino", "duckdb")[0]
    row = engine.execute(text).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("method", list(MaskMethod))
@pytest.mark.parametrize("type_name", [name for name in TYPES if name != "unknown"])
def test_a_mask_is_a_cast_to_the_column_s_own_type_and_its_own_fixpoint(method: MaskMethod, type_name: str) -> None:
    text = mask_expression(method, "raw", type_name).sql("trino", identify=True)
    assert text.startswith("CAST(")
    assert text.lower().replace(" ", "").replace('"', "").endswith(f"as{type_name})".replace(" ", "").lower())
    assert sqlglot.parse_one(text, read="trino").sql("trino", identify=True) == text


@pytest.mark.parametrize("type_name", [name for name in TYPES if not name.startswith(("varchar", "char", "unknown"))])
def test_redacted_is_null_for_all_but_text(type_name: str) -> None:
    assert mask_expression(MaskMethod.REDACT, "raw", type_name).sql("trino").startswith("CAST(NULL AS")


@pytest.mark.parametrize(
    ("method", "type_name", "value", "shown"),
    [
        (MaskMethod.REDACT, "varchar", "'ann@example.com'", REDACTED),
        (MaskMethod.REDACT, "varchar", "NULL", REDACTED),
        (MaskMethod.NULL, "varchar", "'ann@example.com'", None),
        (MaskMethod.NULL, "bigint", "5", None),
        (MaskMethod.LAST4, "varchar", "'12345678'", "****5678"),
        (MaskMethod.LAST4, "varchar", "'1234567'", REDACTED),
        (MaskMethod.LAST4, "varchar", "NULL", REDACTED),
        (MaskMethod.LAST4, "bigint", "12345678", None),
        (MaskMethod.DOMAIN, "varchar", "'ann@example.com'", "@example.com"),
        (MaskMethod.DOMAIN, "varchar", "'call ann@home or bob@work'", REDACTED),
        (MaskMethod.DOMAIN, "varchar", "'no address'", REDACTED),
        (MaskMethod.DOMAIN, "varchar", "NULL", REDACTED),
        (MaskMethod.YEAR, "varchar", "'1980-03-01'", REDACTED),
        (MaskMethod.BAND, "varchar", "'1234'", REDACTED),
        (MaskMethod.BAND, "bigint", "1234", 1000),
        (MaskMethod.BAND, "bigint", "87", 80),
        (MaskMethod.BAND, "bigint", "5", 5),
        (MaskMethod.BAND, "bigint", "0", 0),
        (MaskMethod.BAND, "bigint", "1000", 1000),
        (MaskMethod.BAND, "tinyint", "-128", -100),
        (MaskMethod.BAND, "bigint", "NULL", None),
        (MaskMethod.BAND, "double", "0.4", 0.0),
        (MaskMethod.BAND, "double", "98765.4e0", 90000.0),
        (MaskMethod.BAND, "double", "1e200", None),
        (MaskMethod.BAND, "boolean", "true", None),
    ],
)
def test_a_mask_shows_what_was_chosen(
    engine: duckdb.DuckDBPyConnection, method: MaskMethod, type_name: str, value: str, shown: Any
) -> None:
    assert _masked(engine, method, type_name, value) == shown


_VALUES = {
    "varchar": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20) | st.emails() | st.none(),
    "varchar(9)": st.text(string.printable, max_size=9) | st.none(),
    "bigint": st.integers(-(2**63), 2**63 - 1) | st.none(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "decimal(12,2)": st.decimals(-(10**9), 10**9, places=2),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "real": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "date": st.dates(),
}


@given(data=st.data(), method=st.sampled_from(list(MaskMethod)), type_name=st.sampled_from(sorted(_VALUES)))
@settings(max_examples=200, deadline=None)
def test_a_mask_over_a_mask_is_the_mask(data: st.DataObject, method: MaskMethod, type_name: str) -> None:
    """The guard and Trino lay theirs over each other."""
    value = data.draw(_VALUES[type_name])
    mask = mask_expression(method, "raw", type_name).sql("trino", identify=True)
    raw = f'SELECT CAST("given" AS {type_name}) AS "raw" FROM "t"'
    both = f'SELECT "raw", {mask} FROM (SELECT {mask} AS "raw" FROM ({raw}))'
    text = sqlglot.transpile(both, "trino", "duckdb")[0]
    with duckdb.connect(":memory:") as connection:
        kind = "VARCHAR" if isinstance(value, str) else type_name
        connection.execute(f"CREATE TABLE t (given {kind})")
        connection.execute("INSERT INTO t VALUES (?)", [value])
        row = connection.execute(text).fetchone()
    assert row is not None
    assert row[0] == row[1]


def test_a_year_is_the_first_day_of_it(engine: duckdb.DuckDBPyConnection) -> None:
    assert str(_masked(engine, MaskMethod.YEAR, "date", "DATE '1980-03-01'")) == "1980-01-01"
    assert (
        str(_masked(engine, MaskMethod.YEAR, "timestamp(6)", "TIMESTAMP '1980-03-01 10:00:00'"))
        == "1980-01-01 00:00:00"
    )


def test_two_uses_of_a_mask_share_no_tree() -> None:
    first, second = (mask_expression(MaskMethod.YEAR, "born", "date") for _ in range(2))
    assert first is not second
    assert first == second


def test_a_type_without_a_name_is_null() -> None:
    assert mask_expression(MaskMethod.BAND, "raw", "decimal(12,2)") != mask_expression(
        MaskMethod.NULL, "raw", "decimal(12,2)"
    )
