"""One reading of a question with its metrics chosen: what the steps that make slots of it look at."""

from __future__ import annotations

from dataclasses import dataclass

from agents.ask.cover.calendar import Grain
from agents.ask.cover.heap import Heap
from agents.ask.cover.pieces import Averaged, Bound, Counted, Group, Measure, Rank, Scene, Trend, When
from agents.ask.cover.resolve import Resolver
from agents.ask.cover.unfit import Unfit
from townlake.catalog.knowledge.model import Metric


@dataclass(frozen=True, slots=True)
class Reading:
    """Pieces, the words they stand on, and what nouns and values mean for the chosen metrics."""

    heap: Heap
    scene: Scene
    resolver: Resolver

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The chosen metrics, in the order in which they are named."""
        return tuple(self.scene.view.lexicon.metrics[name] for name in self.resolver.metrics)

    def said(self, *kinds: type) -> tuple[str, ...]:
        """The words of the pieces of these kinds."""
        return tuple(self.scene.said(p.start, p.end) for p in self.heap.pieces if isinstance(p.meant, kinds))

    def measure_behind(self, meant: Averaged | Counted | Rank | Bound) -> tuple[str, str] | None:
        """The chosen metric that is named next after a piece, and how it was said."""
        seen = False
        for piece in self.heap.pieces:
            if seen and isinstance(piece.meant, Measure):
                return next((n, piece.meant.said) for n in self.resolver.metrics if n in piece.meant.metrics)
            seen = seen or piece.meant is meant
        return None

    def grain(self) -> Grain | None:
        """The grain of time that is asked for.

        Raises:
            Unfit: there are two.
        """
        found = {item for group in self.heap.all(Group) for item in group.items if isinstance(item, Grain)}
        if len(found) > 1:
            raise Unfit("Two grains of time are named.", left_over=self.said(Group))
        if found:
            return next(iter(found))
        return Grain.MONTH if self.heap.all(Trend) else None

    @property
    def when(self) -> When | None:
        """The span of time that is named.

        Raises:
            Unfit: there are two.
        """
        found = {when.period.span: when for when in self.heap.all(When)}
        if len(found) > 1:
            said = tuple(when.period.said for when in found.values())
            raise Unfit(f"{' and '.join(said)}: two spans of time.", left_over=said[1:])
        return next(iter(found.values()), None)
