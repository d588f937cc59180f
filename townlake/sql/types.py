"""Trino's types as values: made, compared, read from text and written as Trino writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

MAX_PRECISION: Final = 38
"""The most digits that a decimal holds."""
UNBOUNDED: Final = 2147483647
"""What a varchar without a length counts as where lengths are computed."""
ZONED: Final = " with time zone"

_PLAIN_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_DEFAULTS: Final[dict[str, tuple[int, ...]]] = {
    "decimal": (38, 0),
    "char": (1,),
    "time": (3,),
    "timestamp": (3,),
    f"time{ZONED}": (3,),
    f"timestamp{ZONED}": (3,),
}
"""The arguments that a type has when none are written."""
_SYNONYMS: Final = {
    "int": "integer",
    "dec": "decimal",
    "numeric": "decimal",
    "double precision": "double",
    "string": "varchar",
    "character": "char",
    "character varying": "varchar",
}
_NAMES: Final = """
boolean tinyint smallint integer bigint real double decimal varchar char varbinary date time timestamp json uuid
ipaddress unknown hyperloglog p4hyperloglog tdigest qdigest setdigest color geometry
sphericalgeography bingtile kdbtree objectid
"""
TYPE_WORDS: Final = frozenset({*_NAMES.split(), "int", "dec", "numeric", "array", "map", "row", "interval"})
"""The words that a type begins with, as people write them."""
_SCALARS: Final = frozenset(
    {*_NAMES.split(), f"time{ZONED}", f"timestamp{ZONED}", "interval day to second", "interval year to month"}
)


@dataclass(frozen=True, slots=True, eq=False)
class TrinoType:
    """A type of Trino.

    `numbers` holds lengths, precisions and scales, `parts` the types inside an array, a map, a row or a
    function (whose last part is its result), `fields` the names of a row's fields, None for one without a name.
    """

    name: str
    numbers: tuple[int, ...] = ()
    parts: tuple[TrinoType, ...] = ()
    fields: tuple[str | None, ...] = ()
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.name, self.numbers, self.parts, self.fields)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, TrinoType) or self._hash != other._hash:
            return False
        return (self.name, self.numbers, self.parts, self.fields) == (
            other.name,
            other.numbers,
            other.parts,
            other.fields,
        )

    def __deepcopy__(self, memo: object) -> TrinoType:
        # Types are stored on nodes, and nodes are copied a lot.
        return self

    def __str__(self) -> str:
        if self.name == "row":
            inside = [_field(name, part) for name, part in zip(self.fields, self.parts, strict=True)]
            return f"row({', '.join(inside)})"
        if self.parts:
            return f"{self.name}({', '.join(map(str, self.parts))})"
        if self.name.endswith(ZONED):
            return f"{self.name.removesuffix(ZONED)}({self.numbers[0]}){ZONED}"
        return f"{self.name}({','.join(map(str, self.numbers))})" if self.numbers else self.name

    @property
    def element(self) -> TrinoType:
        """The type of an array's elements, or of a map's values."""
        return self.parts[-1]


def _field(name: str | None, part: TrinoType) -> str:
    if name is None:
        return str(part)
    # Trino writes the name bare, which cannot be read back when it holds a space.
    written = name if _PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'
    return f"{written} {part}"


UNKNOWN: Final = TrinoType("unknown")
BOOLEAN: Final = TrinoType("boolean")
TINYINT: Final = TrinoType("tinyint")
SMALLINT: Final = TrinoType("smallint")
INTEGER: Final = TrinoType("integer")
BIGINT: Final = TrinoType("bigint")
REAL: Final = TrinoType("real")
DOUBLE: Final = TrinoType("double")
VARCHAR: Final = TrinoType("varchar")
VARBINARY: Final = TrinoType("varbinary")
DATE: Final = TrinoType("date")
JSON: Final = TrinoType("json")
DAY_TO_SECOND: Final = TrinoType("interval day to second")
YEAR_TO_MONTH: Final = TrinoType("interval year to month")

INTEGERS: Final = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
"""Whole-number types, each with the digits of the decimal that holds all of its values."""
NUMBERS: Final = frozenset({*INTEGERS, "real", "double", "decimal"})
TEXTS: Final = frozenset({"varchar", "char"})
DATETIMES: Final = frozenset({"date", "time", "timestamp", f"time{ZONED}", f"timestamp{ZONED}"})


@lru_cache(maxsize=1024)
def varchar(length: int = UNBOUNDED) -> TrinoType:
    """`varchar(length)`; `varchar` when the length is not below the largest.

    >>> str(varchar(3)), str(varchar())
    ('varchar(3)', 'varchar')
    """
    return TrinoType("varchar", (length,)) if length < UNBOUNDED else VARCHAR


@lru_cache(maxsize=1024)
def decimal(precision: int, scale: int = 0) -> TrinoType:
    """`decimal(precision,scale)`, at most 38 digits wide."""
    return TrinoType("decimal", (min(precision, MAX_PRECISION), scale))


@lru_cache(maxsize=64)
def timed(name: str, precision: int) -> TrinoType:
    """A time or timestamp with so many digits of a second.

    >>> str(timed("timestamp with time zone", 3))
    'timestamp(3) with time zone'
    """
    return TrinoType(name, (precision,))


@lru_cache(maxsize=512)
def array(element: TrinoType) -> TrinoType:
    """An array of such elements."""
    return TrinoType("array", (), (element,))


@lru_cache(maxsize=512)
def map_of(key: TrinoType, value: TrinoType) -> TrinoType:
    """A map from such keys to such values."""
    return TrinoType("map", (), (key, value))


def row(parts: Sequence[TrinoType], fields: Sequence[str | None] | None = None) -> TrinoType:
    """A row; its fields have no names unless given."""
    return TrinoType("row", (), tuple(parts), tuple(fields) if fields is not None else (None,) * len(parts))


def length_of(kind: TrinoType) -> int:
    """The length of a varchar or char, `UNBOUNDED` for a varchar without one."""
    return kind.numbers[0] if kind.numbers else UNBOUNDED


class UnknownTypeName(ValueError):
    """A text that names no type of Trino."""


@lru_cache(maxsize=4096)
def parse_type(text: str) -> TrinoType:
    """Read a type as Trino writes it.

    >>> parse_type("decimal(12,2)")
    TrinoType(name='decimal', numbers=(12, 2), parts=(), fields=())
    >>> for text in ("INT", "timestamp with time zone", 'map(varchar(3), row("x y" bigint, double))'):
    ...     print(parse_type(text))
    integer
    timestamp(3) with time zone
    map(varchar(3), row("x y" bigint, double))

    Raises:
        UnknownTypeName: there is no such type.
    """
    written = " ".join(text.split())
    head, bracket, rest = written.partition("(")
    name = head.strip().lower()
    if not bracket:
        return _plain(_SYNONYMS.get(name, name), ())
    inside, _, tail = rest.rpartition(")")
    name = _SYNONYMS.get(name, name) + (f" {tail.strip().lower()}" if tail.strip() else "")
    arguments = split_arguments(inside)
    if name == "row":
        named = [_read_field(argument) for argument in arguments]
        return row([part for _, part in named], [field_name for field_name, _ in named])
    if name in ("array", "map", "function", "qdigest"):
        if name in ("array", "map") and len(arguments) != ("array", "map").index(name) + 1:
            raise UnknownTypeName(text)
        return TrinoType(name, (), tuple(parse_type(argument) for argument in arguments))
    if not all(argument.isdigit() for argument in arguments):
        raise UnknownTypeName(text)
    return _plain(name, tuple(int(argument) for argument in arguments))


def _plain(name: str, numbers: tuple[int, ...]) -> TrinoType:
    if name not in _SCALARS:
        raise UnknownTypeName(name)
    defaults = _DEFAULTS.get(name)
    if defaults is None:
        if numbers and (name != "varchar" or len(numbers) > 1):
            raise UnknownTypeName(name)
        return varchar(*numbers) if name == "varchar" else TrinoType(name)
    if len(numbers) > len(defaults):
        raise UnknownTypeName(name)
    numbers = numbers + defaults[len(numbers) :]
    if name == "decimal" and not 0 < numbers[0] <= MAX_PRECISION:
        raise UnknownTypeName(name)
    return TrinoType(name, numbers)


def split_arguments(text: str) -> list[str]:
    """The arguments between commas that stand in no bracket and no quotes.

    >>> split_arguments("varchar(3), map(bigint, date)")
    ['varchar(3)', 'map(bigint, date)']
    """
    parts, depth, quoted = [""], 0, False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character == "(") - (character == ")")
        if character == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _read_field(text: str) -> tuple[str | None, TrinoType]:
    if match := re.match(r'"((?:[^"]|"")*)"\s+(.+)', text):
        return match.group(1).replace('""', '"'), parse_type(match.group(2))
    try:
        return None, parse_type(text)
    except UnknownTypeName:
        name, _, rest = text.partition(" ")
        if not rest:
            raise
        return name.lower(), parse_type(rest)
