"""Functions of dates, times, timestamps and intervals."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, binary, call, cast, failure, number, text
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions.plain import as_text
from townlake.engines.dialect.lower import FunctionRule, Lowering, NodeRule
from townlake.engines.dialect.rules.casts import Conversion
from townlake.engines.dialect.scalars.moments import pieces
from townlake.engines.dialect.types import duckdb_type
from townlake.engines.dialect.zones import in_zone, is_known, local, offset_minutes, zone_of

ZONED: Final = "timestamp with time zone"
_DATE_UNITS: Final = ("day", "week", "month", "quarter", "year")
_TIME_UNITS: Final = ("millisecond", "second", "minute", "hour")
_ADDERS: Final = {
    "millisecond": ("to_milliseconds", 1),
    "second": ("to_seconds", 1),
    "minute": ("to_minutes", 1),
    "hour": ("to_hours", 1),
    "day": ("to_days", 1),
    "week": ("to_days", 7),
    "month": ("to_months", 1),
    "quarter": ("to_months", 3),
    "year": ("to_months", 12),
}


def _moment(node: Node, lower: Lowering) -> Node:
    """A moment as local time: what its parts are taken from."""
    if lower.kind(node) == ZONED:
        return local(lower(node), zone_of(node, lower))
    return lower(node)


def _unit(call_: Call, lower: Lowering, moment: Node) -> str | None:
    """The unit that a function counts in; None when it does not fit the type, which Trino finds when it runs."""
    unit = call_.arguments[0]
    if not isinstance(unit, exp.Literal):
        raise refusal.argument(call_.name, "a unit that is not a literal")
    kind = lower.kind(moment)
    fitting = {"date": _DATE_UNITS, "time": _TIME_UNITS}.get(kind, (*_TIME_UNITS, *_DATE_UNITS))
    return unit.name if unit.name in fitting else None


def _part(name: str) -> FunctionRule:
    """A part of a moment, as a bigint."""

    def rule(call_: Call, lower: Lowering) -> Node:
        (argument,) = call_.arguments
        if lower.kind(argument).startswith("interval"):
            raise refusal.argument(call_.name, "an interval")
        moment = _moment(argument, lower)
        if name == "millisecond":
            return cast(binary(exp.Mod, call("millisecond", moment), number(1000)), "BIGINT")
        return cast(call(name, moment), "BIGINT")

    return rule


def date_trunc(call_: Call, lower: Lowering) -> Node:
    """`date_trunc`, in the type of its argument."""
    moment = call_.arguments[1]
    unit = _unit(call_, lower, moment)
    result = duckdb_type(lower.type(call_.node))
    if unit is None:
        return failure("INVALID_FUNCTION_ARGUMENT", result)
    if lower.kind(moment) == "time":
        return call("trino_time_truncated", text(unit), lower(moment))
    if lower.kind(moment) == ZONED:
        zone = zone_of(moment, lower)
        return in_zone(call("date_trunc", text(unit), local(lower(moment), zone)), zone)
    return cast(call("date_trunc", text(unit), lower(moment)), result)


def date_add(call_: Call, lower: Lowering) -> Node:
    """`date_add`: months keep to the last day of a shorter month."""
    moment = call_.arguments[2]
    unit = _unit(call_, lower, moment)
    result = duckdb_type(lower.type(call_.node))
    if unit is None:
        return failure("INVALID_FUNCTION_ARGUMENT", result)
    name, factor = _ADDERS[unit]
    width = "INTEGER" if name in {"to_days", "to_months"} else "BIGINT"
    count = cast(lower(call_.arguments[1]), width)
    interval = call(name, count if factor == 1 else binary(exp.Mul, count, number(factor)))
    if lower.kind(moment) == ZONED and unit in _DATE_UNITS:
        zone = zone_of(moment, lower)
        return in_zone(binary(exp.Add, local(lower(moment), zone), interval), zone)
    return cast(binary(exp.Add, lower(moment), interval), result)


def date_diff(call_: Call, lower: Lowering) -> Node:
    """`date_diff`: whole units, not boundaries."""
    first, second = call_.arguments[1:]
    unit = _unit(call_, lower, first if lower.kind(second) == "unknown" else second)
    if unit is None or (lower.kind(first) == "date" and lower.kind(second) == "date" and unit in _TIME_UNITS):
        return failure("INVALID_FUNCTION_ARGUMENT", "BIGINT")
    kinds = {lower.kind(first), lower.kind(second)}
    if ZONED in kinds:
        if kinds != {ZONED}:
            raise refusal.form("date_diff of moments with and without a zone")
        zone = zone_of(first, lower)
        sides = [local(lower(side), zone) for side in (first, second)]
    elif kinds == {"time"}:
        sides = [lower(first), lower(second)]
    else:
        sides = [cast(lower(side), "TIMESTAMP") for side in (first, second)]
    return call("date_sub", text(unit), *sides)


def date(call_: Call, lower: Lowering) -> Node:
    """`date(x)`, a cast."""
    (argument,) = call_.arguments
    if lower.kind(argument) == ZONED:
        return cast(_moment(argument, lower), "DATE")
    return Conversion().of(lower(argument), lower.type(argument), "date")


def last_day(call_: Call, lower: Lowering) -> Node:
    """`last_day_of_month`."""
    return call("last_day", cast(_moment(call_.arguments[0], lower), "DATE"))


def to_unixtime(call_: Call, lower: Lowering) -> Node:
    """`to_unixtime`."""
    return call("epoch", lower(call_.arguments[0]))


def from_unixtime(call_: Call, lower: Lowering) -> Node:
    """`from_unixtime`, to the millisecond; with a zone only where the zone is a literal."""
    seconds, *zone = call_.arguments
    if zone and not all(isinstance(part, exp.Literal) for part in zone):
        raise refusal.argument("from_unixtime", "a zone that is not a literal")
    if len(zone) == 1 and not is_known(zone[0].name):
        raise refusal.argument("from_unixtime", "this time zone")
    return call("trino_from_unixtime", cast(lower(seconds), "DOUBLE"))


def at_timezone(node: Node, lower: Lowering) -> Node:
    """`x AT TIME ZONE 'zone'`: the same instant."""
    moment, zone = node.this, node.args["zone"]
    if not (isinstance(zone, exp.Literal) and is_known(zone.name)):
        raise refusal.argument("AT TIME ZONE", "a zone that is not a literal that DuckDB knows")
    if lower.kind(moment) == "timestamp":
        return in_zone(lower(moment), "UTC")
    if lower.kind(moment) != ZONED:
        raise refusal.argument("AT TIME ZONE", f"{lower.kind(moment)} values")
    return lower(moment)


def with_timezone(call_: Call, lower: Lowering) -> Node:
    """`with_timezone(timestamp, 'zone')`."""
    moment, zone = call_.arguments
    if not (isinstance(zone, exp.Literal) and is_known(zone.name)):
        raise refusal.argument("with_timezone", "a zone that is not a literal that DuckDB knows")
    return in_zone(cast(lower(moment), "TIMESTAMP"), zone.name)


def timezone_part(divisor: str) -> FunctionRule:
    """`timezone_hour` and `timezone_minute`."""

    def rule(call_: Call, lower: Lowering) -> Node:
        zone = zone_of(call_.arguments[0], lower)
        instant = lower(call_.arguments[0])
        seconds = binary(exp.Sub, call("epoch", local(instant, zone)), call("epoch", instant.copy()))
        minutes = cast(binary(exp.Div, seconds, number(60)), "BIGINT")
        whole = exp.IntDiv if divisor == "hour" else exp.Mod
        return binary(whole, minutes, number(60))

    return rule


def timezone(call_: Call, lower: Lowering) -> Node:
    """`timezone(x)`: the zone's name."""
    zone = zone_of(call_.arguments[0], lower)
    return text("UTC" if zone == "Z" else zone)


