"""Rows as they are kept, the same from both databases; what a table adds up to; what PostgreSQL would not take."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from townlake.domain.errors import HomeError

Row = tuple[Any, ...]
_BATCH: Final = 2_000
_MOST_TOLD: Final = 10
_INTEGERS: Final = range(-(2**31), 2**31)
"""What an INTEGER of PostgreSQL holds; SQLite's hold more."""
_LARGE: Final = range(-(2**63), 2**63)
"""What a BIGINT holds, such as the id of a snapshot."""


class Fingerprint(NamedTuple):
    """What a table holds: the same number of rows and the same checksum mean the same rows."""

    rows: int
    sha256: str


class Misfits:
    """Kinds of values that PostgreSQL would not take."""

    def __init__(self) -> None:
        self._first: dict[str, Row] = {}
        self._count: dict[str, int] = {}

    def add(self, what: str, key: Row) -> None:
        """Count one more, in the row with this key."""
        self._first.setdefault(what, key)
        self._count[what] = self._count.get(what, 0) + 1

    def must_be_none(self) -> None:
        """Refuse them.

        Raises:
            HomeError: it names tables, columns and the keys of rows, and no value.
        """
        if not self._count:
            return
        lines = [
            f"    {what} in {count} {'row' if count == 1 else 'rows'}, first where the key is "
            + ", ".join(map(repr, self._first[what]))
            for what, count in list(self._count.items())[:_MOST_TOLD]
        ]
        raise HomeError(
            "PostgreSQL cannot keep what the files of this home hold:\n" + "\n".join(lines),
            hint="Such values must be changed in the files first: ask for help, and keep a copy. Nothing was changed.",
        )


def kept_rows(connection: sa.Connection, table: sa.Table) -> Iterator[Row]:
    """All rows, by primary key, bound to no type of SQLAlchemy: a moment is the text that it is kept as.

    Memory does not grow with the table.
    """
    plain = sa.table(table.name, *(sa.column(column.name) for column in table.columns))
    keys = (_bytewise(column, connection.dialect.name) for column in table.primary_key)
    query = sa.select(plain).order_by(*keys)
    booleans = [n for n, column in enumerate(table.columns) if isinstance(column.type, sa.Boolean)]
    for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
        yield _with_booleans(tuple(row), booleans)


def _bytewise(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """The order of SQLite, whatever the language of the other database."""
    plain: sa.ColumnClause[Any] = sa.column(column.name)
    is_text = dialect == "postgresql" and isinstance(column.type, sa.String)
    return sa.collate(plain, "C") if is_text else plain


def _with_booleans(row: Row, places: list[int]) -> Row:
    """SQLite keeps booleans as 0 and 1."""
    if not places:
        return row
    values = list(row)
    for place in places:
        if values[place] in (0, 1):
            values[place] = bool(values[place])
    return tuple(values)


def fingerprint(rows: Iterable[Row]) -> Fingerprint:
    """Count rows and sum them up, in the order in which they come.

    >>> fingerprint([(1, "a", None)]) == fingerprint([(1, "a", None)]) != fingerprint([("1", "a", None)])
    True
    """
    count, sha256 = 0, hashlib.sha256()
    for row in rows:
        count += 1
        sha256.update(json.dumps(row, separators=(",", ":"), default=repr).encode("ascii") + b"\n")
    return Fingerprint(count, sha256.hexdigest())


def summary(fingerprints: Mapping[str, Fingerprint]) -> str:
    """One checksum for a whole database."""
    return hashlib.sha256(json.dumps(fingerprints, sort_keys=True).encode("ascii")).hexdigest()


def inspected(rows: Iterable[Row], table: sa.Table, found: Misfits) -> Iterator[Row]:
    """The same rows; what PostgreSQL would not take is added to `found`."""
    columns = list(table.columns)
    keys = [n for n, column in enumerate(columns) if column.primary_key]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            why = misfit(column, value)
            if why:
                found.add(f"{table.name}.{column.name}: {why}", tuple(row[key] for key in keys))
        yield row


def misfit(column: sa.Column[Any], value: Any) -> str:
    """Why PostgreSQL would not take a value of SQLite, which takes every value in every column; empty when it would.

    >>> misfit(sa.Column("note", sa.String(3)), "abcd"), misfit(sa.Column("note", sa.Text), "abcd")
    ('longer than 3 characters', '')
    >>> misfit(sa.Column("id", sa.BigInteger), 2**40), misfit(sa.Column("id", sa.Integer), 2**40)
    ('', 'no INTEGER of PostgreSQL')
    """
    if value is None:
        return "" if column.nullable else "missing"
    # A type that is made of another one is kept as that one.
    kind = column.type.impl_instance if isinstance(column.type, sa.types.TypeDecorator) else column.type
    if isinstance(kind, sa.String):
        return _misfit_text(kind, value)
    fits = (
        isinstance(value, bool)
        if isinstance(kind, sa.Boolean)
        else isinstance(value, float)
        if isinstance(kind, sa.Float)
        else isinstance(value, int) and value in (_LARGE if isinstance(kind, sa.BigInteger) else _INTEGERS)
    )
    return "" if fits else f"no {kind.__class__.__name__.upper()} of PostgreSQL"


def _misfit_text(kind: sa.String, value: Any) -> str:
    if not isinstance(value, str):
        return "no text"
    if "\x00" in value:
        return "text with the character NUL"
    if kind.length is not None and len(value) > kind.length:
        return f"longer than {kind.length} characters"
    return ""
