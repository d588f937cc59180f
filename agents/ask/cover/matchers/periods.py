"""Spans of time in a question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from agents.ask.cover.calendar import Span
from agents.ask.cover.matchers.named_time import Named, between, named_at, of_one_year
from agents.ask.cover.matchers.relative_time import relative_at
from agents.ask.cover.pieces import Piece, Scene, Spans, When
from agents.ask.cover.slots import Period
from agents.ask.cover.words import follow, past, phrases

_LEADS: Final = phrases(
    """
    in | during | for | over | within | on | of | from | throughout | across | in the | during the | for the |
    over the | within the | on the | of the | from the | throughout the | in the month of | for the month of |
    in the year | for the year | at | the
    """
)
_AND: Final = phrases(
    """
    and | and in | and for | to | until | till | through | up to | and the | to the | until the | through the |
    up to and including | to the end of
    """
)
_SINCE: Final = phrases(
    """
    since | starting | starting in | starting from | starting on | beginning in | since the start of |
    since the beginning of | since the | from the start of | from the beginning of
    """
)
_UNTIL: Final = phrases(
    """
    until | till | through | up to | until the end of | through the end of | up until | up to the end of |
    up to and including
    """
)
_AT_END: Final = phrases(
    """
    as of | as at | at the end of | at end of | end of | by the end of | as of the end of | per end of |
    as of end of | at the close of | the end of
    """
)
_AT_START: Final = phrases(
    """
    at the start of | at the beginning of | at start of | start of | beginning of
    """
)
_ON: Final = ("on", "onward", "onwards", "and later", "and after")
_CENTURY, _LAST_MONTH = 2000, 12

_OPEN: Final = {
    _SINCE: "since",
    ("after", "later than"): "after",
    ("before", "prior to"): "before",
    _UNTIL: "until",
    _AT_END: "at end",
    _AT_START: "at start",
    ("on the first day of", "the first day of", "first day of"): "first day",
    ("on the last day of", "the last day of", "last day of"): "last day",
}


class End(NamedTuple):
    """One end of a span of time."""

    after: int
    """The place of the word after it."""
    span: Span
    named: Named | None
    unit: str
    note: str = ""
    now: bool = False


def read_period(scene: Scene, at: int) -> Iterator[Piece]:
    """`last quarter`, `in September`, `between March and May`, `since 2025`, `as of 2026-06-30`."""
    yield from _single(scene, at)
    yield from _range(scene, at)
    yield from _open(scene, at)


def ends_at(scene: Scene, at: int) -> Iterator[End]:
    """The spans that a name or a relation to today gives from this word on."""
    for relative in relative_at(scene.words, at, scene.as_of):
        yield End(relative.end, relative.span, None, relative.unit, relative.note, relative.now)
    for end, named in named_at(scene.words, at):
        span = named.span(scene.as_of)
        if span is not None:
            yield End(end, span, named, named.unit)


def period(
    scene: Scene, start: int, end: int, span: Span, *, unit: str = "", note: str = "", moment: bool = False
) -> Period:
    """The span as a period, cut at today when it has begun and is not over."""
    return cut(Period(said=scene.said(start, end), span=span, unit=unit, note=note, moment=moment), scene.as_of)


def cut(period: Period, as_of: date) -> Period:
    """The period up to today, when it has begun and is not over."""
    span, tomorrow = period.span, as_of + timedelta(days=1)
    if span.start is None or span.until is None or span.start > as_of or span.until <= tomorrow:
        return period
    note = f"it is not over: up to {as_of}"
    return period.model_copy(update={"span": Span(start=span.start, until=tomorrow), "note": note})


def side_by_side(one: When, other: When, as_of: date) -> tuple[Period, Period] | None:
    """Two spans of which one may tell the year of both; None when it is not clear which year is meant."""
    if {one.year, other.year} != {True, False}:
        return one.period, other.period
    spans = of_one_year(one.named, other.named, as_of) if one.named and other.named else None
    if spans is None:
        return None
    leaning = [_opened(when.lean, span, as_of) for when, span in zip((one, other), spans, strict=True)]
    first, second = (
        cut(when.period.model_copy(update={"span": span}), as_of)
        for when, span in zip((one, other), leaning, strict=True)
        if span is not None
    )
    return first, second


def _single(scene: Scene, at: int) -> Iterator[Piece]:
    lead = past(scene.words, at, *_LEADS)
    for start in sorted({at, lead}):
        for end in ends_at(scene, start):
            if start == at and _is_a_common_word(scene, start, end.after):
                continue
            # A bare number is a year only when nothing better is found.
            bare = start == at and end.named is not None and end.after == at + 1 and scene.words[at].lower.isdigit()
            yield Piece(at, end.after, _when(scene, start, end), cost=1.2 if bare else 1.0)


def _when(scene: Scene, start: int, end: End) -> When:
    found = period(scene, start, end.after, end.span, unit=end.unit, note=end.note, moment=end.now)
    return When(found, end.now, end.named, year=_has_year(end), doubt=_doubt(scene, start, end))


def _has_year(*ends: End) -> bool | None:
    named = [end.named for end in ends if end.named is not None]
    return any(not each.floats for each in named) if named else None


def _doubt(scene: Scene, start: int, end: End) -> tuple[str, ...]:
    """`may 24` and `Jul 25` can be a day of this year or a month of that one; `on` and `25th` settle it."""
    month, number = scene.words[end.after - 2 : end.after] if end.after - start == 2 else (None, None)
    if end.named is None or end.named.unit != "day" or month is None or number is None or not number.lower.isdigit():
        return ()
    year = _CENTURY + int(number.lower)
    if not int(number.lower) > _LAST_MONTH or year > scene.as_of.year + 1:
        return ()
    if start and scene.words[start - 1].lower == "on":
        return ()
    return (f"{end.span}", f"{month.text} {year}")


def _is_a_common_word(scene: Scene, start: int, end: int) -> bool:
    beside = {word.lower for word in (*scene.words[max(start - 1, 0) : start], *scene.words[end : end + 1])}
    if beside & {"vs", "versus", "compared", "with"}:
        return False
    return end == start + 1 and scene.words[start].lower in {"may", "mar", "jan", "dec", "sun"}


def _range(scene: Scene, at: int) -> Iterator[Piece]:
    start = past(scene.words, at, "between", "from", "between the", "from the", "in the period from", "in", "for")
    for first in ends_at(scene, start):
        joint = follow(scene.words, first.after, *_AND)
        if joint is None and first.after < len(scene.words) and scene.words[first.after].dashed:
            joint = first.after
        if joint is None:
            continue
        # `March and April` without `between` are two months.
        both = scene.words[first.after].lower == "and" and scene.words[at].lower != "between"
        for second in ends_at(scene, joint):
            if both:
                spans = Spans(_when(scene, start, first), _when(scene, joint, second))
                yield Piece(at, second.after, spans)
            elif (span := _between(first, second, scene)) is not None:
                found = period(scene, start, second.after, span)
                yield Piece(at, second.after, When(found, year=_has_year(first, second)))


def _between(first: End, second: End, scene: Scene) -> Span | None:
    if first.named is not None and second.named is not None:
        return between(first.named, second.named, scene.as_of)
    start, until = first.span.start, second.span.until
    return Span(start=start, until=until) if start is not None and until is not None and start < until else None


def _open(scene: Scene, at: int) -> Iterator[Piece]:
    """`since January`, `before 2026`, `as of 2026-06-30`: one end is named."""
    for cues, kind in _OPEN.items():
        start = follow(scene.words, at, *cues)
        for end in ends_at(scene, past(scene.words, start, "the")) if start is not None else ():
            span = _opened(kind, end.span, scene.as_of)
            if span is not None:
                found = period(scene, at, end.after, span, moment=kind in {"at end", "at start"})
                yield Piece(at, end.after, When(found, named=end.named, lean=kind, year=_has_year(end)))
    for end in ends_at(scene, past(scene.words, at, "from")):
        onward = follow(scene.words, end.after, *_ON)
        span = _opened("since", end.span, scene.as_of) if onward is not None and end.named is not None else None
        if onward is not None and span is not None:
            found = period(scene, at, onward, span)
            yield Piece(at, onward, When(found, named=end.named, lean="since", year=_has_year(end)))


def _opened(kind: str, named: Span, as_of: date) -> Span | None:
    """The span that lies on one side of the named one, up to today where it has no end; None when there is none."""
    tomorrow = as_of + timedelta(days=1)
    start, until = named.start, named.until
    if not kind:
        return named
    if kind == "before" and start is not None:
        return Span(until=start)
    if kind == "first day" and start is not None:
        return Span(start=start, until=start + timedelta(days=1))
    if kind == "last day" and until is not None:
        return Span(start=until - timedelta(days=1), until=until)
    if kind == "at start" and start is not None:
        return Span(until=start + timedelta(days=1))
    if kind in {"until", "at end"} and until is not None:
        return Span(until=until if kind == "until" or (start is not None and start > as_of) else min(until, tomorrow))
    first = start if kind == "since" else until if kind == "after" else None
    return Span(start=first, until=tomorrow) if first is not None and first < tomorrow else None
