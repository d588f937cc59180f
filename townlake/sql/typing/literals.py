"""The types of literals, and literals that Trino does not read."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from townlake.sql.types import (
    BIGINT,
    BOOLEAN,
    DAY_TO_SECOND,
    DOUBLE,
    INTEGER,
    MAX_PRECISION,
    UNKNOWN,
    VARBINARY,
    YEAR_TO_MONTH,
    TrinoType,
    decimal,
    varchar,
)
from townlake.sql.typing.walk import Rule, Walk

LARGEST: Final = {"tinyint": 2**7 - 1, "smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
"""The largest value of each whole-number type; the smallest is one further from zero."""
_ESCAPE: Final = re.compile(r"\\(?:(\\)|\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4}))")
_MONTHS: Final = frozenset({"YEAR", "MONTH"})
_UNITS: Final = frozenset({*_MONTHS, "DAY", "HOUR", "MINUTE", "SECOND"})
_CLOCK: Final = ("DAY", "HOUR", "MINUTE", "SECOND")
_SPANS: Final = {("YEAR", "MONTH"), *((a, b) for at, a in enumerate(_CLOCK) for b in _CLOCK[at + 1 :])}
_REPLACED_UNITS: Final = {"WEEK": "INTERVAL '7' DAY", "QUARTER": "INTERVAL '3' MONTH"}


def literal(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """The type of a number or a text."""
    text = str(node.this)
    if node.args.get("is_string"):
        return varchar(len(text))
    found = number_type(text)
    if found is None and "." in text:
        message = f"A decimal has at most {MAX_PRECISION} digits."
        walk.report("INVALID_LITERAL", message, "Write a double: 1.5E0.", node)
    elif found is None:
        hint = "Write a decimal with a point after it, or a double: 1E20."
        walk.report("SYNTAX_ERROR", f"The number {text} is too large for bigint.", hint, node)
    return found


def number_type(text: str, *, negative: bool = False) -> TrinoType | None:
    """The type of a number as written; None when it fits no type.

    >>> [str(number_type(text)) for text in ("100.0", "1e0", "7", "3000000000", "0.5")]
    ['decimal(4,1)', 'double', 'integer', 'bigint', 'decimal(1,1)']
    >>> str(number_type("2147483648", negative=True))
    'integer'
    """
    if "e" in text or "E" in text:
        return DOUBLE
    if "." in text:
        whole, _, part = text.partition(".")
        digits = len(whole.lstrip("0")) + len(part)
        return decimal(max(digits, 1), len(part)) if digits <= MAX_PRECISION else None
    value = int(text) - negative
    if value <= LARGEST["integer"]:
        return INTEGER
    return BIGINT if value <= LARGEST["bigint"] else None


def interval(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """The type of an interval."""
    unit = node.args.get("unit")
    span = isinstance(unit, exp.IntervalSpan)
    names = (
        [unit.this.name, unit.expression.name] if isinstance(unit, exp.IntervalSpan) else [unit.name if unit else ""]
    )
    names = [name.upper() for name in names]
    value = node.this
    if not isinstance(value, exp.Literal) or not value.is_string:
        hint = "Write INTERVAL '1' DAY, with quotes; for a computed number write date_add('day', n, d)."
        walk.report("SYNTAX_ERROR", "The number of an INTERVAL is a text.", hint, node)
        return None
    for name in names:
        if name not in _UNITS:
            hint = f"Write {_REPLACED_UNITS.get(name.rstrip('S'), 'YEAR, MONTH, DAY, HOUR, MINUTE or SECOND')}."
            walk.report("SYNTAX_ERROR", f"{name or 'Nothing'} is no unit of an INTERVAL.", hint, node)
            return None
    if span and ((names[0], names[1]) not in _SPANS or re.search(r"[A-Za-z]", value.name)):
        hint = "Write INTERVAL '1 12:30:00' DAY TO SECOND, or INTERVAL '1-6' YEAR TO MONTH."
        walk.report("INVALID_LITERAL", f"{value.sql('trino')} is no interval {names[0]} TO {names[1]}.", hint, node)
    if not span and not re.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*", value.name):
        hint = f"Write a number: INTERVAL '1' {names[0]}."
        walk.report("INVALID_LITERAL", f"{value.sql('trino')} is no number of {names[0]}.", hint, node)
    return YEAR_TO_MONTH if names[0] in _MONTHS else DAY_TO_SECOND


def unicode_text(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """The type of `U&'...'`."""
    text = str(node.this)
    length = len(text)
    for match in _ESCAPE.finditer(text):
        code = match.group(2) or match.group(3)
        length -= len(match.group(0)) - 1
        if code is not None and (0xD800 <= int(code, 16) <= 0xDFFF or int(code, 16) > 0x10FFFF):
            hint = "Write the character itself, or one escape of six digits: \\+01F600."
            walk.report("SYNTAX_ERROR", f"\\{code} is no character.", hint, node)
    return varchar(length)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Literal: literal,
    exp.Interval: interval,
    exp.UnicodeString: unicode_text,
    exp.HexString: lambda walk, node: VARBINARY,
    exp.Boolean: lambda walk, node: BOOLEAN,
    exp.Null: lambda walk, node: UNKNOWN,
}
