"""Spans of time in a question."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from agents.ask.cover.calendar import Span
from agents.ask.cover.matchers.named_time import Named, between, named_at
from agents.ask.cover.matchers.relative_time import relative_at
from agents.ask.cover.pieces import Piece, Scene, When
from agents.ask.cover.slots import Period
from agents.ask.cover.words import follow, past

_LEADS: Final = (
    "in", "during", "for", "over", "within", "on", "of", "from", "throughout", "across", "in the", "during the", "for the",
    "over the", "within the", "on the", "of the", "from the", "throughout the", "in the month of", "for the month of",
    "in the year", "for the year", "at", "the",
)  # fmt: skip
_AND: Final = ("and", "to", "until", "till", "through", "up to", "and the", "up to and including", "to the end of")
_SINCE: Final = ("since", "starting", "starting in", "starting from", "starting on", "beginning in", "since the start of",
                 "since the beginning of", "since the", "from the start of", "from the beginning of")  # fmt: skip
_UNTIL: Final = ("until", "till", "through", "up to", "until the end of", "through the end of", "up until", "up to the end of",
                 "up to and including")  # fmt: skip
_AT_END: Final = ("as of", "as at", "at the end of", "at end of", "end of", "by the end of", "as of the end of", "per end of",
                  "on the last day of", "as of end of", "at the close of", "the end of")  # fmt: skip
_AT_START: Final = (
    "at the start of",
    "at the beginning of",
    "at start of",
    "on the first day of",
    "start of",
    "beginning of",
)
_ON: Final = ("on", "onward", "onwards", "and later", "and after")


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
    tomorrow = scene.as_of + timedelta(days=1)
    if span.start is not None and span.until is not None and span.start <= scene.as_of and span.until > tomorrow:
        note = f"it is not over: up to {scene.as_of}"
        span = Span(start=span.start, until=tomorrow)
    return Period(said=scene.said(start, end), span=span, unit=unit, note=note, moment=moment)


def _single(scene: Scene, at: int) -> Iterator[Piece]:
    lead = past(scene.words, at, *_LEADS)
    for start in sorted({at, lead}):
        for end in ends_at(scene, start):
            if start == at and _is_a_common_word(scene, start, end.after):
                continue
            found = period(scene, start, end.after, end.span, unit=end.unit, note=end.note, moment=end.now)
            # A bare number is a year only when nothing better is found.
            bare = start == at and end.named is not None and end.after == at + 1 and scene.words[at].lower.isdigit()
            yield Piece(at, end.after, When(found, end.now), cost=1.2 if bare else 1.0)


def _is_a_common_word(scene: Scene, start: int, end: int) -> bool:
    return end == start + 1 and scene.words[start].lower in {"may", "mar", "jan", "dec", "sun"}


def _range(scene: Scene, at: int) -> Iterator[Piece]:
    start = past(scene.words, at, "between", "from", "between the", "from the", "in the period from", "in", "for")
    for first in ends_at(scene, start):
        joint = follow(scene.words, first.after, *_AND)
        if joint is None:
            continue
        # `March and April` without `between` are two months: one span when they meet.
        both = scene.words[first.after].lower == "and" and scene.words[at].lower != "between"
        for second in ends_at(scene, joint):
            span = _between(first, second, scene)
            if span is not None and (not both or first.span.until == second.span.start):
                yield Piece(at, second.after, When(period(scene, start, second.after, span), joined=both))


def _between(first: End, second: End, scene: Scene) -> Span | None:
    if first.named is not None and second.named is not None:
        return between(first.named, second.named, scene.as_of)
    start, until = first.span.start, second.span.until
    return Span(start=start, until=until) if start is not None and until is not None and start < until else None


def _open(scene: Scene, at: int) -> Iterator[Piece]:
    tomorrow = scene.as_of + timedelta(days=1)
    for cues, kind in ((_SINCE, "since"), (("after", "later than"), "after"), (("before", "prior to"), "before"),
                       (_UNTIL, "until"), (_AT_END, "at end"), (_AT_START, "at start")):  # fmt: skip
        start = follow(scene.words, at, *cues)
        for end in ends_at(scene, past(scene.words, start, "the")) if start is not None else ():
            first, until = end.span.start, end.span.until
            span = None
            if kind == "since" and first is not None and first < tomorrow:
                span = Span(start=first, until=tomorrow)
            elif kind == "after" and until is not None and until < tomorrow:
                span = Span(start=until, until=tomorrow)
            elif kind == "before" and first is not None:
                span = Span(until=first)
            elif kind in {"until", "at end"} and until is not None:
                span = Span(until=until if kind == "until" else min(until, max(tomorrow, first or until)))
            elif kind == "at start" and first is not None:
                span = Span(until=first + timedelta(days=1))
            if span is not None:
                moment = kind in {"at end", "at start"}
                yield Piece(at, end.after, When(period(scene, at, end.after, span, moment=moment)))
    start = past(scene.words, at, "from")
    for end in ends_at(scene, start):
        onward = follow(scene.words, end.after, *_ON)
        if onward is not None and end.named is not None and end.span.start is not None and end.span.start < tomorrow:
            found = Span(start=end.span.start, until=tomorrow)
            yield Piece(at, onward, When(period(scene, at, onward, found)))
