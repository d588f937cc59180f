"""One span of time beside another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.matchers.periods import read_period
from agents.ask.cover.pieces import Change, Contrast, Piece, Scene, Versus, When
from agents.ask.cover.words import follow, past, phrases

_CUES: Final = phrases(
    """
    vs | versus | compared to | compared with | against | relative to | in comparison to | in comparison with |
    vs the | versus the | compared to the | compared with the | against the | relative to the | and compare to |
    and compare with | over the | from the | since the | over
    """
)
_WITH: Final = phrases("with | to | with the | to the | against | against the")
_EARLIER: Final = {
    unit: (f"previous {unit}", f"prior {unit}", f"preceding {unit}", f"{unit} before", f"{unit} earlier")
    for unit in ("period", "day", "week", "month", "quarter", "year")
}
_YEAR_AGO: Final = phrases(
    """
    same period last year | same period of last year | same quarter last year | same month last year |
    same week last year | same time last year | same period a year ago | same period in the previous year |
    same period of the previous year | a year ago | a year earlier | one year ago | one year earlier |
    same quarter of last year | same month of last year | same period one year ago | same period the year before
    """
)
_OVER: Final = {
    "day": phrases("day over day | day on day | dod"),
    "week": phrases("week over week | week on week | wow"),
    "month": phrases("month over month | month on month | mom"),
    "quarter": phrases("quarter over quarter | quarter on quarter | qoq"),
    "year": phrases("year over year | year on year | yoy"),
}
_CHANGES: Final = phrases(
    """
    growth of | growth in | growth rate of | growth | change in | change of | changes in | change | increase in |
    difference in | percentage change in | percent change in | grow | grown | changed | the growth of |
    the change in
    """
)


def read_comparison(scene: Scene, at: int) -> Iterator[Piece]:
    """`vs last quarter`, `compared with the same period last year`, `month over month`, `growth of`."""
    begun = any(word.stem.startswith("compar") for word in scene.words[:at])
    start = follow(scene.words, at, *_CUES, *(_WITH if begun else ()))
    if start is not None:
        yield from _versus(scene, at, start)
    for unit, cues in _OVER.items():
        end = follow(scene.words, at, *cues)
        if end is not None:
            yield Piece(at, end, Versus(unit=unit, series=True))
    contrast = follow(scene.words, at, "compare", "comparison of", "a comparison of", "comparing", "compare the")
    if contrast is not None:
        yield Piece(at, contrast, Contrast(), cost=0.4)
    change = follow(scene.words, at, *_CHANGES)
    if change is not None:
        yield Piece(at, change, Change(), cost=0.5)


def _versus(scene: Scene, at: int, start: int) -> Iterator[Piece]:
    begin = past(scene.words, start, "the")
    year_ago = follow(scene.words, begin, *_YEAR_AGO)
    if year_ago is not None:
        yield Piece(at, year_ago, Versus(unit="year"))
    for unit, cues in _EARLIER.items():
        end = follow(scene.words, begin, *cues)
        if end is not None:
            yield Piece(at, end, Versus(unit=unit), cost=0.9)
    # `over` compares only in `over the previous quarter`: `over the last quarter` is a span.
    if scene.words[at].lower in {"over", "from", "since"}:
        return
    for piece in read_period(scene, start):
        if isinstance(piece.meant, When) and not piece.meant.now:
            yield Piece(at, piece.end, Versus(piece.meant))
