"""Spans that are told from today: `last quarter`, `last 30 days`, `year to date`, `yesterday`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from agents.ask.cover.calendar import Span, begin, shift, whole
from agents.ask.cover.numbers import whole_at
from agents.ask.cover.words import Word, follow, past, phrases

_UNITS: Final = {
    f"{calendar}{unit}{ending}": unit
    for unit in ("day", "week", "month", "quarter", "half", "year")
    for calendar in ("", "calendar ")
    for ending in ("", "s")
} | {"half year": "half"}
_BEFORE: Final = phrases(
    """
    last | previous | prior | past | preceding | the last | the previous | the prior | the past | trailing |
    the preceding | most recent | the most recent | latest | the latest
    """
)
_THIS: Final = ("this", "current", "the current")
_SO_FAR: Final = ("so far", "to date", "until now", "up to now", "until today")
_TO_DATE: Final = {
    "ytd": "year", "qtd": "quarter", "mtd": "month", "wtd": "week",
    "year to date": "year", "quarter to date": "quarter", "month to date": "month", "week to date": "week",
}  # fmt: skip
_NOW: Final = phrases("now | right now | currently | current | at the moment | at present | presently | these days")
_EVER: Final = phrases(
    """
    all time | of all time | for all time | ever | since the beginning | over all time | all-time | in all time
    """
)


class Relative(NamedTuple):
    """A span seen from today."""

    end: int
    """The place of the word after it."""
    span: Span
    unit: str = "day"
    note: str = ""
    now: bool = False


def relative_at(words: tuple[Word, ...], at: int, as_of: date) -> Iterator[Relative]:
    """The relative spans that begin at this word.

    >>> from agents.ask.cover.words import cut
    >>> [str(r.span) for text in ("last quarter", "last 30 days", "this year so far", "yesterday")
    ...  for r in list(relative_at(cut(text), 0, date(2026, 8, 15)))[:1]]
    ['2026-04-01 to 2026-06-30', '2026-07-17 to 2026-08-15', '2026-01-01 to 2026-08-15', '2026-08-14']
    """
    tomorrow = as_of + timedelta(days=1)
    if (end := follow(words, at, "today")) is not None:
        yield Relative(end, Span(start=as_of, until=tomorrow))
    if (end := follow(words, at, "yesterday")) is not None:
        yield Relative(end, Span(start=as_of - timedelta(days=1), until=as_of))
    if (end := follow(words, at, *_NOW)) is not None:
        yield Relative(end, Span(until=tomorrow), now=True)
    if (end := follow(words, at, *_EVER)) is not None:
        yield Relative(end, Span())
    if (end := follow(words, at, *_TO_DATE)) is not None:
        unit = _TO_DATE[_said(words, at, end)]
        yield Relative(end, Span(start=begin(unit, as_of), until=tomorrow), unit)
    yield from _this(words, at, as_of)
    yield from _last(words, at, as_of)
    yield from _ago(words, at, as_of)


def _this(words: tuple[Word, ...], at: int, as_of: date) -> Iterator[Relative]:
    far = follow(words, at, "so far")
    this = follow(words, far if far is not None else at, *_THIS)
    unit = unit_at(words, this) if this is not None else None
    if unit is None:
        return
    end = past(words, unit[0], *_SO_FAR)
    yield Relative(end, Span(start=begin(unit[1], as_of), until=as_of + timedelta(days=1)), unit[1])


def _last(words: tuple[Word, ...], at: int, as_of: date) -> Iterator[Relative]:
    before = follow(words, at, *_BEFORE)
    if before is None:
        return
    unit = unit_at(words, before)
    if unit is not None:
        yield Relative(unit[0], whole(unit[1], shift(unit[1], begin(unit[1], as_of), -1)), unit[1])
    number = whole_at(words, before)
    unit = unit_at(words, past(words, number[1], "full", "complete", "whole")) if number is not None else None
    if number is None or unit is None or not 1 <= number[0] <= 1000:
        return
    span = last_units(unit[1], number[0], as_of)
    if span is not None:
        yield Relative(unit[0], span, unit[1], "" if unit[1] == "day" else f"whole {unit[1]}s only")


def _ago(words: tuple[Word, ...], at: int, as_of: date) -> Iterator[Relative]:
    number = whole_at(words, at)
    unit = unit_at(words, number[1]) if number is not None else None
    end = follow(words, unit[0], "ago") if unit is not None else None
    if number is None or unit is None or end is None or unit[1] != "day" or number[0] > 10_000:
        return
    day = as_of - timedelta(days=number[0])
    yield Relative(end, Span(start=day, until=day + timedelta(days=1)))


def last_units(unit: str, count: int, as_of: date) -> Span | None:
    """The last `count` units that are complete: days up to today, longer units up to the last one that has ended.

    A unit that ends today has ended.

    >>> str(last_units("month", 3, date(2026, 9, 30))), str(last_units("month", 3, date(2026, 9, 29)))
    ('2026-07-01 to 2026-09-30', '2026-06-01 to 2026-08-31')
    """
    until = begin(unit, as_of + timedelta(days=1))
    try:
        return Span(start=shift(unit, until, -count), until=until)
    except (ValueError, OverflowError):
        return None


def unit_at(words: tuple[Word, ...], at: int) -> tuple[int, str] | None:
    """A unit of time that stands here, and the place after it."""
    end = follow(words, at, *_UNITS)
    return None if end is None else (end, _UNITS[_said(words, at, end)])


def _said(words: tuple[Word, ...], start: int, end: int) -> str:
    return " ".join(word.lower for word in words[start:end])
