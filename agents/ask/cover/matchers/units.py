"""The unit in which an answer is wanted, and money without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.numbers import UNIT_NAMES
from agents.ask.cover.pieces import Amount, Piece, Scene, Told
from agents.ask.cover.words import follow

_LONGEST: Final = 2
_SO_MUCH: Final = frozenset({"most", "least", "more", "less", "much"})


def read_unit(scene: Scene, at: int) -> Iterator[Piece]:
    """`in EUR`, `in dollars`. Cheaper than the same word as a value: whether it fits is seen with the metric."""
    start = follow(scene.words, at, "in", "expressed in", "told in", "measured in")
    ends = range(start + 1, min(start + _LONGEST, len(scene.words)) + 1) if start is not None else ()
    for end in ends:
        said = " ".join(word.lower for word in scene.words[start:end])
        unit = UNIT_NAMES.get(said, said)
        if unit in scene.view.lexicon.units:
            yield Piece(at, end, Told(unit), cost=0.9)


def read_money(scene: Scene, at: int) -> Iterator[Piece]:
    """`who owes us the most money`: what is measured is said by other words."""
    if at and scene.words[at].lower == "money" and scene.words[at - 1].lower in _SO_MUCH:
        yield Piece(at, at + 1, Amount(money=True), cost=0.3)
