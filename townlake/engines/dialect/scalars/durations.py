"""Lengths of time in words."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from townlake.engines.dialect.scalars.scalar import Scalar, fail

_UNITS: Final = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_MICROSECONDS: Final = {
    "ns": 0.001,
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}


def human_readable_seconds(seconds: float) -> str:
    """Seconds in weeks, days, hours, minutes and seconds.

    >>> human_readable_seconds(93784.5), human_readable_seconds(0)
    ('1 day, 2 hours, 3 minutes, 5 seconds', '0 seconds')
    """
    if not math.isfinite(seconds):
        fail("INVALID_FUNCTION_ARGUMENT")
    left = math.floor(abs(seconds) + 0.5)
    words = []
    for name, length in _UNITS:
        count, left = divmod(left, length)
        if count:
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(words) or "0 seconds"


def parse_duration(text: str) -> int:
    """A length of time with its unit, in milliseconds.

    >>> parse_duration("2.5h")
    9000000
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    if match is None or match.group(2) not in _MICROSECONDS:
        fail("INVALID_FUNCTION_ARGUMENT")
    return math.floor(float(match.group(1)) * _MICROSECONDS[match.group(2)] / 1000 + 0.5)


def format_number(value: float) -> str:
    """A number with the letter of its thousands. Whatever is below ten, also below zero, keeps two digits.

    >>> format_number(1234567), format_number(999), format_number(1500000000), format_number(-12345)
    ('1.23M', '999', '1.5B', '-12.35K')
    """
    if not math.isfinite(value):
        fail("INVALID_FUNCTION_ARGUMENT")
    size, place = float(int(value)), 0
    while abs(size) >= 1000 and place < len(_LETTERS) - 1:
        size, place = size / 1000, place + 1
    digits = 2 if size < 10 else 1 if size < 100 else 0
    rounded = Decimal(size).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    written = f"{rounded:f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written) + _LETTERS[place]


_LETTERS: Final = ("", "K", "M", "B", "T", "Q")


def day_time_text(milliseconds: int) -> str:
    """An interval of days to seconds, as Trino writes it.

    >>> day_time_text(129_600_000), day_time_text(-90_000)
    ('1 12:00:00.000', '-0 00:01:30.000')
    """
    days, left = divmod(abs(milliseconds), 86_400_000)
    hours, left = divmod(left, 3_600_000)
    minutes, left = divmod(left, 60_000)
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{days} {hours:02d}:{minutes:02d}:{left // 1000:02d}.{left % 1000:03d}"


def year_month_text(months: int) -> str:
    """An interval of years to months, as Trino writes it.

    >>> year_month_text(14), year_month_text(-3)
    ('1-2', '-0-3')
    """
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"


SCALARS: Final = (
    Scalar("trino_day_time_text", ("BIGINT",), "VARCHAR", day_time_text),
    Scalar("trino_year_month_text", ("BIGINT",), "VARCHAR", year_month_text),
    Scalar("trino_human_readable_seconds", ("DOUBLE",), "VARCHAR", human_readable_seconds),
    Scalar("trino_parse_duration", ("VARCHAR",), "BIGINT", parse_duration),
    Scalar("trino_format_number", ("DOUBLE",), "VARCHAR", format_number),
)
