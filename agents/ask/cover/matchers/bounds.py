"""Bounds on a metric."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.matchers.measures import measures_at
from agents.ask.cover.numbers import UNIT_NAMES, amount_at
from agents.ask.cover.pieces import Bound, Piece, Scene
from agents.ask.cover.slots import Compare
from agents.ask.cover.stems import stem
from agents.ask.cover.words import follow, past, phrases

_COMPARES: Final = {
    Compare.AT_LEAST: phrases(
        """
        at least | no less than | not less than | no fewer than | minimum of | a minimum of | >= | ≥
        """
    ),
    Compare.AT_MOST: phrases("at most | no more than | not more than | up to | maximum of | a maximum of | <= | ≤"),
    Compare.OVER: phrases(
        """
        more than | over | above | greater than | higher than | larger than | exceeding | exceeds | exceed |
        exceeded | bigger than | in excess of | >
        """
    ),
    Compare.UNDER: phrases("less than | fewer than | below | under | lower than | smaller than | <"),
    Compare.EXACTLY: phrases("exactly | equal to | ="),
}
_LEADS: Final = phrases(
    """
    with | having | have | has | had | where | whose | that have | that has | which have | who have
    """
)


def read_bound(scene: Scene, at: int) -> Iterator[Piece]:
    """`with more than 1000`, `revenue over 5k EUR`, `at least 10`."""
    start = past(scene.words, at, *_LEADS)
    yield from _bound(scene, at, start, frozenset())
    for end, measure in measures_at(scene, past(scene.words, start, "a", "an", "the", "their")):
        after = past(scene.words, end, "is", "are", "was", "were", "of", "that is", "is at")
        yield from _bound(scene, at, after, measure.metrics)


def _bound(scene: Scene, at: int, start: int, metrics: frozenset[str]) -> Iterator[Piece]:
    for compare, cues in _COMPARES.items():
        after = follow(scene.words, start, *cues)
        amount = amount_at(scene.words, after) if after is not None else None
        if amount is None:
            continue
        yield Piece(at, amount.end, Bound(compare, amount.value, amount.unit, metrics))
        unit = _unit_at(scene, amount.end) if not amount.unit else None
        if unit is not None:
            # Whether it is the metric's own unit is seen when the metric is known.
            end = past(scene.words, amount.end + 1, "of", "in")
            yield Piece(at, end, Bound(compare, amount.value, unit, metrics), cost=1.3)


def _unit_at(scene: Scene, at: int) -> str | None:
    """The unit of some metric that stands here."""
    word = scene.words[at] if at < len(scene.words) else None
    if word is None:
        return None
    names = {UNIT_NAMES.get(word.lower, word.lower), word.stem}
    return next((unit for unit in scene.view.lexicon.units if unit in names or stem(unit) in names), None)
