"""Which types meet in which, and which are widened without being asked, as Trino's analyzer decides it.

The rules are those of Trino's `TypeCoercion`. A varchar meets nothing but text; so `'5' > 3` is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from townlake.sql.types import (
    INTEGERS,
    UNKNOWN,
    ZONED,
    TrinoType,
    decimal,
    length_of,
    row,
    timed,
    varchar,
)

_WIDER: Final = ("tinyint", "smallint", "integer", "bigint")
_TIMED: Final = frozenset({"time", "timestamp", f"time{ZONED}", f"timestamp{ZONED}"})
_MAX_CHAR: Final = 65536
_NOT_COMPARABLE: Final = frozenset({"hyperloglog", "p4hyperloglog", "tdigest", "qdigest", "setdigest", "function"})
_NOT_ORDERABLE: Final = frozenset({*_NOT_COMPARABLE, "json", "map", "color", "geometry", "bingtile"})


@lru_cache(maxsize=8192)
def common_type(first: TrinoType, second: TrinoType) -> TrinoType | None:
    """The narrowest type that holds the values of both, or None when there is none.

    >>> from townlake.sql.types import parse_type as t
    >>> str(common_type(t("integer"), t("decimal(2,1)"))), common_type(t("varchar(3)"), t("integer"))
    ('decimal(11,1)', None)
    """
    return _meet(first, second)[0]


@lru_cache(maxsize=8192)
def can_coerce(source: TrinoType, target: TrinoType) -> bool:
    """True when a value of one type is taken for another without a cast.

    >>> from townlake.sql.types import parse_type as t
    >>> can_coerce(t("bigint"), t("double")), can_coerce(t("double"), t("bigint"))
    (True, False)
    """
    return _meet(source, target)[1]


def common_of(types: Sequence[TrinoType]) -> TrinoType | None:
    """The narrowest type that holds the values of all; `unknown` for none."""
    result: TrinoType | None = UNKNOWN
    for each in types:
        result = common_type(result, each) if result is not None else None
    return result


def is_comparable(kind: TrinoType) -> bool:
    """True when two values of the type can be equal."""
    return kind.name not in _NOT_COMPARABLE and all(map(is_comparable, kind.parts))


def is_orderable(kind: TrinoType) -> bool:
    """True when values of the type can be sorted."""
    return kind.name not in _NOT_ORDERABLE and all(map(is_orderable, kind.parts))


def _meet(first: TrinoType, second: TrinoType) -> tuple[TrinoType | None, bool]:
    """The common type, and whether the first becomes the second by itself."""
    if first == second or first is UNKNOWN or first.name == "unknown":
        return second, True
    if second.name == "unknown":
        return first, False
    if first.name == second.name:
        return _same_kind(first, second)
    wider = widened(first, second.name)
    if wider is not None:
        return _meet(wider, second)
    wider = widened(second, first.name)
    if wider is not None:
        return _meet(first, wider)[0], False
    return None, False


def _same_kind(first: TrinoType, second: TrinoType) -> tuple[TrinoType | None, bool]:
    name = first.name
    common: TrinoType
    if name == "decimal":
        common = common_decimal(first, second)
    elif name == "varchar":
        common = varchar(max(length_of(first), length_of(second)))
    elif name == "char":
        common = TrinoType("char", (max(first.numbers[0], second.numbers[0]),))
    elif name in _TIMED:
        common = timed(name, max(first.numbers[0], second.numbers[0]))
    else:
        return _same_structure(first, second)
    return common, common == second


def _same_structure(first: TrinoType, second: TrinoType) -> tuple[TrinoType | None, bool]:
    if first.name not in ("row", "array", "map") or len(first.parts) != len(second.parts):
        return None, False
    parts: list[TrinoType] = []
    coercible = True
    for mine, other in zip(first.parts, second.parts, strict=True):
        common, becomes = _meet(mine, other)
        if common is None:
            return None, False
        parts.append(common)
        coercible &= becomes
    if first.name != "row":
        return TrinoType(first.name, (), tuple(parts)), coercible
    names = [a if a == b else None for a, b in zip(first.fields, second.fields, strict=True)]
    return row(parts, names), coercible


def common_decimal(first: TrinoType, second: TrinoType) -> TrinoType:
    """The decimal that has the whole digits of one and the fraction digits of the other."""
    (p1, s1), (p2, s2) = first.numbers, second.numbers
    scale = max(s1, s2)
    return decimal(max(p1 - s1, p2 - s2) + scale, scale)


def as_decimal(kind: TrinoType) -> TrinoType | None:
    """A decimal as it is, a whole number as the decimal that holds it; None for other types."""
    if kind.name == "decimal":
        return kind
    digits = INTEGERS.get(kind.name)
    return None if digits is None else decimal(digits)


def widened(source: TrinoType, name: str) -> TrinoType | None:
    """The type of another name that a type is widened to by itself, or None."""
    if source.name in INTEGERS:
        if name == "decimal":
            return as_decimal(source)
        wider = name in INTEGERS and _WIDER.index(name) > _WIDER.index(source.name)
        return TrinoType(name) if wider or name in ("real", "double") else None
    if name in ("real", "double"):
        return TrinoType(name) if source.name == "decimal" or (source.name, name) == ("real", "double") else None
    return _as_other(source, name)


def _as_other(source: TrinoType, name: str) -> TrinoType | None:
    if source.name == "date" and name in ("timestamp", f"timestamp{ZONED}"):
        return timed(name, 0)
    if source.name in ("time", "timestamp") and name == source.name + ZONED:
        return timed(name, source.numbers[0])
    if source.name == "varchar" and name == "char":
        # Never the other way round: a text is padded to be compared with a char, and then they are equal.
        return TrinoType("char", (min(length_of(source), _MAX_CHAR),))
    return None
