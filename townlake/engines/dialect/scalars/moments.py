"""Dates and times written and read by Joda's patterns."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from townlake.engines.dialect.scalars.scalar import Scalar, fail

_PATTERN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
MONTHS: Final = tuple(date(2024, month, 1).strftime("%B") for month in range(1, 13))
DAYS: Final = tuple(date(2024, 1, day).strftime("%A") for day in range(1, 8))
LETTERS: Final = frozenset("yYxwedDMEahHkKmsSuC")
"""The letters of a pattern that are supported; zones and eras are not."""


@lru_cache(maxsize=128)
def pieces(pattern: str) -> tuple[tuple[str, str], ...] | None:
    """A pattern as (letter run or empty, literal) pairs; None when it has an unsupported letter.

    >>> pieces("yyyy-MM")
    (('yyyy', ''), ('', '-'), ('MM', ''))
    >>> pieces("yyyy Z") is None
    True
    """
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(pattern):
        match = _PATTERN.match(pattern, place)
        if match is None:
            return None
        place = match.end()
        if match.group(2) is not None:
            if match.group(2) not in LETTERS:
                return None
            found.append((match.group(0), ""))
        elif match.group(1) is not None:
            found.append(("", match.group(1).replace("''", "'") or "'"))
        else:
            found.append(("", match.group(0)))
    return tuple(found)


def written(moment: datetime, pattern: str) -> str:
    """`format_datetime` for a moment without a zone.

    >>> written(datetime(2024, 3, 5, 14, 7, 9), "EEE, MMM d yyyy h:mm a")
    'Tue, Mar 5 2024 2:07 PM'
    """
    parts = pieces(pattern)
    if parts is None:
        fail("INVALID_FUNCTION_ARGUMENT")
    return "".join(_field(moment, run) if run else literal for run, literal in parts)


def _field(moment: datetime, run: str) -> str:
    letter, width = run[0], len(run)
    week_year, week, weekday = moment.isocalendar()
    if letter in "yYxu" or letter == "x":
        year = week_year if letter == "x" else moment.year
        return f"{year % 100:02d}" if width == 2 else f"{year:0{width}d}"
    if letter == "M" and width >= 3:
        return MONTHS[moment.month - 1] if width > 3 else MONTHS[moment.month - 1][:3]
    if letter == "E":
        return DAYS[weekday - 1] if width > 3 else DAYS[weekday - 1][:3]
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter == "S":
        return f"{moment.microsecond // 1000:03d}000000"[:width]
    numbers = {
        "C": moment.year // 100,
        "w": week,
        "e": weekday,
        "D": moment.timetuple().tm_yday,
        "M": moment.month,
        "d": moment.day,
        "H": moment.hour,
        "h": (moment.hour - 1) % 12 + 1,
        "K": moment.hour % 12,
        "k": moment.hour or 24,
        "m": moment.minute,
        "s": moment.second,
    }
    return f"{numbers[letter]:0{width}d}"


def read(text: str, pattern: str) -> datetime:
    """`parse_datetime`, at UTC.

    >>> read("05/03/2024", "dd/MM/yyyy")
    datetime.datetime(2024, 3, 5, 0, 0)
    """
    fields = _matched(text, pattern)
    try:
        moment = datetime(  # noqa: DTZ001  (the zone is the caller's: always UTC)
            fields.get("year", 1970),
            fields.get("month", 1),
            fields.get("day", 1),
            _hour(fields),
            fields.get("minute", 0),
            fields.get("second", 0),
            fields.get("millisecond", 0) * 1000,
        )
    except ValueError:
        fail("INVALID_FUNCTION_ARGUMENT")
    if "day_of_year" in fields:
        moment += timedelta(days=fields["day_of_year"] - 1)
    return moment


_FIELDS: Final = {
    "y": "year", "Y": "year", "M": "month", "d": "day", "H": "hour", "h": "half", "m": "minute", "s": "second",
    "S": "millisecond", "a": "noon", "D": "day_of_year",
}  # fmt: skip


def _matched(text: str, pattern: str) -> dict[str, int]:
    parts = pieces(pattern)
    if parts is None or any(run and run[0] not in _FIELDS for run, _ in parts):
        fail("INVALID_FUNCTION_ARGUMENT")
    match = re.fullmatch("".join(_expression(run) if run else re.escape(literal) for run, literal in parts), text, re.I)
    if match is None:
        fail("INVALID_FUNCTION_ARGUMENT")
    runs = [run for run, _ in parts if run]
    return {_FIELDS[run[0]]: _number(run, found) for run, found in zip(runs, match.groups(), strict=True)}


def _expression(run: str) -> str:
    letter, width = run[0], len(run)
    if letter == "M" and width >= 3:
        names = MONTHS if width > 3 else [month[:3] for month in MONTHS]
        return f"({'|'.join(names)})"
    if letter == "a":
        return "(AM|PM)"
    if letter == "S":
        return rf"(\d{{1,{width}}})"
    return r"(\d{1,9})" if letter in "yY" else r"(\d{1,2})" if letter != "D" else r"(\d{1,3})"


def _number(run: str, found: str) -> int:
    if run[0] == "a":
        return int(found.upper() == "PM")
    if run[0] == "M" and len(run) >= 3:
        return next(place for place, month in enumerate(MONTHS, 1) if month[:3].lower() == found[:3].lower())
    if run[0] == "S":
        return int(found.ljust(3, "0")[:3])
    return int(found)


def _hour(fields: dict[str, int]) -> int:
    if "half" in fields:
        return fields["half"] % 12 + 12 * fields.get("noon", 0)
    return fields.get("hour", 0)


SCALARS: Final = (
    Scalar("trino_format_datetime", ("TIMESTAMP", "VARCHAR"), "VARCHAR", written),
    Scalar("trino_parse_datetime", ("VARCHAR", "VARCHAR"), "TIMESTAMP", read),
)
