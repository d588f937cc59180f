"""From the pieces of one reading to slots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Final

from agents.ask.cover.calendar import Grain
from agents.ask.cover.compared import compared_period
from agents.ask.cover.countable import averaged, countable
from agents.ask.cover.follow_up import merged
from agents.ask.cover.heap import Heap
from agents.ask.cover.pieces import (
    Averaged,
    Bound,
    Change,
    Contrast,
    Counted,
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
    Told,
    Trend,
    Versus,
    When,
)
from agents.ask.cover.resolve import Resolver
from agents.ask.cover.slots import Filter, Order, Period, Slots, Threshold
from agents.ask.cover.unfit import Unfit
from agents.ask.cover.words import keys
from townlake.catalog.knowledge.model import Metric, TimeKind

_BESIDE: Final = frozenset({"and", "with", "plus", "vs", "versus", "alongside", "well", "also"})
_SHOW: Final = frozenset({"show", "list", "display", "give", "see", "get", "find"})


def fill(pieces: tuple[Piece, ...], scene: Scene, context: Slots | None) -> Slots:
    """The slots that a reading asks for, with those of the question before where it goes on from there.

    Raises:
        Unfit: the pieces do not hold together.
    """
    heap = Heap.of(pieces)
    base = context if heap.goes_on or not heap.stands_alone else None
    fitting: dict[tuple[str, ...], Slots] = {}
    faults: list[Unfit] = []
    for metrics in _choices(heap, scene, base):
        try:
            fitting[metrics] = _Filling(heap, scene, Resolver(scene.view, metrics)).slots(base)
        except Unfit as unfit:
            faults.append(unfit)
    if len(fitting) > 1:
        titles = [" and ".join(scene.view.lexicon.metrics[name].title for name in names) for names in fitting]
        said = ", ".join(measure.said for measure in heap.measures if len(measure.metrics) > 1)
        raise Unfit(f"`{said}` can mean several metrics.", readings=tuple(sorted(titles)))
    if not fitting:
        raise next((fault for fault in faults if fault.final), faults[0])
    return next(iter(fitting.values()))


def _choices(heap: Heap, scene: Scene, base: Slots | None) -> Iterator[tuple[str, ...]]:
    """Each way to pick one metric for every word that names one; those that the caller cannot read are passed over."""
    options: list[list[str]] = []
    for measure in heap.measures:
        usable = sorted(name for name in measure.metrics if scene.view.usable(name))
        if not usable:
            blocked = tuple(scene.view.blocked(name) for name in sorted(measure.metrics))
            raise Unfit(blocked[0].message, blocked=blocked)
        options.append(usable)
    kept = base.metrics if base is not None and (heap.adds or not heap.all(Measure)) else ()
    if not options and not kept:
        raise Unfit("No metric is named.")
    if any(name not in scene.view.lexicon.metrics or not scene.view.usable(name) for name in kept):
        raise Unfit("The question before cannot be gone on from.")
    for chosen in product(*options):
        yield tuple(dict.fromkeys((*kept, *chosen)))


@dataclass(frozen=True, slots=True)
class _Filling:
    """One reading with its metrics chosen."""

    heap: Heap
    scene: Scene
    resolver: Resolver

    @property
    def _metrics(self) -> tuple[Metric, ...]:
        return tuple(self.scene.view.lexicon.metrics[name] for name in self.resolver.metrics)

    def slots(self, base: Slots | None) -> Slots:
        self._check_measures()
        self._check_counted()
        for told in self.heap.all(Told):
            if any(metric.unit.casefold() != told.unit for metric in self._metrics):
                raise Unfit(f"No metric here is told in {told.unit.upper()}.", left_over=self._said(Told))
        filters, nouns, compared = self._filters()
        period = self._period()
        groups = self._groups(nouns, compared)
        order = self._order()
        slots = Slots(
            metrics=self.resolver.metrics,
            dimensions=tuple(dict.fromkeys(groups)),
            grain=self._grain(),
            filters=filters,
            period=period,
            order=order,
            thresholds=self._thresholds(),
            share=part.share if (part := self.heap.one(Part)) else None,
        )
        if base is not None:
            slots = merged(slots, base, adds=self.heap.adds)
        slots = self._versus(slots)
        self._check(slots)
        return slots

    def _check_measures(self) -> None:
        """Two metrics stand side by side only where a word says so: `MRR of customers` names one."""
        places = [piece for piece in self.heap.pieces if isinstance(piece.meant, (Measure, RankBy))]
        for before, piece in pairwise(places):
            between = self.scene.words[before.end : piece.start]
            listed = any(word.listed for word in (*between, self.scene.words[piece.start]))
            if isinstance(piece.meant, Measure) and not listed and not {word.lower for word in between} & _BESIDE:
                raise Unfit("Two metrics are named side by side.", left_over=(self.scene.said(piece.start, piece.end),))

    def _check_counted(self) -> None:
        for counted in self.heap.all(Counted):
            behind = self._measure_behind(counted)
            if behind is not None and not countable(self.scene.view.lexicon.metrics[behind[0]], keys(behind[1])):
                raise Unfit(f"{behind[1]} is not a count.", left_over=self._said(Counted))
        for meant in self.heap.all(Averaged):
            behind = self._measure_behind(meant)
            if behind is None or not averaged(self.scene.view.lexicon.metrics[behind[0]]):
                raise Unfit("It is not said of what the average is taken.", left_over=self._said(Averaged))

    def _measure_behind(self, meant: Averaged | Counted | Rank | Bound) -> tuple[str, str] | None:
        """The chosen metric that is named next after a piece, and how it was said."""
        seen = False
        for piece in self.heap.pieces:
            if seen and isinstance(piece.meant, Measure):
                return next((n, piece.meant.said) for n in self.resolver.metrics if n in piece.meant.metrics)
            seen = seen or piece.meant is meant
        return None

    def _filters(self) -> tuple[tuple[Filter, ...], list[Noun], list[str]]:
        """Filters of one dimension made one; nouns that stand beside values; dimensions whose values are compared."""
        found: dict[tuple[str, bool], list[str]] = {}
        nouns: list[Noun] = []
        compared: list[str] = []
        contrast = bool(self.heap.all(Contrast))
        for piece in self.heap.pieces:
            if not isinstance(piece.meant, Pick):
                continue
            pick = piece.meant
            filters, noun = self.resolver.filters(pick)
            self._check_unit(piece, filters)
            nouns += [noun] if noun is not None else []
            compares = len(pick.choices) > 1 and (contrast or pick.compared)
            compared += [filters[0].dimension] if compares else []
            if compares and len(filters) > 1:
                raise Unfit(
                    "Values of different dimensions are compared.", left_over=tuple(c.said for c in pick.choices)
                )
            for each in filters:
                found.setdefault((each.dimension, each.negated), []).extend(each.values)
        made = tuple(
            Filter(dimension=name, values=tuple(dict.fromkeys(values)), negated=negated)
            for (name, negated), values in found.items()
        )
        return made, nouns, compared

    def _check_unit(self, piece: Piece, filters: tuple[Filter, ...]) -> None:
        """`in EUR` can ask for rows in euro, or for all rows told in euro."""
        if piece.start == piece.end or self.scene.words[piece.start].lower != "in":
            return
        for each in filters:
            columns = {self.scene.view.lexicon.stored[metric.name, each.dimension] for metric in self._metrics}
            if columns & self.scene.unit_columns and not (isinstance(piece.meant, Pick) and piece.meant.noun):
                reading = f"{each.dimension} {', '.join(each.values)}"
                raise Unfit("A unit can name rows, or the unit of the answer.", readings=(reading,))

    def _period(self) -> Period | None:
        found = {when.period.span: when for when in self.heap.all(When)}
        if len(found) > 1 and not self._two_spans():
            said = tuple(when.period.said for when in found.values())
            raise Unfit(f"{' and '.join(said)}: two spans of time.", left_over=said[1:])
        when = max(found.values(), key=lambda each: str(each.period.span.start)) if found else None
        if when is None:
            return None
        if when.joined and self.heap.all(Contrast):
            raise Unfit("The two spans are to be compared.", left_over=(when.period.said,))
        if (
            when.joined
            and self._grain() is None
            and any(m.time and m.time.kind is TimeKind.STOCK for m in self._metrics)
        ):
            raise Unfit("What is measured on one day has no value for two spans.", left_over=(when.period.said,))
        flows = any(m.time is None or m.time.kind is TimeKind.FLOW for m in self._metrics)
        if when.now and flows:
            raise Unfit(
                f"`{when.period.said}` means nothing for what happens over time.", left_over=(when.period.said,)
            )
        return when.period

    def _two_spans(self) -> bool:
        """True for `compare March and April`."""
        spans = {when.period.span for when in self.heap.all(When)}
        return len(spans) == 2 and bool(self.heap.all(Contrast)) and all(span.start for span in spans)

    def _groups(self, nouns: list[Noun], compared: list[str]) -> list[str]:
        resolve = self.resolver.dimension
        groups = [resolve(item) for group in self.heap.all(Group) for item in group.items if isinstance(item, Noun)]
        groups += [resolve(rank.noun) for rank in self.heap.all(Rank) if rank.noun is not None]
        groups += [resolve(mention.noun) for mention in self.heap.all(Mention) if mention.asked]
        groups += compared
        loose = [(mention.noun, False) for mention in self.heap.all(Mention) if not mention.asked]
        loose += [(noun, True) for noun in nouns]
        # `customers with more than 5 tickets`: rows are wanted and nothing else says of what.
        wants_rows = not groups and self._grain() is None and any(map(self.heap.all, (Rank, RankBy, Bound, Listing)))
        for noun, beside_value in loose:
            name = resolve(noun)
            if wants_rows:
                groups.append(name)
            elif not (noun.plural and (beside_value or self._follows_preposition(noun))):
                raise Unfit(f"It is not said what to do with `{noun.said}`.", left_over=(noun.said,))
        return groups

    def _follows_preposition(self, noun: Noun) -> bool:
        """True for `MRR of customers`, where the noun only says whose."""
        starts = [p.start for p in self.heap.pieces if isinstance(p.meant, Mention) and p.meant.noun is noun]
        before = self.scene.words[starts[0] - 1].lower if starts and starts[0] else ""
        before = self.scene.words[starts[0] - 2].lower if before in {"the", "our", "all"} and starts[0] > 1 else before
        return before in {"of", "for", "from", "in", "by", "do", "did", "with", "on"}

    def _grain(self) -> Grain | None:
        found = {item for group in self.heap.all(Group) for item in group.items if isinstance(item, Grain)}
        if len(found) > 1:
            raise Unfit("Two grains of time are named.", left_over=self._said(Group))
        if found:
            return next(iter(found))
        return Grain.MONTH if self.heap.all(Trend) else None

    def _order(self) -> Order | None:
        ranks, by = self.heap.all(Rank), self.heap.one(RankBy)
        directions = {rank.descending for rank in ranks if rank.descending is not None}
        limits = {rank.limit for rank in ranks if rank.limit is not None}
        if len(directions) > 1 or len(limits) > 1:
            raise Unfit("Two orders are named.", left_over=self._said(Rank))
        if not ranks and by is None:
            return None
        if by is None and not directions and any(rank.bare for rank in ranks):
            raise Unfit("It is not said which rows come first.", left_over=self._said(Rank))
        descending = next(iter(directions)) if directions else (by.descending if by else True)
        limit = next(iter(limits)) if limits else 1 if ranks and directions and self._asks_for_one() else None
        return Order(descending=descending, metric=self._ordered_by(ranks, by), limit=limit)

    def _ordered_by(self, ranks: list[Rank], by: RankBy | None) -> str | None:
        if by is not None:
            return next(name for name in self.resolver.metrics if name in by.metrics)
        if len(self.resolver.metrics) == 1:
            return None
        behind = self._measure_behind(next((rank for rank in ranks if rank.descending is not None), ranks[0]))
        if behind is None:
            titles = tuple(metric.title for metric in self._metrics)
            raise Unfit("It is not said which metric orders the rows.", readings=titles)
        return behind[0]

    def _asks_for_one(self) -> bool:
        """True for `which region has the highest` and `the largest customer`."""
        nouns = [rank.noun for rank in self.heap.all(Rank) if rank.noun is not None]
        nouns += [mention.noun for mention in self.heap.all(Mention)]
        nouns += [pick.noun for pick in self.heap.all(Pick) if pick.noun is not None and not nouns]
        if nouns:
            return not any(noun.plural for noun in nouns)
        return any(group.one for group in self.heap.all(Group))

    def _thresholds(self) -> tuple[Threshold, ...]:
        return tuple(self._threshold(bound) for bound in self.heap.all(Bound))

    def _threshold(self, bound: Bound) -> Threshold:
        name: str | None = self.resolver.metrics[0]
        if bound.metrics:
            name = next((m for m in self.resolver.metrics if m in bound.metrics), None)
        elif len(self.resolver.metrics) > 1:
            behind = self.heap.behind(bound)
            named = behind.metrics if isinstance(behind, Measure) else frozenset()
            name = next((m for m in self.resolver.metrics if m in named), None)
        if name is None:
            titles = tuple(metric.title for metric in self._metrics)
            raise Unfit("It is not said which metric the bound is on.", readings=titles)
        metric = self.scene.view.lexicon.metrics[name]
        known = {metric.unit.casefold(), *keys(metric.unit)}
        if bound.unit and bound.unit not in known and not set(keys(bound.unit)) & known:
            raise Unfit(f"{metric.title} is not in {bound.unit}.", left_over=(bound.unit,))
        return Threshold(compare=bound.compare, number=bound.number, metric=name)

    def _versus(self, slots: Slots) -> Slots:
        versus = self.heap.one(Versus)
        if self._two_spans():
            periods = sorted((when.period for when in self.heap.all(When)), key=lambda each: str(each.span.start))
            versus = Versus(periods[0])
        if versus is None and self.heap.all(Change) and slots.versus is None:
            # Growth of a quarter, or of each month of a series, is seen from the one before.
            unit = str(slots.grain) if slots.grain else slots.period.unit if slots.period else ""
            if not unit or (slots.grain is None and slots.period is not None and slots.period.moment):
                raise Unfit("It is not said what to compare with.", left_over=self._said(Change))
            versus = Versus(unit=unit)
        if versus is None:
            return slots
        return compared_period(slots, versus, self._metrics, self.scene.as_of)

    def _check(self, slots: Slots) -> None:
        grouped = bool(slots.dimensions) or slots.grain is not None
        timed = slots.grain is not None or slots.period is not None
        for metric in self._metrics:
            if timed and metric.time is None:
                said = slots.period.said if slots.period else str(slots.grain)
                raise Unfit(f"{metric.title} has no time of its own.", left_over=(said,))
        for names in (slots.dimensions, tuple(each.dimension for each in slots.filters)):
            for name in names:
                if not self.resolver.known(name):
                    raise Unfit(f"`{name}` is not {self.resolver.offered()}", left_over=(name,))
            self.resolver.readable(names)
        if not grouped and (slots.order is not None or slots.thresholds or self.heap.all(Listing)):
            raise Unfit("It is not said what the rows are.", left_over=self._said(Rank, RankBy, Bound, Listing))
        if slots.order is not None and slots.order.limit is not None and slots.grain is not None and slots.dimensions:
            within = f"in each {slots.grain}"
            raise Unfit(
                "The limit can hold once or anew each time.",
                readings=(f"over the whole span, by {slots.grain}", within),
            )
        self._check_share(slots, grouped)
        if not grouped:
            self._check_list()

    def _check_list(self) -> None:
        """`show me customers` can ask for a number or for names."""
        asked = {word.lower for word in self.scene.words} & _SHOW and not self.heap.all(Counted)
        for measure in self.heap.all(Measure) if asked else ():
            lexicon = self.scene.view.lexicon
            meaning = lexicon.phrases.get(keys(measure.said))
            counts = all(countable(lexicon.metrics[name], ()) for name in measure.metrics)
            if meaning is not None and meaning.dimensions and counts:
                readings = (f"how many {measure.said}", f"{measure.said} by a metric of theirs")
                raise Unfit(f"`{measure.said}` can be a number or a list.", readings=readings)

    def _check_share(self, slots: Slots, grouped: bool) -> None:
        if slots.share is None:
            return
        kept = [each for each in slots.filters if not each.negated]
        if len(slots.metrics) > 1 or slots.versus is not None or not (slots.dimensions or len(kept) == 1):
            raise Unfit("It is not said which part of what.", left_over=self._said(Part))

    def _said(self, *kinds: type) -> tuple[str, ...]:
        """The words of the pieces of these kinds."""
        return tuple(self.scene.said(p.start, p.end) for p in self.heap.pieces if isinstance(p.meant, kinds))
