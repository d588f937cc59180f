"""Parts of a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.pieces import Part, Piece, Scene
from agents.ask.cover.slots import Share
from agents.ask.cover.words import follow, past, phrases

_FRACTIONS: Final = phrases(
    """
    share of total | share of the total | share of | share | shares of | proportion of | fraction of | as a share
    | as share | as a share of total | as a share of the total | as share of total
    """
)
_PERCENTS: Final = phrases(
    """
    percentage | percentages | in percent | percentage of total | percentage of the total | percentage of |
    percent of total | percent of the total | percent of | % of total | % of | as a percentage of total |
    as a percentage of the total | as a percentage | as percentage | percentage share of | as percentage of total
    | as a percent of total | in percent of total
    """
)


def read_share(scene: Scene, at: int) -> Iterator[Piece]:
    """`share of`, `as a percentage of total`."""
    start = past(scene.words, at, "what", "which", "what is the", "the", "a")
    for share, cues in ((Share.FRACTION, _FRACTIONS), (Share.PERCENT, _PERCENTS)):
        end = follow(scene.words, start, *cues)
        if end is not None:
            yield Piece(at, end, Part(share))
