"""What CAST makes of a JSON value."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from townlake.engines.dialect.scalars.json_extract import scalar_text
from townlake.engines.dialect.scalars.json_text import Digits, dump, load
from townlake.engines.dialect.scalars.numbers import double_text
from townlake.engines.dialect.scalars.scalar import Scalar, fail

_FAULT: Final = "INVALID_CAST_ARGUMENT"
_INTEGER: Final = re.compile(r"[+-]?\d+")


def _scalar(text: str) -> Any:
    value = load(text)
    if isinstance(value, dict | list):
        fail(_FAULT)
    return value


def to_text(text: str) -> str | None:
    """CAST(json AS varchar).

    >>> to_text('"x"'), to_text("5"), to_text("null"), to_text("1.5")
    ('x', '5', None, '1.5E0')
    """
    value = _scalar(text)
    if isinstance(value, Digits) and _INTEGER.fullmatch(value) is None:
        return double_text(float(value))
    return scalar_text(value)


def to_integer(text: str) -> int | None:
    """CAST(json AS bigint).

    >>> to_integer("5"), to_integer('"5"'), to_integer("true"), to_integer("2.5")
    (5, 5, 1, 3)
    """
    value = _scalar(text)
    if value is None or isinstance(value, bool):
        return None if value is None else int(value)
    if _INTEGER.fullmatch(value):
        found = int(value)
    elif isinstance(value, Digits):
        found = int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))
    else:
        fail(_FAULT)
    if not -(2**63) <= found < 2**63:
        fail(_FAULT)
    return found


def to_double(text: str) -> float | None:
    """CAST(json AS double)."""
    value = _scalar(text)
    if value is None or isinstance(value, bool):
        return None if value is None else float(value)
    try:
        return float(value)
    except ValueError:
        fail(_FAULT)


def to_boolean(text: str) -> bool | None:
    """CAST(json AS boolean).

    >>> to_boolean("true"), to_boolean("0"), to_boolean('"false"')
    (True, False, False)
    """
    value = _scalar(text)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Digits):
        number = float(value)
        return bool(number) and not math.isnan(number)
    known = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
    if value.lower() not in known:
        fail(_FAULT)
    return known[value.lower()]


def to_decimal(text: str) -> str | None:
    """The digits that CAST(json AS decimal) reads."""
    value = _scalar(text)
    if value is None or isinstance(value, bool):
        return None if value is None else str(int(value))
    if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", value) is None:
        fail(_FAULT)
    return format(Decimal(value), "f")


def items(text: str) -> list[str] | None:
    """The elements of a JSON array, as JSON texts."""
    value = load(text)
    if value is None:
        return None
    if not isinstance(value, list):
        fail(_FAULT)
    return [dump(item) for item in value]


def keys(text: str) -> list[str] | None:
    """The names of a JSON object's members."""
    value = load(text)
    if value is None:
        return None
    if not isinstance(value, dict):
        fail(_FAULT)
    return list(value)


def values(text: str) -> list[str] | None:
    """The values of a JSON object's members, as JSON texts, in the order of the names."""
    value = load(text)
    return None if value is None else [dump(item) for item in value.values()]


def field(text: str, name: str, place: int) -> str | None:
    """A member by name, or an element by place, as a JSON text."""
    value = load(text)
    if value is None:
        return None
    if isinstance(value, list):
        return dump(value[place]) if place < len(value) else fail(_FAULT)
    if not isinstance(value, dict):
        fail(_FAULT)
    found = next((item for key, item in value.items() if key.lower() == name.lower()), None)
    return None if found is None else dump(found)


def is_null(text: str) -> bool:
    """Whether a JSON text is null."""
    return load(text) is None


SCALARS: Final = (
    Scalar("trino_json_text", ("VARCHAR",), "VARCHAR", to_text),
    Scalar("trino_json_integer", ("VARCHAR",), "BIGINT", to_integer),
    Scalar("trino_json_float", ("VARCHAR",), "DOUBLE", to_double),
    Scalar("trino_json_boolean", ("VARCHAR",), "BOOLEAN", to_boolean),
    Scalar("trino_json_decimal", ("VARCHAR",), "VARCHAR", to_decimal),
    Scalar("trino_json_items", ("VARCHAR",), "VARCHAR[]", items),
    Scalar("trino_json_keys", ("VARCHAR",), "VARCHAR[]", keys),
    Scalar("trino_json_values", ("VARCHAR",), "VARCHAR[]", values),
    Scalar("trino_json_field", ("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR", field),
    Scalar("trino_json_is_null", ("VARCHAR",), "BOOLEAN", is_null),
)
