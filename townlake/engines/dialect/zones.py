"""Time zones.

DuckDB keeps a timestamp with time zone as an instant only; Trino keeps its zone too. Where
the zone matters (its text, its hour, its date) the dialect must know it when it translates:
from the expression itself, or because all values of the statement have one and the same.
"""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import available_timezones

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, binary, call, cast, text
from townlake.engines.dialect.calls import call_of
from townlake.engines.dialect.lower import Lowering

_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
_MOMENT: Final = r"\d{4,}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?)?"
_LITERAL: Final = re.compile(rf"\s*({_MOMENT})\s*([+-]\d{{1,2}}(?::?\d{{2}})?|[A-Za-z]\S*)\s*")


def split_literal(value: str) -> tuple[str, str] | None:
    """The local time and the zone of the text of a timestamp with time zone.

    >>> split_literal("2024-07-01 12:00:00 Europe/Berlin"), split_literal("2024-07-01 12:00")
    (('2024-07-01 12:00:00', 'Europe/Berlin'), None)
    """
    match = _LITERAL.fullmatch(value)
    return None if match is None else (match.group(1), match.group(2))


def is_known(zone: str) -> bool:
    """Whether DuckDB and Trino both know a zone.

    >>> is_known("Europe/Berlin"), is_known("+05:30"), is_known("Mars/Olympus")
    (True, True, False)
    """
    return zone in {"UTC", "Z"} or _OFFSET.fullmatch(zone) is not None or zone in available_timezones()


def offset_minutes(zone: str) -> int | None:
    """The offset of a zone that is written as one, else None.

    >>> offset_minutes("-03:30"), offset_minutes("UTC")
    (-210, None)
    """
    match = _OFFSET.fullmatch(zone)
    if match is None:
        return None
    minutes = int(match.group(2)) * 60 + int(match.group(3) or 0)
    return -minutes if match.group(1) == "-" else minutes


def local(instant: Node, zone: str) -> Node:
    """The local time of an instant in a zone, as a timestamp."""
    minutes = offset_minutes(zone)
    if minutes is None:
        return call("timezone", text(zone), instant)
    return binary(exp.Add, call("timezone", text("UTC"), instant), _minutes(minutes))


def in_zone(moment: Node, zone: str) -> Node:
    """The instant at which a zone has a local time."""
    minutes = offset_minutes(zone)
    if minutes is None:
        return call("timezone", text(zone), moment)
    return call("timezone", text("UTC"), binary(exp.Sub, moment, _minutes(minutes)))


def _minutes(count: int) -> Node:
    return call("to_minutes", cast(text(str(count)), "BIGINT"))


def zone_of(node: Node, lower: Lowering) -> str:
    """The zone of the values of an expression.

    Raises:
        Refused: it is not the same for all of them, or cannot be told.
    """
    # Iceberg keeps no zone: what comes from a table is at UTC.
    found = _own_zone(node) or ("UTC" if lower.is_of_table(node) else lower.zone)
    if found is None:
        raise refusal.unknown_zone("This expression")
    return found


def _own_zone(node: Node) -> str | None:
    if isinstance(node, exp.Paren | exp.Add | exp.Sub):
        return _own_zone(node.this) or (None if isinstance(node, exp.Paren) else _own_zone(node.expression))
    if isinstance(node, exp.AtTimeZone):
        return node.args["zone"].name if isinstance(node.args["zone"], exp.Literal) else None
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string:
        parts = split_literal(node.this.name)
        return parts[1] if parts else None
    call_ = call_of(node)
    if call_ is None:
        return None
    if call_.name in {"at_timezone", "with_timezone", "from_unixtime"} and len(call_.arguments) == 2:
        return call_.arguments[1].name if isinstance(call_.arguments[1], exp.Literal) else None
    if call_.name == "from_iso8601_timestamp" and isinstance(call_.arguments[0], exp.Literal):
        return _iso_zone(call_.arguments[0].name)
    if call_.name in {"date_trunc", "date_add"}:
        return _own_zone(call_.arguments[-1])
    return None


def _iso_zone(value: str) -> str:
    """The zone of a text of ISO 8601: its offset, or that of the session.

    >>> _iso_zone("2024-03-05T14:07:09+02:00"), _iso_zone("2024-03-05")
    ('+02:00', 'UTC')
    """
    match = re.search(r"T.*?(Z|[+-]\d{2}(?::?\d{2})?)$", value)
    return "UTC" if match is None or match.group(1) == "Z" else match.group(1)


def common_zone(tree: Node) -> str | None:
    """The zone that every value of a statement has, or None when there may be several.

    Values of tables are at UTC: Iceberg keeps no zone.
    """
    zones = {"UTC"} if next(tree.find_all(exp.Table), None) is not None else set()
    for node in tree.walk():
        own = _own_zone(node)
        if own is not None:
            zones.add("UTC" if own in {"Z", "UTC"} else own)
        elif _makes_zone_unseen(node):
            return None
        elif _makes_utc(node):
            zones.add("UTC")
    return (zones or {"UTC"}).pop() if len(zones) <= 1 else None


def _makes_zone_unseen(node: Node) -> bool:
    if isinstance(node, exp.AtTimeZone):
        return True
    call_ = call_of(node)
    return call_ is not None and (
        call_.name in {"at_timezone", "with_timezone", "from_iso8601_timestamp"}
        or (call_.name == "from_unixtime" and len(call_.arguments) > 1)
    )


def _makes_utc(node: Node) -> bool:
    call_ = call_of(node)
    return call_ is not None and call_.name in {"current_timestamp", "from_unixtime", "parse_datetime"}
