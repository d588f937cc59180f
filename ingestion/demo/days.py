"""The calendar of the demo lake. A day is the number of days since 1970, as Arrow keeps it."""

from __future__ import annotations

from datetime import date
from typing import Final

_EPOCH: Final = date(1970, 1, 1)
AS_OF: Final = date(2026, 10, 15)
"""The lake's own today: `last quarter` is the third of 2026 on whatever day somebody asks."""


def day(year: int, month: int, of_month: int = 1) -> int:
    """The number of a day.

    >>> day(1970, 1, 2), day(2026, 10, 15)
    (1, 20741)
    """
    return (date(year, month, of_month) - _EPOCH).days


TODAY: Final = day(AS_OF.year, AS_OF.month, AS_OF.day)
FIRST: Final = day(2023, 1)
"""The company's first day of business."""

_FIRST_YEAR: Final = 2022
MONTH_STARTS: Final = tuple(day(_FIRST_YEAR + m // 12, m % 12 + 1) for m in range(12 * 6))
"""The first day of each month from January 2022 on."""


def month_of(number: int) -> int:
    """The place of a day's month in `MONTH_STARTS`.

    >>> month_of(day(2022, 2, 28)), month_of(day(2026, 10, 15))
    (1, 57)
    """
    found = date.fromordinal(_EPOCH.toordinal() + number)
    return (found.year - _FIRST_YEAR) * 12 + found.month - 1


def months_later(number: int, count: int) -> int:
    """The same day of a later month, cut to the month's length.

    >>> months_later(day(2024, 1, 31), 1) == day(2024, 2, 29)
    True
    """
    month = month_of(number)
    of_month = number - MONTH_STARTS[month]
    return min(MONTH_STARTS[month + count] + of_month, MONTH_STARTS[month + count + 1] - 1)
