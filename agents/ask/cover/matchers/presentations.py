"""Words on how rows are shown: they ask for rows, and for no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.pieces import Piece, Scene, Shown
from agents.ask.cover.words import follow, phrases

_FORMS: Final = phrases(
    """
    bar chart | line chart | pie chart | area chart | column chart | bar graph | line graph | scatter plot | chart |
    graph | plot | diagram | histogram | table | bars | lines
    """
)
_LEADS: Final = phrases("as a | as an | as | in a | into a | on a | with a | a | to a")
_VERBS: Final = phrases("plot | draw | visualize | visualise | chart | graph")
_THEM: Final = tuple(f"{verb} {it}" for verb in _VERBS for it in ("it", "them"))
_SHOWN: Final = tuple(f"{lead} {form}" for lead in _LEADS for form in _FORMS)
_OF: Final = tuple(f"{form} of" for form in _FORMS) + tuple(f"a {form} of" for form in _FORMS)


def read_presentation(scene: Scene, at: int) -> Iterator[Piece]:
    """`as a bar chart`, `in a table`, `a line chart of`; `plot` at the start."""
    end = follow(scene.words, at, *_SHOWN, *_OF, *_THEM, *(_VERBS if at == 0 else ()))
    if end is not None:
        yield Piece(at, end, Shown(), cost=0.6)
