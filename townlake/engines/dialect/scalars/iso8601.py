"""Dates and times in the forms of ISO 8601."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from townlake.engines.dialect.scalars.scalar import Scalar, fail

_DAY: Final = re.compile(r"(\d{4})(?:-(?:W(\d{2})(?:-(\d))?|(\d{3})|(\d{1,2})(?:-(\d{1,2}))?))?")
_TIME: Final = re.compile(r"(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?")


def read_date(text: str) -> date:
    """`from_iso8601_date`.

    >>> read_date("2024-03-05"), read_date("2024-W10-2"), read_date("2024-065")
    (datetime.date(2024, 3, 5), datetime.date(2024, 3, 5), datetime.date(2024, 3, 5))
    """
    match = _DAY.fullmatch(text)
    if match is None:
        fail("INVALID_FUNCTION_ARGUMENT")
    year, week, weekday, of_year, month, day = (None if part is None else int(part) for part in match.groups())
    try:
        if week is not None:
            return date.fromisocalendar(year or 0, week, weekday or 1)
        if of_year is not None:
            return date(year or 0, 1, 1) + timedelta(days=of_year - 1)
        return date(year or 0, month or 1, day or 1)
    except ValueError:
        fail("INVALID_FUNCTION_ARGUMENT")


def read_moment(text: str) -> datetime:
    """`from_iso8601_timestamp`, at UTC.

    >>> read_moment("2024-03-05T14:07:09.123+02:00")
    datetime.datetime(2024, 3, 5, 12, 7, 9, 123000)
    """
    day, separator, rest = text.partition("T")
    moment = datetime.combine(read_date(day), datetime.min.time())
    if not separator:
        return moment
    match = _TIME.fullmatch(rest)
    if match is None:
        fail("INVALID_FUNCTION_ARGUMENT")
    hour, minute, second, fraction, zone = match.groups()
    if int(hour) > 24 or int(minute or 0) > 59 or int(second or 0) > 59:
        fail("INVALID_FUNCTION_ARGUMENT")
    milliseconds = int((fraction or "0").ljust(3, "0")[:3])
    moment += timedelta(hours=int(hour), minutes=int(minute or 0), seconds=int(second or 0), milliseconds=milliseconds)
    return moment - _offset(zone)


def _offset(zone: str | None) -> timedelta:
    if zone in {None, "Z"} or zone is None:
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -shift if zone[0] == "-" else shift


SCALARS: Final = (
    Scalar("trino_from_iso8601_date", ("VARCHAR",), "DATE", read_date),
    Scalar("trino_from_iso8601", ("VARCHAR",), "TIMESTAMP", read_moment),
)
