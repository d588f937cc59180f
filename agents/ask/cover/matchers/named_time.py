"""Spans with a name of their own: `2026-03-01`, `March 2026`, `Q3`, `first half of 2025`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from agents.ask.cover.calendar import Span, whole
from agents.ask.cover.words import Word, follow, past

_MONTHS: Final = {
    name: i
    for i, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_PARTS: Final = {"quarter": (3, 4), "half": (6, 2)}
_FIRST_YEAR, _LAST_YEAR, _CENTURY = 1970, 2199, 2000


@dataclass(frozen=True, slots=True)
class Named:
    """A span of the calendar; without a year, the most recent one that has begun is meant."""

    unit: str
    month: int = 1
    day: int = 1
    year: int | None = None
    years_back: int | None = None
    """Set by `last year` (1) and `this year` (0) behind the name."""

    def in_year(self, year: int) -> Span | None:
        """The span in this year; None for the 29th of February in a common year."""
        try:
            return whole(self.unit, date(year, self.month, self.day))
        except ValueError:
            return None

    def span(self, as_of: date) -> Span | None:
        """The days meant, seen from `as_of`.

        >>> str(Named("quarter", month=10).span(date(2026, 9, 30)))
        '2025-10-01 to 2025-12-31'
        """
        if self.year is not None:
            return self.in_year(self.year)
        if self.years_back is not None:
            return self.in_year(as_of.year - self.years_back)
        for year in (as_of.year, as_of.year - 1):
            span = self.in_year(year)
            if span is not None and span.start is not None and span.start <= as_of:
                return span
        return None

    @property
    def floats(self) -> bool:
        """True when no year was said."""
        return self.year is None and self.years_back is None


def named_at(words: tuple[Word, ...], at: int) -> Iterator[tuple[int, Named]]:
    """The named spans that begin at this word, the longest first.

    >>> from agents.ask.cover.words import cut
    >>> [(end, str(named.span(date(2026, 9, 30)))) for end, named in named_at(cut("the third quarter of 2025"), 1)]
    [(5, '2025-07-01 to 2025-09-30'), (3, '2026-07-01 to 2026-09-30')]
    """
    if at >= len(words) or words[at].quoted:
        return
    place = past(words, at, "week", "the week", "calendar week")
    written = _written(words[place].lower) if place < len(words) else None
    if written is not None and (place == at or written.unit == "week"):
        yield place + 1, written
        return
    for end, named in (*_month(words, at), *_part(words, at)):
        yield from _with_year(words, end, named)
    year = _year(words, past(words, at, "the year", "year", "calendar year"))
    if year is not None:
        yield past(words, at, "the year", "year", "calendar year") + 1, Named("year", year=year)


def _with_year(words: tuple[Word, ...], end: int, named: Named) -> Iterator[tuple[int, Named]]:
    place = past(words, end, "of", "in", "of the year")
    year = _year(words, place)
    if year is not None:
        yield place + 1, replace(named, year=year)
    back = follow(words, place, "last year", "the last year", "the previous year", "previous year")
    this = follow(words, place, "this year", "the current year", "current year")
    if back is not None:
        yield back, replace(named, years_back=1)
    if this is not None:
        yield this, replace(named, years_back=0)
    yield end, named


def _written(text: str) -> Named | None:
    """`2026-03-01`, `2026-03`, `2026-Q3`, `2026-W12`."""
    found = re.fullmatch(r"(\d{4})[-/]?(?:(\d{1,2})(?:-(\d{1,2}))?|q([1-4])|w(\d{1,2}))", text)
    if found is None or text.isdigit():
        return None
    year, month, day, quarter, week = (int(part) if part else None for part in found.groups())
    if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        if week is not None:
            monday = date.fromisocalendar(year, week, 1)
            return Named("week", monday.month, monday.day, monday.year)
        if quarter is not None:
            return Named("quarter", quarter * 3 - 2, year=year)
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    return Named("day" if day else "month", first.month, first.day, year)


def _month(words: tuple[Word, ...], at: int) -> Iterator[tuple[int, Named]]:
    """`March`, `March 5th`, `5 March`."""
    day = _day(words, at)
    if day is not None:
        place = past(words, at + 1, "of")
        month = _MONTHS.get(words[place].lower) if place < len(words) else None
        if month is not None:
            yield place + 1, Named("day", month, day)
    month = _MONTHS.get(words[at].lower)
    if month is None:
        return
    place = past(words, at + 1, "the")
    day = _day(words, place)
    if day is not None:
        yield place + 1, Named("day", month, day)
    yield at + 1, Named("month", month)


def _part(words: tuple[Word, ...], at: int) -> Iterator[tuple[int, Named]]:
    """`Q3`, `H1`, `third quarter`, `quarter 3`."""
    word = words[at].lower
    found = re.fullmatch(r"([qh])([1-4])", word)
    if found is not None:
        unit = "quarter" if found[1] == "q" else "half"
        number, end = int(found[2]), at + 1
    elif word in _ORDINALS and at + 1 < len(words) and words[at + 1].lower in _PARTS:
        unit, number, end = words[at + 1].lower, _ORDINALS[word], at + 2
    elif word == "quarter" and at + 1 < len(words) and words[at + 1].lower in {"1", "2", "3", "4"}:
        unit, number, end = word, int(words[at + 1].lower), at + 2
    else:
        return
    months, most = _PARTS[unit]
    if number <= most:
        yield end, Named(unit, (number - 1) * months + 1)


def _day(words: tuple[Word, ...], at: int) -> int | None:
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", words[at].lower) if at < len(words) else None
    day = int(found[1]) if found else 0
    return day if 1 <= day <= 31 else None


def _year(words: tuple[Word, ...], at: int) -> int | None:
    text = words[at].lower if at < len(words) and not words[at].quoted else ""
    if re.fullmatch(r"'\d{2}", text):
        return _CENTURY + int(text[1:])
    if not re.fullmatch(r"\d{4}", text):
        return None
    return int(text) if _FIRST_YEAR <= int(text) <= _LAST_YEAR else None


def between(first: Named, second: Named, as_of: date) -> Span | None:
    """From the first day of one to the last day of the other; a year said once holds for both.

    >>> str(between(Named("month", 11), Named("month", 2, year=2026), date(2026, 9, 30)))
    '2025-11-01 to 2026-02-28'
    """
    end = second.span(as_of)
    if end is None and second.floats and not first.floats:
        end = second.in_year(_year_of(first, as_of))
    if end is None or end.last is None:
        return None
    if not first.floats and second.floats and second.unit != "year":
        end = second.in_year(_year_of(first, as_of))
    if end is None or end.last is None:
        return None
    start = first.span(end.last) if first.floats else first.span(as_of)
    if start is None or start.start is None or end.until is None or start.start >= end.until:
        return None
    return Span(start=start.start, until=end.until)


def of_one_year(first: Named, second: Named, as_of: date) -> tuple[Span, Span] | None:
    """The days of two spans side by side, of which one may tell the year of both; None when it is not clear which.

    Two of the same name are of different years: `Q3 vs Q3 2025`.

    >>> spans = of_one_year(Named("quarter", 7), Named("quarter", 10, year=2025), date(2026, 9, 30))
    >>> [str(span) for span in spans]
    ['2025-07-01 to 2025-09-30', '2025-10-01 to 2025-12-31']
    """
    alike = (first.unit, first.month, first.day) == (second.unit, second.month, second.day)
    one, other = first.span(as_of), second.span(as_of)
    if first.floats != second.floats and not alike and "year" not in {first.unit, second.unit}:
        if first.floats:
            one = first.in_year(_year_of(second, as_of))
        else:
            other = second.in_year(_year_of(first, as_of))
        begins = [span.start for span in (one, other) if span is not None and span.start is not None]
        # `December 2025 vs January` is not January of 2025, and nothing is of a year to come.
        if len(begins) < 2 or max(begins) > as_of or (second.floats and begins[0] > begins[1]):
            return None
    return (one, other) if one is not None and other is not None else None


def _year_of(named: Named, as_of: date) -> int:
    return named.year if named.year is not None else as_of.year - (named.years_back or 0)
