"""Lays pieces side by side over all words of a question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from agents.ask.cover.pieces import Piece

_LEFT_OVER: Final = 100.0
_KEPT: Final = 32
"""Ways kept up to each word. Ties beyond it would be readings that no person could tell apart."""


class Way(NamedTuple):
    """One way over all words."""

    cost: float
    pieces: tuple[Piece, ...]
    left_over: tuple[int, ...]
    """Places of the words that no piece covers."""


def ways(length: int, pieces: Iterable[Piece]) -> Sequence[Way]:
    """The cheapest ways over `length` words, the cheapest first.

    A word that no piece covers costs more than any number of pieces, so the first way leaves over as few words as
    can be.

    >>> from agents.ask.cover.pieces import Filler
    >>> [(way.cost, way.left_over) for way in ways(2, [Piece(0, 1, Filler(), 0.2)])]
    [(100.2, (1,)), (200.0, (0, 1))]
    """
    starting: dict[int, list[Piece]] = {}
    for piece in dict.fromkeys(pieces):
        starting.setdefault(piece.start, []).append(piece)
    reached: list[list[Way]] = [[] for _ in range(length + 1)]
    reached[0] = [Way(0.0, (), ())]
    for at in range(length):
        for way in sorted(reached[at], key=lambda way: way.cost)[:_KEPT]:
            for piece in starting.get(at, ()):
                reached[piece.end].append(Way(way.cost + piece.cost, (*way.pieces, piece), way.left_over))
            reached[at + 1].append(Way(way.cost + _LEFT_OVER, way.pieces, (*way.left_over, at)))
    return sorted(reached[length], key=lambda way: way.cost)[:_KEPT]
