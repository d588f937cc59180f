"""Rows are read as they are kept, add up to the same, and are refused when PostgreSQL would not take them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.migrate.rows import Misfits, fingerprint, inspected, kept_rows, misfit, summary
from app.migrate.stores import sqlite_file
from townlake.domain.errors import HomeError
from townlake.state.schema import Moment

THINGS = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("name", sa.String(8), primary_key=True),
    sa.Column("is_good", sa.Boolean, nullable=False),
    sa.Column("cost", sa.Float),
    sa.Column("at", Moment),
    sa.Column("number", sa.Integer),
)


def write(path: Path, *rows: tuple[Any, ...]) -> None:
    with sqlite_file(path, alone=True) as connection:
        THINGS.create(connection)
        for row in rows:
            connection.exec_driver_sql("INSERT INTO things VALUES (?, ?, ?, ?, ?)", row)


def test_rows_come_by_key_and_as_they_are_kept(tmp_path: Path) -> None:
    at = "2026-01-01T00:00:00+00:00"  # not as the program writes it, and not made so either
    write(tmp_path / "a.db", ("ä", 1, 0.1, at, None), ("b", 0, None, None, 7), ("Z", 1, 1e300, None, -1))
    with sqlite_file(tmp_path / "a.db", alone=False) as connection:
        rows = list(kept_rows(connection, THINGS))
    assert rows == [("Z", True, 1e300, None, -1), ("b", False, None, None, 7), ("ä", True, 0.1, at, None)]


def test_a_checksum_tells_types_values_and_their_order_apart() -> None:
    rows = [(1, "a", None), (2, "b", 0.5)]
    others: list[list[tuple[Any, ...]]] = [
        rows[::-1],
        rows[:1],
        [(1, "a", ""), rows[1]],
        [(1, "a", "null"), rows[1]],
        [(True, "a", None), rows[1]],
        [rows[0], (2, "b", "0.5")],
        [*rows, rows[1]],
        [],
    ]
    found = {fingerprint(given).sha256 for given in (rows, *others)}
    assert len(found) == len(others) + 1
    assert fingerprint(iter(rows)) == fingerprint(rows)
    assert summary({"a": fingerprint(rows), "b": fingerprint([])}) == summary(
        {"b": fingerprint([]), "a": fingerprint(rows)}
    )


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("name", "12345678", ""),
        ("name", "123456789", "longer than 8 characters"),
        ("name", "a\x00b", "text with the character NUL"),
        ("name", b"ab", "no text"),
        ("name", None, "missing"),
        ("is_good", True, ""),
        ("is_good", 2, "no BOOLEAN of PostgreSQL"),
        ("cost", 0.5, ""),
        ("cost", None, ""),
        ("cost", "much", "no FLOAT of PostgreSQL"),
        ("at", "x" * 33, "longer than 32 characters"),
        ("number", 2**31 - 1, ""),
        ("number", 2**31, "no INTEGER of PostgreSQL"),
        ("number", "1", "no INTEGER of PostgreSQL"),
    ],
)
def test_what_postgresql_takes(column: str, value: Any, why: str) -> None:
    assert misfit(THINGS.c[column], value) == why


def test_what_does_not_fit_is_counted_and_no_value_is_told() -> None:
    misfits = Misfits()
    rows = [(f"n{number}", True, None, None, "secret") for number in range(3)] + [("a\x00", True, None, None, 1)]
    assert list(inspected(rows, THINGS, misfits)) == rows
    with pytest.raises(HomeError) as told:
        misfits.must_be_none()
    assert "things.number: no INTEGER of PostgreSQL in 3 rows, first where the key is 'n0'" in told.value.message
    assert r"things.name: text with the character NUL in 1 row, first where the key is 'a\x00'" in told.value.message
    assert "secret" not in str(told.value)
    Misfits().must_be_none()
