"""What the rows are grouped by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.calendar import Grain
from agents.ask.cover.matchers.nouns import nouns_at
from agents.ask.cover.pieces import Group, Noun, Piece, Scene, Trend
from agents.ask.cover.stems import is_plural
from agents.ask.cover.words import follow, past, phrases

_CUES: Final = phrases(
    """
    by each | by | per | for each | for every | in each | in every | of each | of every | from each | on each |
    with each | each | every | across | broken down by | breakdown by | broken out by | split by | split per |
    splitted by | grouped by | group by | segmented by | sliced by | separated by | divided by | and by | then by
    | break down by | break it down by | split it by | broken down per | for each of the | for each of our |
    by the | split between | split across | split among | distribution across | distribution by | distributed by |
    distributed across | at the end of each | at the end of every | as of the end of each
    """
)
_JOINTS: Final = phrases(
    """
    and by | and per | and for each | and each | then by | and then by | and | by | per | then
    """
)
_GRAINS: Final = {
    "day": Grain.DAY, "days": Grain.DAY, "date": Grain.DAY, "calendar day": Grain.DAY,
    "week": Grain.WEEK, "weeks": Grain.WEEK, "calendar week": Grain.WEEK,
    "month": Grain.MONTH, "months": Grain.MONTH, "calendar month": Grain.MONTH,
    "quarter": Grain.QUARTER, "quarters": Grain.QUARTER, "calendar quarter": Grain.QUARTER,
    "year": Grain.YEAR, "years": Grain.YEAR, "calendar year": Grain.YEAR,
}  # fmt: skip
ADVERBS: Final = {
    "daily": Grain.DAY, "weekly": Grain.WEEK, "monthly": Grain.MONTH, "quarterly": Grain.QUARTER,
    "yearly": Grain.YEAR, "annually": Grain.YEAR, "annual": Grain.YEAR,
}  # fmt: skip
"""Words that name a grain, and could as well be a value: a monthly plan."""
_TRENDS: Final = phrases(
    """
    over time | trend over time | trends over time | trend of | trend in | trend for | trend | trends |
    development of | development | developed | develop | evolved | evolve | evolution | evolution of |
    time series of | time series | history of | historically
    """
)


def read_group(scene: Scene, at: int) -> Iterator[Piece]:
    """`by region and month`, `for each country`, `monthly`, `month by month`, `over time`."""
    start = follow(scene.words, at, *_CUES)
    if start is not None:
        for end, items in _items(scene, start):
            yield Piece(at, end, Group(items))
    asked = follow(scene.words, at, "which", "what")
    if asked is not None and (found := _grain(scene, asked)):
        yield Piece(at, found[0], Group((found[1],), one=not is_plural(scene.words[found[0] - 1].lower)))
    adverb = ADVERBS.get(scene.words[at].lower)
    if adverb is not None:
        end = past(
            scene.words, at + 1, "trend of", "trend in", "trend", "trends", "breakdown of", "breakdown", "development"
        )
        yield Piece(at, end, Group((adverb,)))
    for grain in Grain:
        end_of = follow(
            scene.words,
            at,
            f"{grain} by {grain}",
            f"on a {_adverb(grain)} basis",
            f"at {grain} end",
            f"at each {grain} end",
        )
        if end_of is not None:
            yield Piece(at, end_of, Group((grain,)))
    trend = follow(scene.words, at, *_TRENDS)
    if trend is not None:
        yield Piece(at, trend, Trend())


def _items(scene: Scene, at: int) -> Iterator[tuple[int, tuple[Noun | Grain, ...]]]:
    """All lists of dimensions and grains that begin here, of one item and more."""
    for end, item in _item(scene, at):
        yield end, (item,)
        joint = past(scene.words, past(scene.words, end, *_JOINTS), "the")
        for further, items in _items(scene, joint):
            yield further, (item, *items)


def _item(scene: Scene, at: int) -> Iterator[tuple[int, Noun | Grain]]:
    grain = _grain(scene, at)
    if grain is not None:
        yield grain
    yield from nouns_at(scene, at)


def _grain(scene: Scene, at: int) -> tuple[int, Grain] | None:
    end = follow(scene.words, at, *_GRAINS)
    return None if end is None else (end, _GRAINS[" ".join(word.lower for word in scene.words[at:end])])


def _adverb(grain: Grain) -> str:
    return next(word for word, of in ADVERBS.items() if of is grain)
