"""A function written in Python never fails where DuckDB calls it; the failure is raised by a cast around it."""

import itertools
from collections.abc import Iterator

import duckdb
import pytest

from townlake.engines.dialect.scalars.registry import SCALARS
from townlake.engines.dialect.scalars.scalar import Scalar
from townlake.engines.duckdb.failures import classify
from townlake.engines.duckdb.register import register

HOSTILE = {
    "VARCHAR": (
        "''",
        "'%z'",
        "'{'",
        "'[[1]'",
        "'ü'",
        "'\\ud800'",
        "'\"\\ud800\"'",
        "'99999-99-99'",
        "'1e999999'",
        "NULL",
    ),
    "BIGINT": ("0", "-1", "9223372036854775807", "(-9223372036854775808)", "NULL"),
    "DOUBLE": ("'nan'::DOUBLE", "'inf'::DOUBLE", "-1e308", "NULL"),
    "FLOAT": ("'nan'::FLOAT", "'-inf'::FLOAT", "NULL"),
    "BLOB": ("''::BLOB", "'\\xFF'::BLOB", "NULL"),
    "BOOLEAN": ("true", "NULL"),
    "TIMESTAMP": ("TIMESTAMP '290000-01-01'", "TIMESTAMP '0044-03-15 (BC)'", "NULL"),
    "DATE": ("DATE '200000-01-01'", "NULL"),
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        register(found, SCALARS)
        yield found


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda scalar: scalar.name)
def test_no_argument_makes_a_function_raise(connection: duckdb.DuckDBPyConnection, scalar: Scalar) -> None:
    columns = ", ".join(f"a{place}" for place in range(len(scalar.parameters)))
    rows = list(itertools.product(*(HOSTILE[name] for name in scalar.parameters)))[:400]
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    told = connection.execute(
        f"SELECT {scalar.name}__told({columns}) FROM (VALUES {values}) AS v({columns})"
    ).fetchall()
    assert len(told) == len(rows)


def test_a_failure_is_raised_by_a_cast_and_can_be_tried(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.ConversionException) as caught:
        connection.execute("SELECT trino_url_decode('%z')")
    assert classify("ConversionException", str(caught.value)) == ("INVALID_FUNCTION_ARGUMENT", False)
    assert connection.execute("SELECT TRY(trino_url_decode('%z')), trino_url_decode('%41')").fetchall() == [(None, "A")]
