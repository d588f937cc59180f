"""The unit in which an answer is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from agents.ask.cover.numbers import UNIT_NAMES
from agents.ask.cover.pieces import Piece, Scene, Told
from agents.ask.cover.words import follow


def read_unit(scene: Scene, at: int) -> Iterator[Piece]:
    """`in EUR`, `in dollars`. Cheaper than the same word as a value: whether it fits is seen with the metric."""
    start = follow(scene.words, at, "in", "expressed in", "told in", "measured in")
    if start is None or start >= len(scene.words):
        return
    word = scene.words[start]
    unit = UNIT_NAMES.get(word.lower, word.lower)
    if unit in scene.view.lexicon.units:
        yield Piece(at, start + 1, Told(unit), cost=0.9)
