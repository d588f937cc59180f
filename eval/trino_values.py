"""Whether two results are the same, as the conformance statements want them compared."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from townlake.engines.dialect.types import row_field, split_type

_NUMBERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint", "decimal", "real", "double"})
_FLOATS: Final = frozenset({"real", "double"})


def same_rows(
    mine: Sequence[Sequence[Any]],
    my_types: Sequence[str],
    theirs: Sequence[Sequence[Any]],
    their_types: Sequence[str],
    *,
    ordered: bool,
) -> bool:
    """Same rows, in order or as a multiset; column names are not compared."""
    if len(mine) != len(theirs) or len(my_types) != len(their_types):
        return False

    def same(left: Sequence[Any], right: Sequence[Any]) -> bool:
        return len(left) == len(right) and all(map(same_value, left, my_types, right, their_types))

    if ordered:
        return all(map(same, mine, theirs))
    left = list(theirs)
    for row in mine:
        place = next((index for index, other in enumerate(left) if same(row, other)), None)
        if place is None:
            return False
        del left[place]
    return True


def same_value(mine: Any, my_type: str, theirs: Any, their_type: str) -> bool:
    """Two values of two types.

    >>> same_value("1.50", "decimal(3,2)", 1.5, "double"), same_value("1.50", "varchar", 1.5, "double")
    (True, False)
    >>> same_value("2024-07-01 12:00:00 UTC", "timestamp(0) with time zone",
    ...            "2024-07-01 14:00:00 Europe/Berlin", "timestamp(0) with time zone")
    True
    """
    if mine is None or theirs is None:
        return mine is None and theirs is None
    kinds = (_kind(my_type), _kind(their_type))
    if kinds[0] in _NUMBERS and kinds[1] in _NUMBERS:
        return _same_number(mine, theirs, loose=bool(_FLOATS & set(kinds)))
    if kinds[0] in {"array", "map", "row"} or kinds[1] in {"array", "map", "row"}:
        return kinds[0] == kinds[1] and _same_nested(mine, my_type, theirs, their_type, kinds[0])
    if set(kinds) <= {"date", "timestamp"}:
        return _moment(mine) == _moment(theirs)
    if "timestamp with time zone" in kinds:
        return kinds[0] == kinds[1] and _instant(mine) == _instant(theirs)
    if "interval" in kinds:
        return kinds[0] == kinds[1] and _length(mine) == _length(theirs)
    if "json" in kinds:
        return bool(json.loads(mine) == json.loads(theirs))
    if kinds[0] == "time" and kinds[1] == "time":
        return bool(mine.ljust(15, "0")[:15] == theirs.ljust(15, "0")[:15])
    texts = {"varchar", "char"}
    return bool((kinds[0] == kinds[1] or set(kinds) <= texts) and mine == theirs)


def same_type(mine: str, theirs: str) -> bool:
    """Corresponding types: decimals exactly, the length of a text and the digits of a second not compared.

    >>> same_type("varchar", "varchar(3)"), same_type("decimal(3,1)", "decimal(4,1)")
    (True, False)
    """
    return _loose(mine) == _loose(theirs)


def _loose(name: str) -> str:
    return re.sub(r"\b(varchar|char|timestamp|time)\(\d+\)", r"\1", name).replace(", ", ",")


def _kind(name: str) -> str:
    if name.endswith("with time zone"):
        return f"{name.partition('(')[0].split()[0]} with time zone"
    return "interval" if name.startswith("interval") else split_type(name)[0]


def _same_number(mine: Any, theirs: Any, *, loose: bool) -> bool:
    if not loose:
        return Decimal(str(mine)) == Decimal(str(theirs))
    left, right = float(mine), float(theirs)
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return math.isclose(left, right, rel_tol=1e-9)


def _same_nested(mine: Any, my_type: str, theirs: Any, their_type: str, kind: str) -> bool:
    if len(mine) != len(theirs):
        return False
    inner, outer = split_type(my_type)[1], split_type(their_type)[1]
    if kind == "array":
        return all(same_value(left, inner[0], right, outer[0]) for left, right in zip(mine, theirs, strict=True))
    if kind == "row":
        return all(
            same_value(left, row_field(a)[1], right, row_field(b)[1])
            for left, a, right, b in zip(mine, inner, theirs, outer, strict=True)
        )
    left_over = list(theirs)
    for key, value in mine:
        match = next(
            (
                pair
                for pair in left_over
                if same_value(key, inner[0], pair[0], outer[0]) and same_value(value, inner[1], pair[1], outer[1])
            ),
            None,
        )
        if match is None:
            return False
        left_over.remove(match)
    return True


def _moment(text: str) -> datetime:
    day, _, clock = text.partition(" ")
    clock, _, fraction = (clock or "00:00:00").partition(".")
    moment = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  (no zone is meant)
    return moment + timedelta(microseconds=int(fraction.ljust(6, "0")[:6]))


def _instant(text: str) -> datetime:
    moment, _, zone = text.rpartition(" ")
    local = _moment(moment)
    if match := re.fullmatch(r"([+-])(\d{2}):(\d{2})", zone):
        shift = timedelta(hours=int(match.group(2)), minutes=int(match.group(3)))
        return local + shift if match.group(1) == "-" else local - shift
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def _length(text: str) -> tuple[str, Decimal]:
    sign = -1 if text.startswith("-") else 1
    days, _, clock = text.lstrip("-").partition(" ")
    if not clock:
        years, _, months = days.partition("-")
        return "months", Decimal(sign * (int(years) * 12 + int(months)))
    hours, minutes, seconds = clock.split(":")
    return "seconds", sign * (Decimal(days) * 86400 + int(hours) * 3600 + int(minutes) * 60 + Decimal(seconds))
