"""Constants that cannot become the type that they are cast to. Trino finds them when it plans the statement."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from sqlglot import exp

from townlake.sql.types import INTEGERS, UNBOUNDED, ZONED, TrinoType, length_of
from townlake.sql.typing.literals import LARGEST
from townlake.sql.typing.walk import Walk

_DATE: Final = re.compile(r"(?P<year>[+-]?\d{1,9})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_TIME: Final = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(:(?P<second>\d{1,2})(\.\d+)?)?"
_ZONE: Final = r"(?P<zone>[+-]\d{1,2}(:?\d{2})?|[A-Za-z][A-Za-z0-9_+/-]*)"
_CLOCK: Final = re.compile(rf"{_TIME}\s*{_ZONE}?")
_MOMENT: Final = re.compile(rf"{_DATE.pattern}(\s+({_TIME})?\s*{_ZONE}?)?")
_TRUTH: Final = frozenset({"t", "true", "f", "false", "1", "0"})
_WHOLE: Final = re.compile(r"[+-]?\d+")


def check_constant(walk: Walk, node: exp.Expr, source: TrinoType, target: TrinoType) -> None:
    """Report a constant that does not become the type."""
    if isinstance(node.this, exp.Literal) and node.this.is_string:
        is_literal = _is_typed_literal(walk.analysis.sql, node)
        # A literal is read before anything runs, so that TRY and CASE do not save it.
        if (is_literal or not walk.is_guarded) and not is_readable(node.this.name.strip(), target):
            _report_text(walk, node, target, "INVALID_LITERAL" if is_literal else "INVALID_CAST_ARGUMENT")
    elif not walk.is_guarded and (value := number_of(node.this)) is not None:
        _check_number(walk, node, value, source, target)


def number_of(node: exp.Expr) -> Decimal | None:
    """The value of a number as written, with signs and brackets around it; None for anything else.

    >>> from sqlglot import parse_one
    >>> number_of(parse_one("-(2.50)")), number_of(parse_one("x"))
    (Decimal('-2.50'), None)
    """
    sign = 1
    while isinstance(node, exp.Neg | exp.Paren):
        sign = -sign if isinstance(node, exp.Neg) else sign
        node = node.this
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.to.is_type("decimal"):
        node = node.this
    if not isinstance(node, exp.Literal) or (node.is_string and not isinstance(node.parent, exp.Cast)):
        return None
    try:
        return sign * Decimal(node.name.strip())
    except InvalidOperation:
        return None


def _report_text(walk: Walk, node: exp.Expr, target: TrinoType, error: str) -> None:
    hint = _HINTS.get(target.name.removesuffix(ZONED), "Write a number in digits, or TRY_CAST to get NULL.")
    walk.report(error, f"{node.this.sql('trino')} is no {target}.", hint, node)


_HINTS: Final = {
    "date": "Write a day that exists, as DATE '2024-02-29'.",
    "timestamp": "Write TIMESTAMP '2024-02-29 13:00:00'; for the form with T use from_iso8601_timestamp.",
    "time": "Write TIME '13:00:00'.",
    "boolean": "Write true or false.",
}


def _is_typed_literal(sql: str, node: exp.Expr) -> bool:
    """True for `DATE '...'`; the parser makes the same node of `CAST('...' AS date)`."""
    start = node.this.meta.get("start")
    before = sql[:start].rstrip() if isinstance(start, int) else ""
    return bool(before) and before[-1] != "("


def is_readable(text: str, target: TrinoType) -> bool:
    """Whether Trino can read a text as a value of the type.

    >>> from townlake.sql.types import parse_type
    >>> [is_readable(text, parse_type("date")) for text in ("2024-02-29", "2023-02-29", "20240229")]
    [True, False, False]
    """
    name = target.name
    if name == "date":
        return (found := _DATE.fullmatch(text)) is not None and _is_day(found)
    if name.startswith("timestamp"):
        found = _MOMENT.fullmatch(text)
        return found is not None and _is_day(found) and _is_time(found) and (name != "timestamp" or not found["zone"])
    if name.startswith("time"):
        found = _CLOCK.fullmatch(text)
        return found is not None and _is_time(found) and (name != "time" or not found["zone"])
    if name == "boolean":
        return text.lower() in _TRUTH
    if name in INTEGERS:
        return _WHOLE.fullmatch(text) is not None and _fits(int(text), name)
    if name in ("double", "real", "decimal"):
        return _is_number(text, name)
    return True


def _is_day(found: re.Match[str]) -> bool:
    year = int(found["year"])
    try:
        # Years beyond the calendar of Python are leap years as their remainder by 400 is.
        date(year if 1 <= year <= 9999 else 2000 + year % 400, int(found["month"]), int(found["day"]))
    except ValueError:
        return False
    return True


def _is_time(found: re.Match[str]) -> bool:
    return int(found["hour"] or 0) < 24 and int(found["minute"] or 0) < 60 and int(found["second"] or 0) < 60


def _is_number(text: str, name: str) -> bool:
    if name != "decimal" and (text.lower().lstrip("+-") in ("nan", "infinity") or "x" in text.lower()):
        return True
    try:
        return Decimal(text.rstrip("dDfF") if name != "decimal" else text).is_finite()
    except InvalidOperation:
        return False


def _fits(value: int, name: str) -> bool:
    return -LARGEST[name] - 1 <= value <= LARGEST[name]


def _check_number(walk: Walk, node: exp.Expr, value: Decimal, source: TrinoType, target: TrinoType) -> None:
    if target.name in INTEGERS:
        fits = _fits(int(value.quantize(Decimal(1), ROUND_HALF_UP)), target.name) if abs(value) < 10**30 else False
    elif target.name == "decimal":
        precision, scale = target.numbers
        fits = abs(value) + Decimal(5).scaleb(-scale - 1) < Decimal(10) ** (precision - scale)
    elif target.name == "varchar" and source.name not in ("double", "real"):
        fits = length_of(target) == UNBOUNDED or len(format(value, "f")) <= length_of(target)
    else:
        fits = True
    if not fits:
        hint = "Use a wider type, or TRY_CAST to get NULL."
        walk.report("INVALID_CAST_ARGUMENT", f"{node.this.sql('trino')} does not fit into {target}.", hint, node)
