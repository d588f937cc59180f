"""What orders the rows, how many are kept, and what bounds them."""

from __future__ import annotations

from agents.ask.cover.countable import additive, countable
from agents.ask.cover.pieces import Bound, Group, Measure, Mention, Pick, Rank, RankBy
from agents.ask.cover.reading import Reading
from agents.ask.cover.slots import Compare, Order, Threshold
from agents.ask.cover.unfit import Unfit
from agents.ask.cover.words import keys
from townlake.catalog.knowledge.model import Better


def order_of(reading: Reading) -> Order | None:
    """The order that is asked for; None when none is.

    Raises:
        Unfit: there are two, or it is not said what is ordered by.
    """
    ranks, by = reading.heap.all(Rank), reading.heap.one(RankBy)
    directions = {rank.descending for rank in ranks if rank.descending is not None}
    directions |= {_judged(reading, rank, _ordered_by(reading, ranks, by)) for rank in ranks if rank.judged}
    limits = {rank.limit for rank in ranks if rank.limit is not None}
    directions |= {by.descending} if by is not None and by.descending is not None else set()
    if len(directions) > 1 or len(limits) > 1:
        raise Unfit("Two orders are named.", left_over=reading.said(Rank))
    if not ranks and by is None:
        return None
    if by is None and not directions and any(rank.bare for rank in ranks):
        raise Unfit("It is not said which rows come first.", left_over=reading.said(Rank))
    descending = next(iter(directions), True)
    limit = next(iter(limits)) if limits else 1 if ranks and directions and _asks_for_one(reading) else None
    return Order(descending=descending, metric=_ordered_by(reading, ranks, by), limit=limit)


def _ordered_by(reading: Reading, ranks: list[Rank], by: RankBy | None) -> str | None:
    if by is not None:
        return next(name for name in reading.resolver.metrics if name in by.metrics)
    if len(reading.resolver.metrics) == 1:
        return None
    told = (rank for rank in ranks if rank.descending is not None or rank.judged)
    behind = reading.measure_behind(next(told, ranks[0]))
    if behind is None:
        titles = tuple(metric.title for metric in reading.metrics)
        raise Unfit("It is not said which metric orders the rows.", left_over=titles)
    return behind[0]


def _judged(reading: Reading, rank: Rank, name: str | None) -> bool:
    """Whether the best or the worst is the highest: of an error rate it is the worst that is."""
    metric = reading.scene.view.lexicon.metrics[name or reading.resolver.metrics[0]]
    if metric.better is None:
        raise Unfit(
            f"It is not said whether a high or a low {metric.title} is good.",
            instead=tuple((rank.judged, end) for end in ("highest", "lowest")),
        )
    return (metric.better is Better.HIGH) == (rank.judged.lower() == "best")


def _asks_for_one(reading: Reading) -> bool:
    """True for `which region has the highest` and `the largest customer`."""
    nouns = [rank.noun for rank in reading.heap.all(Rank) if rank.noun is not None]
    nouns += [mention.noun for mention in reading.heap.all(Mention)]
    nouns += [pick.noun for pick in reading.heap.all(Pick) if pick.noun is not None and not nouns]
    if nouns:
        return not any(noun.plural for noun in nouns)
    return any(group.one for group in reading.heap.all(Group))


def thresholds_of(reading: Reading) -> tuple[Threshold, ...]:
    """The bounds on metrics, each in the metric's own unit.

    Raises:
        Unfit: it is not said which metric is meant, or the unit is another.
    """
    return tuple(_threshold(reading, bound) for bound in reading.heap.all(Bound))


def _threshold(reading: Reading, bound: Bound) -> Threshold:
    behind = reading.heap.behind(bound)
    named = bound.metrics or (behind.metrics if isinstance(behind, Measure) else frozenset())
    if not named and len(reading.resolver.metrics) == 1 and not isinstance(behind, Mention):
        named = frozenset(reading.resolver.metrics)
    name = next((m for m in reading.resolver.metrics if m in named), None)
    if name is None:
        reason = "It is not said which metric the bound is on."
        raise Unfit(reason, left_over=reading.said(Bound), lexical=isinstance(behind, Mention))
    metric = reading.scene.view.lexicon.metrics[name]
    known = {metric.unit.casefold(), *keys(metric.unit)}
    if bound.unit and bound.unit not in known and not set(keys(bound.unit)) & known:
        raise Unfit(f"{metric.title} is not in {bound.unit}.", left_over=(bound.unit,), lexical=True)
    none = 1 if bound.compare is Compare.UNDER and countable(metric, ()) else 0
    if additive(metric) and bound.number <= none and bound.compare not in {Compare.OVER, Compare.AT_LEAST}:
        # What there is none of has no row.
        raise Unfit("What there is none of is not listed.", left_over=reading.said(Bound))
    return Threshold(compare=bound.compare, number=bound.number, metric=name)
