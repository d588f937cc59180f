"""What each run of words was read as, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agents.ask.cover.calendar import Grain
from agents.ask.cover.pieces import (
    Bound,
    Carry,
    Change,
    Contrast,
    Counted,
    Filler,
    Group,
    Listing,
    Measure,
    Mention,
    Noun,
    Part,
    Pick,
    Piece,
    Rank,
    RankBy,
    Scene,
    Trend,
    Versus,
    When,
)
from agents.ask.cover.result import Covered
from townlake.catalog.knowledge.model import Metric

_PLAIN: Final[dict[type, str]] = {
    Counted: "a count",
    Trend: "a series",
    Listing: "rows",
    Change: "a change",
    Contrast: "side by side",
    Carry: "goes on from the question before",
}


def told(
    pieces: tuple[Piece, ...], scene: Scene, metrics: Mapping[str, Metric], chosen: tuple[str, ...]
) -> tuple[Covered, ...]:
    """Every piece that asks something, with its words."""
    return tuple(
        Covered(words=scene.said(piece.start, piece.end), by=_by(piece, metrics, chosen))
        for piece in pieces
        if not isinstance(piece.meant, Filler)
    )


def _by(piece: Piece, metrics: Mapping[str, Metric], chosen: tuple[str, ...]) -> str:
    match piece.meant:
        case Measure() | RankBy():
            names = [metrics[name].title for name in chosen if name in piece.meant.metrics]
            within = piece.meant.within if isinstance(piece.meant, Measure) else None
            names += [f"only {within.choices[0].said}"] if within is not None else []
            return f"{'order by' if isinstance(piece.meant, RankBy) else 'metric'} {', '.join(names)}"
        case Group():
            return (
                f"by {' and '.join(str(item) if isinstance(item, Grain) else item.said for item in piece.meant.items)}"
            )
        case Mention():
            return f"dimension {piece.meant.noun.said}"
        case Pick():
            values = ", ".join(choice.said for choice in piece.meant.choices)
            return f"{'without' if piece.meant.negated else 'only'} {values}"
        case When():
            return str(piece.meant.period.span)
        case Versus():
            return (
                f"compared with {piece.meant.period.span if piece.meant.period else f'one {piece.meant.unit} earlier'}"
            )
        case Rank():
            return _rank(piece.meant)
        case Bound():
            return f"{piece.meant.compare} {piece.meant.number:f}"
        case Part():
            return f"{piece.meant.share} of the whole"
        case _:
            return _PLAIN[type(piece.meant)]


def _rank(rank: Rank) -> str:
    words = "the first" if rank.descending is None else "highest first" if rank.descending else "lowest first"
    noun: Noun | None = rank.noun
    return f"{words}{f', {rank.limit} rows' if rank.limit else ''}{f' of {noun.said}' if noun else ''}"
