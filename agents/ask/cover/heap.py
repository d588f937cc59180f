"""The pieces of one reading, sorted by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from agents.ask.cover.pieces import Bound, Carry, Filler, Group, Meant, Measure, Mention, Piece, Rank, RankBy

M = TypeVar("M")
BOUND = "the bound"
"""What the metric of `over 100` is called, which is often not said."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Pieces in the order of the question, without fillers."""

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, pieces: tuple[Piece, ...]) -> Heap:
        """The pieces that ask something; a value inside the name of a metric is one of its own."""
        found: list[Piece] = []
        for piece in pieces:
            if isinstance(piece.meant, Measure) and piece.meant.within is not None:
                found.append(Piece(piece.start, piece.start, piece.meant.within))
            if not isinstance(piece.meant, Filler):
                found.append(piece)
        return cls(tuple(found))

    def all(self, kind: type[M]) -> list[M]:
        """What the pieces of one kind mean."""
        return [piece.meant for piece in self.pieces if isinstance(piece.meant, kind)]

    def has(self, *kinds: type) -> bool:
        """Whether there is a piece of one of these kinds."""
        return any(isinstance(piece.meant, kinds) for piece in self.pieces)

    def one(self, kind: type[M]) -> M | None:
        """The first of a kind."""
        return next(iter(self.all(kind)), None)

    def behind(self, meant: Meant) -> Meant | None:
        """What stands behind this piece."""
        places = [i for i, piece in enumerate(self.pieces) if piece.meant is meant]
        rest = self.pieces[places[0] + 1 :] if places else ()
        return rest[0].meant if rest else None

    @property
    def measures(self) -> list[Measure]:
        """Every metric that is named, those to order by included."""
        found: list[Measure] = []
        for meant in (piece.meant for piece in self.pieces):
            if isinstance(meant, Measure):
                found.append(meant)
            elif isinstance(meant, RankBy):
                found.append(Measure(meant.metrics, meant.said))
            elif isinstance(meant, Bound) and meant.metrics:
                found.append(Measure(meant.metrics, BOUND))
        return found

    @property
    def goes_on(self) -> bool:
        """True when the question begins as one that goes on from the one before."""
        return bool(self.pieces) and isinstance(self.pieces[0].meant, Carry)

    @property
    def stands_alone(self) -> bool:
        """True when the question names what to compute; `sort by revenue` alone orders what is there."""
        if self.has(Measure):
            return True
        rows = self.has(Group, Mention) or any(rank.noun is not None for rank in self.all(Rank))
        return bool(self.measures) and rows

    @property
    def adds(self) -> bool:
        """True for `also` and `as well`."""
        return any(carry.adds for carry in self.all(Carry))