_MYSQL: Final = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M",
    "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S",
    "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
_READABLE: Final = frozenset("abcdefHhIijklMmprSsTWYy%")
_TAKEN: Final = re.compile(r"%(.)")


def _mysql_format(call_: Call, allowed: frozenset[str] | None) -> str:
    node = call_.arguments[1]
    if not (isinstance(node, exp.Literal) and node.name):
        raise refusal.argument(call_.name, "a format that is not a literal")
    letters = _TAKEN.findall(node.name)
    known = _MYSQL.keys() if allowed is None else allowed
    if any(letter not in known for letter in letters):
        raise refusal.argument(call_.name, "this format")
    return _TAKEN.sub(lambda match: _MYSQL[match.group(1)], node.name)


def date_format(call_: Call, lower: Lowering) -> Node:
    """`date_format` with MySQL's letters."""
    moment = cast(_moment(call_.arguments[0], lower), "TIMESTAMP")
    return call("strftime", moment, text(_mysql_format(call_, None)))


def date_parse(call_: Call, lower: Lowering) -> Node:
    """`date_parse` with MySQL's letters; a format without a year starts in 1970, which DuckDB cannot."""
    written = _mysql_format(call_, _READABLE)
    if "%Y" not in written and "%y" not in written:
        raise refusal.argument("date_parse", "a format without a year")
    read = call("strptime", as_text(call_.arguments[0], lower), text(written))
    if "%y" in written:
        # Two digits mean 1970 to 2069; DuckDB takes 69 for 1969.
        read = call("trino_two_digit_year", read)
    return call("date_trunc", text("millisecond"), read) if "%f" in written else read


