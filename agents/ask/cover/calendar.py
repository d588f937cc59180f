"""Calendar arithmetic: spans of whole days, half-open, ISO weeks."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from townlake.domain.value import Value

_MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_DAYS: Final = {"day": 1, "week": 7}


class Grain(StrEnum):
    """A calendar unit that rows can be grouped by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Span(Value):
    """Days from `start` to the day before `until`; None is open."""

    start: date | None = None
    until: date | None = None

    @property
    def last(self) -> date | None:
        """The last day within.

        >>> str(Span(until=date(2026, 3, 1)).last)
        '2026-02-28'
        """
        return self.until - timedelta(days=1) if self.until else None

    def __str__(self) -> str:
        if self.start and self.until and self.start == self.last:
            return str(self.start)
        if self.start and self.until:
            return f"{self.start} to {self.last}"
        if self.start:
            return f"from {self.start}"
        return f"up to {self.last}" if self.until else "all time"


def begin(unit: str, day: date) -> date:
    """The first day of the unit that holds `day`; weeks begin on Monday.

    >>> [str(begin(unit, date(2026, 5, 20))) for unit in ("day", "week", "month", "quarter", "half", "year")]
    ['2026-05-20', '2026-05-18', '2026-05-01', '2026-04-01', '2026-01-01', '2026-01-01']
    """
    if unit in _DAYS:
        return day - timedelta(days=day.weekday()) if unit == "week" else day
    months = _MONTHS[unit]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def shift(unit: str, day: date, count: int) -> date:
    """`day` moved by whole units; the day of the month is cut to the month's length, as `date_add` does.

    >>> str(shift("month", date(2026, 3, 31), -1)), str(shift("week", date(2026, 1, 1), 2))
    ('2026-02-28', '2026-01-15')
    """
    if unit in _DAYS:
        return day + timedelta(days=_DAYS[unit] * count)
    month = day.year * 12 + day.month - 1 + _MONTHS[unit] * count
    first = date(month // 12, month % 12 + 1, 1)
    return first + timedelta(days=min(day.day, _days_in(first)) - 1)


def whole(unit: str, day: date, count: int = 1) -> Span:
    """`count` units, the first of which holds `day`.

    >>> str(whole("quarter", date(2026, 5, 20)))
    '2026-04-01 to 2026-06-30'
    """
    start = begin(unit, day)
    return Span(start=start, until=shift(unit, start, count))


def _days_in(first: date) -> int:
    return (date(first.year + first.month // 12, first.month % 12 + 1, 1) - first).days
