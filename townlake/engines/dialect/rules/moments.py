"""Arithmetic with dates, times, timestamps and intervals."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, binary, call, cast, text
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.types import FLOATS, INTEGERS, duckdb_type
from townlake.engines.dialect.zones import in_zone, local, zone_of

DAY_TIME: Final = "interval day to second"
YEAR_MONTH: Final = "interval year to month"
_WHOLE_DAYS: Final = frozenset({"DAY", "DAYS"})


def moment_arithmetic(node: Node, lower: Lowering) -> Node:
    """`+` and `-` where a side is a moment or an interval, `*` and `/` of an interval."""
    kinds = (lower.kind(node.this), lower.kind(node.expression))
    if isinstance(node, exp.Mul | exp.Div):
        return _scaled(node, lower, kinds)
    if not isinstance(node, exp.Add | exp.Sub):
        raise refusal.form("this arithmetic on dates and times")
    if kinds[1].startswith("interval") and not kinds[0].startswith("interval"):
        return _moved(node.this, node.expression, type(node), lower)
    if kinds[0].startswith("interval") and not kinds[1].startswith("interval"):
        return _moved(node.expression, node.this, type(node), lower)
    if kinds[0].startswith("interval"):
        return binary(type(node), lower(node.this), lower(node.expression))
    return _between(node, lower, kinds)


def _moved(moment: Node, interval: Node, operation: type[exp.Binary], lower: Lowering) -> Node:
    kind = lower.kind(moment)
    moved = lower(interval)
    if kind == "date":
        if lower.kind(interval) == DAY_TIME and not _is_whole_days(interval):
            moved = call("trino_whole_days", moved)
        return cast(operation(this=lower(moment), expression=moved), "DATE")
    if kind == "timestamp with time zone" and lower.kind(interval) == YEAR_MONTH:
        zone = zone_of(moment, lower)
        return in_zone(binary(operation, local(lower(moment), zone), moved), zone)
    if kind in {"timestamp", "timestamp with time zone", "time"}:
        return cast(operation(this=lower(moment), expression=moved), duckdb_type(lower.type(moment)))
    raise refusal.form(f"arithmetic on {kind}")


def _is_whole_days(interval: Node) -> bool:
    return isinstance(interval, exp.Interval) and interval.text("unit").upper() in _WHOLE_DAYS


def _between(node: Node, lower: Lowering, kinds: tuple[str, str]) -> Node:
    if not isinstance(node, exp.Sub):
        raise refusal.form("the sum of two moments")
    left, right = lower(node.this), lower(node.expression)
    if kinds == ("date", "date"):
        return call("to_days", cast(exp.Paren(this=exp.Sub(this=left, expression=right)), "INTEGER"))
    if set(kinds) <= {"date", "timestamp"}:
        return call("trino_elapsed", cast(right, "TIMESTAMP"), cast(left, "TIMESTAMP"))
    if kinds == ("timestamp with time zone", "timestamp with time zone"):
        return call("trino_elapsed", _utc(right), _utc(left))
    if kinds == ("time", "time"):
        return binary(exp.Sub, left, right)
    raise refusal.form(f"the difference of {kinds[0]} and {kinds[1]}")


def _utc(node: Node) -> Node:
    return call("timezone", text("UTC"), node)


def _scaled(node: Node, lower: Lowering, kinds: tuple[str, str]) -> Node:
    interval, factor = (node.this, node.expression) if kinds[0].startswith("interval") else (node.expression, node.this)
    if lower.kind(factor) not in INTEGERS | FLOATS or (isinstance(node, exp.Div) and interval is not node.this):
        raise refusal.form("this product of an interval")
    months = lower.kind(interval) == YEAR_MONTH
    operation = "divided" if isinstance(node, exp.Div) else "times"
    return call(f"trino_{'months' if months else 'interval'}_{operation}", lower(interval), lower(factor))


def interval(node: Node, lower: Lowering) -> Node:
    """An interval literal: a number of one unit, or several units in one text."""
    unit = node.args.get("unit")
    value = node.this.name if isinstance(node.this, exp.Literal) else None
    if value is None or unit is None:
        raise refusal.form("an interval that is not a literal")
    if isinstance(unit, exp.IntervalSpan):
        return _spanned(value, unit.this.name.upper(), unit.expression.name.upper())
    name = unit.name.upper().removesuffix("S")
    if name not in _MICROSECONDS and name not in {"YEAR", "MONTH"}:
        raise refusal.form(f"an interval in {name.lower()}")
    if name in {"YEAR", "MONTH"}:
        return call("to_months", _whole(value, 12 if name == "YEAR" else 1))
    return call("to_milliseconds", _thousandths(value, _MICROSECONDS[name]))


_MICROSECONDS: Final = {"WEEK": 604_800, "DAY": 86_400, "HOUR": 3_600, "MINUTE": 60, "SECOND": 1}
"""Seconds in a unit."""
_UNITS: Final = ("DAY", "HOUR", "MINUTE", "SECOND")


def _whole(value: str, factor: int) -> Node:
    if not value.lstrip("+-").isdigit():
        raise refusal.form("an interval whose number is not whole")
    return cast(text(str(int(value) * factor)), "INTEGER")


def _thousandths(value: str, seconds: int) -> Node:
    try:
        amount = round(float(value) * seconds * 1000)
    except ValueError:
        raise refusal.form("an interval whose text is not a number") from None
    return cast(text(str(amount)), "BIGINT")


def _spanned(value: str, first: str, last: str) -> Node:
    sign = -1 if value.startswith("-") else 1
    digits = value.lstrip("+-")
    if (first, last) == ("YEAR", "MONTH"):
        years, _, months = digits.partition("-")
        if not (years.isdigit() and months.isdigit()):
            raise refusal.form("this interval")
        return call("to_months", cast(text(str(sign * (12 * int(years) + int(months)))), "INTEGER"))
    if first not in _UNITS or last not in _UNITS:
        raise refusal.form("this interval")
    units = _UNITS[_UNITS.index(first) : _UNITS.index(last) + 1]
    parts = digits.replace(" ", ":").split(":")
    if len(parts) != len(units):
        raise refusal.form("this interval")
    try:
        seconds = sum(float(part) * _MICROSECONDS[unit] for part, unit in zip(parts, units, strict=True))
    except ValueError:
        raise refusal.form("this interval") from None
    return call("to_milliseconds", cast(text(str(round(sign * seconds * 1000))), "BIGINT"))


RULES: Final[dict[NodeClass, NodeRule]] = {exp.Interval: interval}
