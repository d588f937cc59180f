"""Which DuckDB type holds the values of a Trino type."""

from __future__ import annotations

import re
from typing import Final

from townlake.domain.errors import EngineError

_PLAIN: Final = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "json": "JSON",
    "uuid": "UUID",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "unknown": "INTEGER",
}
_ZONED: Final = re.compile(r"timestamp(\(\d+\))? with time zone")


def duckdb_type(trino: str) -> str:
    """DuckDB's spelling of the type that holds a Trino type.

    >>> duckdb_type("decimal(12,2)"), duckdb_type("varchar(3)"), duckdb_type("timestamp(3) with time zone")
    ('DECIMAL(12,2)', 'VARCHAR', 'TIMESTAMP WITH TIME ZONE')
    >>> duckdb_type("map(varchar(1), array(row(a integer, b double)))")
    'MAP(VARCHAR, STRUCT("a" INTEGER, "b" DOUBLE)[])'

    Raises:
        EngineError: DuckDB has no such type.
    """
    name, arguments = split_type(trino)
    if _ZONED.fullmatch(trino):
        return "TIMESTAMP WITH TIME ZONE"
    if name == "decimal":
        return f"DECIMAL({','.join(arguments)})"
    if name == "array":
        return f"{duckdb_type(arguments[0])}[]"
    if name == "map":
        return f"MAP({duckdb_type(arguments[0])}, {duckdb_type(arguments[1])})"
    if name == "row":
        return f"STRUCT({', '.join(_field(field, place) for place, field in enumerate(arguments))})"
    if name not in _PLAIN:
        raise EngineError(f"The embedded engine has no type {name}.", code="NOT_SUPPORTED")
    return _PLAIN[name]


def split_type(trino: str) -> tuple[str, tuple[str, ...]]:
    """The name of a type and its arguments as written.

    >>> split_type("map(varchar(1), row(a integer, b double))")
    ('map', ('varchar(1)', 'row(a integer, b double)'))
    >>> split_type("bigint")
    ('bigint', ())
    """
    name, bracket, rest = trino.partition("(")
    if not bracket or _ZONED.fullmatch(trino):
        return trino, ()
    return name.strip(), tuple(_split_commas(rest.rpartition(")")[0]))


def _split_commas(text: str) -> list[str]:
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == '"'
        depth += 0 if quoted else {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def row_field(field: str) -> tuple[str, str]:
    """The name of a row's field, empty when it has none, and its type.

    >>> row_field("a integer"), row_field("varchar(3)"), row_field('"x y" decimal(3,1)')
    (('a', 'integer'), ('', 'varchar(3)'), ('x y', 'decimal(3,1)'))
    """
    if match := re.match(r'"((?:[^"]|"")*)"\s+(.+)', field):
        return match.group(1).replace('""', '"'), match.group(2)
    if _ZONED.fullmatch(field) or field.startswith("interval "):
        return "", field
    name, space, rest = field.partition(" ")
    if space and "(" not in name and rest:
        return name, rest
    return "", field


def _field(field: str, place: int) -> str:
    name, type_ = row_field(field)
    return f'"{(name or f"field{place}").replace(chr(34), chr(34) * 2)}" {duckdb_type(type_)}'


def decimal_of(trino: str) -> tuple[int, int] | None:
    """Precision and scale of the decimal that a number's type becomes beside a decimal, or None.

    >>> decimal_of("decimal(12,2)"), decimal_of("integer"), decimal_of("double")
    ((12, 2), (10, 0), None)
    """
    name, arguments = split_type(trino)
    if name == "decimal":
        return int(arguments[0]), int(arguments[1])
    digits = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}.get(name)
    return None if digits is None else (digits, 0)


def precision_of(trino: str) -> int:
    """How many fraction digits the seconds of a time or timestamp have.

    >>> precision_of("timestamp(6)"), precision_of("timestamp(0) with time zone"), precision_of("date")
    (6, 0, 0)
    """
    match = re.search(r"\((\d+)\)", trino)
    return int(match.group(1)) if match else 0


def length_of(trino: str) -> int | None:
    """The length bound of a varchar or char; None when it has none.

    >>> length_of("varchar(3)"), length_of("varchar")
    (3, None)
    """
    arguments = split_type(trino)[1]
    return int(arguments[0]) if arguments else None


INTEGERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint"})
FLOATS: Final = frozenset({"real", "double"})
TEXTS: Final = frozenset({"varchar", "char"})
