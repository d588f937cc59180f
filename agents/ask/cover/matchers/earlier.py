"""The unit of time before the one that the question before spoke of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.matchers.periods import read_period
from agents.ask.cover.pieces import Earlier, Piece, Scene
from agents.ask.cover.words import follow

_CUES: Final = {
    unit: tuple(
        f"{lead}{unit} {behind}"
        for lead in ("the ", "a ", "one ", "")
        for behind in ("before", "before that", "earlier")
    )
    for unit in ("day", "week", "month", "quarter", "year")
}


def read_earlier(scene: Scene, at: int) -> Iterator[Piece]:
    """`the month before`; not that in `the month before March`, which names its own."""
    for unit, cues in _CUES.items():
        end = follow(scene.words, at, *cues)
        if end is not None and not any(read_period(scene, end) if end < len(scene.words) else ()):
            yield Piece(at, end, Earlier(unit), cost=1.2)