def format_datetime(call_: Call, lower: Lowering) -> Node:
    """`format_datetime` with Joda's letters."""
    pattern = call_.arguments[1]
    if not isinstance(pattern, exp.Literal) or pieces(pattern.name) is None:
        raise refusal.argument("format_datetime", "a pattern that is not a literal of known letters")
    return call("trino_format_datetime", cast(_moment(call_.arguments[0], lower), "TIMESTAMP"), lower(pattern))


def parse_datetime(call_: Call, lower: Lowering) -> Node:
    """`parse_datetime` with Joda's letters, at UTC."""
    pattern = call_.arguments[1]
    if not isinstance(pattern, exp.Literal) or pieces(pattern.name) is None:
        raise refusal.argument("parse_datetime", "a pattern that is not a literal of known letters")
    if any(run in {"yy", "YY"} for run, _ in pieces(pattern.name) or ()):
        raise refusal.argument("parse_datetime", "a year of two digits, which depends on today")
    return in_zone(call("trino_parse_datetime", as_text(call_.arguments[0], lower), lower(pattern)), "UTC")


def to_iso8601(call_: Call, lower: Lowering) -> Node:
    """`to_iso8601`."""
    (argument,) = call_.arguments
    kind = lower.kind(argument)
    if kind == "date":
        return cast(lower(argument), "VARCHAR")
    digits = int(re.findall(r"\((\d+)\)", lower.type(argument))[0])
    written = call(
        "replace", call("trino_timestamp_written", _moment(argument, lower), number(digits)), text(" "), text("T")
    )
    if kind == "timestamp":
        return written
    zone = zone_of(argument, lower)
    minutes = 0 if zone in {"UTC", "Z"} else offset_minutes(zone)
    if minutes is None:
        raise refusal.argument("to_iso8601", "a zone by name")
    suffix = "Z" if not minutes else f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return binary(exp.DPipe, written, text(suffix))


def from_iso8601_date(call_: Call, lower: Lowering) -> Node:
    """`from_iso8601_date`: a date, or a year and a week, or a year and a day."""
    return call("trino_from_iso8601_date", as_text(call_.arguments[0], lower))


def from_iso8601_timestamp(call_: Call, lower: Lowering) -> Node:
    """`from_iso8601_timestamp`: an instant; its zone is only known to be an offset."""
    return in_zone(call("trino_from_iso8601", as_text(call_.arguments[0], lower)), "UTC")


def now(call_: Call, lower: Lowering) -> Node:
    """The start of the statement, to the digits of the type."""
    digits = int(re.findall(r"\((\d+)\)", lower.type(call_.node))[0])
    if digits > 6:
        raise refusal.type_(lower.type(call_.node))
    moment = call("trino_timestamp_rounded", call("timezone", text("UTC"), call("now")), number(10 ** (6 - digits)))
    kind = lower.kind(call_.node)
    if kind == "timestamp":
        return moment
    return cast(moment, "TIME") if kind == "time" else in_zone(moment, "UTC")


def current_date(_call: Call, _lower: Lowering) -> Node:
    """Today, at UTC."""
    return cast(call("timezone", text("UTC"), call("now")), "DATE")


def to_milliseconds(call_: Call, lower: Lowering) -> Node:
    """`to_milliseconds(interval)`."""
    return call("epoch_ms", lower(call_.arguments[0]))


def parse_duration(call_: Call, lower: Lowering) -> Node:
    """`parse_duration`."""
    return call("to_milliseconds", call("trino_parse_duration", as_text(call_.arguments[0], lower)))


FUNCTIONS: Final = {
    "current_date": current_date,
    "current_timestamp": now,
    "current_timezone": lambda _call, _lower: text("UTC"),
    "date": date,
    "date_add": date_add,
    "date_diff": date_diff,
    "date_format": date_format,
    "date_parse": date_parse,
    "date_trunc": date_trunc,
    "day": _part("day"),
    "day_of_week": _part("isodow"),
    "day_of_year": _part("dayofyear"),
    "format_datetime": format_datetime,
    "from_iso8601_date": from_iso8601_date,
    "from_iso8601_timestamp": from_iso8601_timestamp,
    "from_unixtime": from_unixtime,
    "hour": _part("hour"),
    "last_day_of_month": last_day,
    "localtime": now,
    "localtimestamp": now,
    "millisecond": _part("millisecond"),
    "minute": _part("minute"),
    "month": _part("month"),
    "parse_datetime": parse_datetime,
    "parse_duration": parse_duration,
    "quarter": _part("quarter"),
    "second": _part("second"),
    "timezone": timezone,
    "timezone_hour": timezone_part("hour"),
    "timezone_minute": timezone_part("minute"),
    "to_iso8601": to_iso8601,
    "to_milliseconds": to_milliseconds,
    "to_unixtime": to_unixtime,
    "week": _part("weekofyear"),
    "with_timezone": with_timezone,
    "year": _part("year"),
    "year_of_week": _part("isoyear"),
}
RULES: Final[dict[NodeClass, NodeRule]] = {exp.AtTimeZone: at_timezone}
