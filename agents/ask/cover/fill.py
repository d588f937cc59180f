"""From the pieces of one reading to slots."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from agents.ask.cover.compared import compared_period
from agents.ask.cover.follow_up import merged
from agents.ask.cover.heap import Heap
from agents.ask.cover.pieces import (
    Bound,
    Change,
    Contrast,
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
    Versus,
    When,
)
from agents.ask.cover.ranking import order_of, thresholds_of
from agents.ask.cover.reading import Reading
from agents.ask.cover.resolve import Resolver
from agents.ask.cover.slots import Filter, Period, Slots
from agents.ask.cover.sound import check_pieces, check_slots
from agents.ask.cover.unfit import Unfit
from townlake.catalog.knowledge.model import TimeKind

_MOST_CHOICES: Final = 64


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
            fitting[metrics] = _slots(Reading(heap, scene, Resolver(scene.view, metrics)), base)
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
    for chosen in islice(product(*options), _MOST_CHOICES):
        yield tuple(dict.fromkeys((*kept, *chosen)))


def _slots(reading: Reading, base: Slots | None) -> Slots:
    check_pieces(reading)
    filters, nouns, compared = _filters(reading)
    part = reading.heap.one(Part)
    slots = Slots(
        metrics=reading.resolver.metrics,
        dimensions=tuple(dict.fromkeys(_groups(reading, nouns, compared))),
        grain=reading.grain(),
        filters=filters,
        period=_period(reading),
        order=order_of(reading),
        thresholds=thresholds_of(reading),
        share=part.share if part is not None else None,
    )
    if base is not None:
        slots = merged(slots, base, adds=reading.heap.adds)
    slots = _versus(reading, slots)
    check_slots(slots, reading)
    return slots


def _filters(reading: Reading) -> tuple[tuple[Filter, ...], list[Noun], list[str]]:
    """Filters of one dimension made one; nouns that stand beside values; dimensions whose values are compared."""
    found: dict[tuple[str, bool], list[str]] = {}
    nouns: list[Noun] = []
    compared: list[str] = []
    contrast = reading.heap.has(Contrast)
    for piece in reading.heap.pieces:
        if not isinstance(piece.meant, Pick):
            continue
        pick = piece.meant
        filters, noun = reading.resolver.filters(pick)
        _check_unit(reading, piece, filters)
        nouns += [noun] if noun is not None else []
        compares = len(pick.choices) > 1 and (contrast or pick.compared)
        compared += [filters[0].dimension] if compares else []
        if compares and len(filters) > 1:
            raise Unfit("Values of different dimensions are compared.", left_over=tuple(c.said for c in pick.choices))
        for each in filters:
            found.setdefault((each.dimension, each.negated), []).extend(each.values)
    made = tuple(
        Filter(dimension=name, values=tuple(dict.fromkeys(values)), negated=negated)
        for (name, negated), values in found.items()
    )
    return made, nouns, compared


def _check_unit(reading: Reading, piece: Piece, filters: tuple[Filter, ...]) -> None:
    """`in EUR` can ask for rows in euro, or for all rows told in euro."""
    if piece.start == piece.end or reading.scene.words[piece.start].lower != "in":
        return
    for each in filters:
        columns = {reading.scene.view.lexicon.stored[metric.name, each.dimension] for metric in reading.metrics}
        if columns & reading.scene.unit_columns and not (isinstance(piece.meant, Pick) and piece.meant.noun):
            rows = f"{each.dimension} {', '.join(each.values)}"
            raise Unfit("A unit can name rows, or the unit of the answer.", readings=(rows,))


def _period(reading: Reading) -> Period | None:
    found = {when.period.span: when for when in reading.heap.all(When)}
    if len(found) > 1 and not reading.two_spans:
        said = tuple(when.period.said for when in found.values())
        raise Unfit(f"{' and '.join(said)}: two spans of time.", left_over=said[1:])
    when = max(found.values(), key=lambda each: str(each.period.span.start)) if found else None
    if when is None:
        return None
    if when.joined and reading.heap.has(Contrast):
        raise Unfit("The two spans are to be compared.", left_over=(when.period.said,))
    if (
        when.joined
        and reading.grain() is None
        and any(m.time and m.time.kind is TimeKind.STOCK for m in reading.metrics)
    ):
        raise Unfit("What is measured on one day has no value for two spans.", left_over=(when.period.said,))
    flows = any(m.time is None or m.time.kind is TimeKind.FLOW for m in reading.metrics)
    if when.now and flows:
        raise Unfit(f"`{when.period.said}` means nothing for what happens over time.", left_over=(when.period.said,))
    return when.period


def _groups(reading: Reading, nouns: list[Noun], compared: list[str]) -> list[str]:
    resolve = reading.resolver.dimension
    groups = [resolve(item) for group in reading.heap.all(Group) for item in group.items if isinstance(item, Noun)]
    groups += [resolve(rank.noun) for rank in reading.heap.all(Rank) if rank.noun is not None]
    groups += [resolve(mention.noun) for mention in reading.heap.all(Mention) if mention.asked]
    groups += compared
    loose = [(mention.noun, False) for mention in reading.heap.all(Mention) if not mention.asked]
    loose += [(noun, True) for noun in nouns]
    # `customers with more than 5 tickets`: rows are wanted and nothing else says of what.
    wants_rows = not groups and reading.grain() is None and reading.heap.has(Rank, RankBy, Bound, Listing)
    for noun, beside_value in loose:
        name = resolve(noun)
        if wants_rows:
            groups.append(name)
        elif not (noun.plural and (beside_value or _follows_preposition(reading, noun))):
            raise Unfit(f"It is not said what to do with `{noun.said}`.", left_over=(noun.said,))
    return groups


def _follows_preposition(reading: Reading, noun: Noun) -> bool:
    """True for `MRR of customers`, where the noun only says whose."""
    starts = [p.start for p in reading.heap.pieces if isinstance(p.meant, Mention) and p.meant.noun is noun]
    before = reading.scene.words[starts[0] - 1].lower if starts and starts[0] else ""
    before = reading.scene.words[starts[0] - 2].lower if before in {"the", "our", "all"} and starts[0] > 1 else before
    return before in {"of", "for", "from", "in", "by", "do", "did", "with", "on"}


def _versus(reading: Reading, slots: Slots) -> Slots:
    versus = reading.heap.one(Versus)
    if reading.two_spans:
        periods = sorted((when.period for when in reading.heap.all(When)), key=lambda each: str(each.span.start))
        versus = Versus(periods[0])
    if versus is None and reading.heap.has(Change) and slots.versus is None:
        # Growth of a quarter, or of each month of a series, is seen from the one before.
        unit = str(slots.grain) if slots.grain else slots.period.unit if slots.period else ""
        if not unit or (slots.grain is None and slots.period is not None and slots.period.moment):
            raise Unfit("It is not said what to compare with.", left_over=reading.said(Change))
        versus = Versus(unit=unit)
    if versus is None:
        return slots
    return compared_period(slots, versus, reading.metrics, reading.scene.as_of)
