"""What each run of words was read as, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agents.ask.cover.calendar import Grain
from agents.ask.cover.pieces import (
    Amount,
    Averaged,
    Bound,
    Carry,
    Change,
    Contrast,
    Counted,
    Filler,
    Group,
    Listing,
    Meant,
    Measure,
    Mention,
    Noun,
    Part,
    Pick,
    Piece,
    Rank,
    RankBy,
    Scene,
    Told,
    Trend,
    Versus,
    When,
)
from agents.ask.cover.result import Covered
from townlake.catalog.knowledge.model import Metric

_PLAIN: Final[dict[type, str]] = {
    Counted: "a count",
    Amount: "an amount",
    Averaged: "an average",
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
        case Measure(named, _, within):
            values = [f"only {within.choices[0].said}"] if within is not None else []
            return f"metric {', '.join([*_titles(named, metrics, chosen), *values])}"
        case RankBy(named):
            return f"order by {', '.join(_titles(named, metrics, chosen))}"
        case Group(items):
            return f"by {' and '.join(str(item) if isinstance(item, Grain) else item.said for item in items)}"
        case Pick(choices, negated):
            return f"{'without' if negated else 'only'} {', '.join(choice.said for choice in choices)}"
        case When(period):
            return str(period.span)
        case Versus(period, unit):
            return f"compared with {period.span if period else f'one {unit} earlier'}"
        case _:
            return _plainly(piece.meant)


def _plainly(meant: Meant) -> str:
    match meant:
        case Mention(noun):
            return f"dimension {noun.said}"
        case Rank():
            return _rank(meant)
        case Bound(compare, number):
            return f"{compare} {number:f}"
        case Told(unit):
            return f"told in {unit.upper()}"
        case Part(share):
            return f"{share} of the whole"
        case _:
            return _PLAIN[type(meant)]


def _titles(named: frozenset[str], metrics: Mapping[str, Metric], chosen: tuple[str, ...]) -> list[str]:
    return [metrics[name].title for name in chosen if name in named]


def _rank(rank: Rank) -> str:
    words = "the first" if rank.descending is None else "highest first" if rank.descending else "lowest first"
    noun: Noun | None = rank.noun
    return f"{words}{f', {rank.limit} rows' if rank.limit else ''}{f' of {noun.said}' if noun else ''}"
