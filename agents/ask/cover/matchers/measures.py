"""Words for a metric."""

from __future__ import annotations

from collections.abc import Iterator

from agents.ask.cover.pieces import Counted, Measure, Piece, Scene
from agents.ask.cover.words import follow

_COUNTED = ("how many", "number of", "count of", "total number of", "numbers of", "counts of", "total count of")


def measures_at(scene: Scene, at: int) -> Iterator[tuple[int, Measure]]:
    """Every metric that is named from this word on, the longest name first."""
    for end in range(min(len(scene.words), at + scene.view.lexicon.longest), at, -1):
        meaning = scene.view.meaning(scene.words, at, end)
        if meaning and meaning.metrics:
            yield end, Measure(meaning.metrics, scene.said(at, end))


def read_measure(scene: Scene, at: int) -> Iterator[Piece]:
    """`monthly recurring revenue`, `how many`."""
    for end, measure in measures_at(scene, at):
        yield Piece(at, end, measure)
    counted = follow(scene.words, at, *_COUNTED)
    if counted is not None:
        yield Piece(at, counted, Counted(), cost=0.4)
