"""Words on how rows are shown: they ask for rows, and for no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.pieces import Piece, Scene, Shown
from agents.ask.cover.words import follow, phrases
from agents.ask.form import SAID

_VERBS: Final = phrases("plot | draw | visualize | visualise | chart | graph")
_THEM: Final = tuple(f"{verb} {it}" for verb in _VERBS for it in ("it", "them"))


def read_presentation(scene: Scene, at: int) -> Iterator[Piece]:
    """`as a bar chart`, `in a table`, `a line chart of`; `plot` at the start."""
    end = follow(scene.words, at, *SAID, *_THEM, *(_VERBS if at == 0 else ()))
    if end is not None:
        yield Piece(at, end, Shown(), cost=0.6)
