"""From the pieces of one reading to slots."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from agents.ask.cover.calendar import Span, begin, shift, whole
from agents.ask.cover.compared import compared_period, in_step
from agents.ask.cover.follow_up import merged
from agents.ask.cover.heap import Heap
from agents.ask.cover.matchers.periods import side_by_side
from agents.ask.cover.pieces import (
    About,
    Amount,
    Averaged,
    Carry,
    Change,
    Contrast,
    Counted,
    Earlier,
    Filler,
    Group,
    Listing,
    Measure,
    Mention,
    Part,
    Piece,
    Rank,
    Scene,
    Shown,
    Spans,
    Told,
    Trend,
    Versus,
)
from agents.ask.cover.ranking import order_of, thresholds_of
from agents.ask.cover.reading import Reading
from agents.ask.cover.resolve import Resolver
from agents.ask.cover.rows import filters_of, groups_of, says_whose
from agents.ask.cover.slots import Period, Share, Slots
from agents.ask.cover.sound import check_pieces, check_slots
from agents.ask.cover.unfit import Unfit
from townlake.catalog.knowledge.model import TimeKind

_MOST_CHOICES: Final = 64
_SHARES: Final = (Share.FRACTION, Share.PERCENT)
_CHECKS: Final = (Filler, Carry, Counted, Amount, Averaged, Told, Trend, Listing, Change, Contrast, Shown, About)
"""What asks that something be so rather than for something: each is looked at in `sound`."""
_IMPLIED: Final = ((Versus, Change), (Part, Part), (Group, (Trend, Versus)))
"""Of what may be said beside the former, the former is the effect: `share of revenue in percent`."""
_BARE: Final = dict.fromkeys(("dimensions", "filters", "thresholds"), ()) | dict.fromkeys(
    ("grain", "period", "versus", "order", "share")
)


def fill(pieces: tuple[Piece, ...], scene: Scene, context: Slots | None) -> Slots:
    """The slots that a reading asks for, with those of the question before where it goes on from there.

    Raises:
        Unfit: the pieces do not hold together, or one of them says nothing.
    """
    if all(isinstance(piece.meant, (Filler, Carry, Counted, Amount, Averaged, About)) for piece in pieces):
        raise Unfit("Nothing is asked.")
    heap = Heap.of(pieces)
    base = context if heap.goes_on or not heap.stands_alone else None
    slots = _filled(pieces, scene, base)
    for piece in pieces:
        if not isinstance(piece.meant, _CHECKS) and not _has_effect(piece, slots, pieces, scene, base):
            said = scene.said(piece.start, piece.end)
            raise Unfit(f"`{said}` changes nothing in this question.", left_over=(said,), lexical=True)
    return slots


def _has_effect(piece: Piece, slots: Slots, pieces: tuple[Piece, ...], scene: Scene, base: Slots | None) -> bool:
    """Whether the question asks something else without this piece.

    What is said again in a question that goes on counts, too: it is seen with nothing but the metrics kept.
    """
    if isinstance(piece.meant, Mention) and says_whose(piece, pieces, scene):
        return True
    if isinstance(piece.meant, Rank) and _says_again(piece.meant, pieces):
        return True
    implied = next((kind for given, kind in _IMPLIED if isinstance(piece.meant, given)), ())
    rest = tuple(each for each in pieces if each is not piece and not isinstance(each.meant, implied))
    bare = base.model_copy(update=_BARE) if base is not None else None
    try:
        if _filled(rest, scene, base) != slots:
            return True
        return bare is not None and _filled(pieces, scene, bare) != _filled(rest, scene, bare)
    except Unfit:
        return True


def _says_again(rank: Rank, pieces: tuple[Piece, ...]) -> bool:
    """True for `descending` beside `top 5`, which says the same in other words."""
    others = (piece.meant for piece in pieces if isinstance(piece.meant, Rank) and piece.meant is not rank)
    return rank == Rank(rank.descending, None) and any(other.descending is rank.descending for other in others)


def _filled(pieces: tuple[Piece, ...], scene: Scene, base: Slots | None) -> Slots:
    heap = Heap.of(pieces)
    fitting: dict[tuple[str, ...], Slots] = {}
    faults: list[Unfit] = []
    for metrics in _choices(heap, scene, base):
        try:
            fitting[metrics] = _slots(Reading(heap, scene, Resolver(scene.view, metrics)), base)
        except Unfit as unfit:
            faults.append(unfit)
    if len(fitting) > 1:
        unclear = next(measure for measure in heap.measures if len(measure.metrics) > 1)
        named = {name for names in fitting for name in names if name in unclear.metrics}
        titles = sorted(scene.view.lexicon.metrics[name].title for name in named)
        reason = f"`{unclear.said}` can mean several metrics."
        raise Unfit(reason, instead=tuple((unclear.said, title) for title in titles))
    if not fitting:
        raise next((fault for fault in faults if not fault.lexical), faults[0])
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
        raise Unfit("It is not said which metric is meant.", lexical=True)
    if any(name not in scene.view.lexicon.metrics or not scene.view.usable(name) for name in kept):
        raise Unfit("The question before cannot be gone on from.")
    for chosen in islice(product(*options), _MOST_CHOICES):
        yield tuple(dict.fromkeys((*kept, *chosen)))


def _slots(reading: Reading, base: Slots | None) -> Slots:
    check_pieces(reading)
    filters, nouns, compared = filters_of(reading)
    slots = Slots(
        metrics=reading.resolver.metrics,
        dimensions=tuple(dict.fromkeys(groups_of(reading, nouns, compared))),
        grain=reading.grain(),
        filters=filters,
        period=_period(reading),
        order=order_of(reading),
        thresholds=thresholds_of(reading),
        share=max((part.share for part in reading.heap.all(Part)), key=_SHARES.index, default=None),
    )
    if base is not None:
        slots = merged(slots, base, adds=reading.heap.adds)
    if (earlier := reading.heap.one(Earlier)) is not None:
        slots = slots.model_copy(update={"period": _before(earlier, reading, base), "versus": None})
    slots = _versus(reading, slots)
    check_slots(slots, reading)
    return slots


def _period(reading: Reading) -> Period | None:
    spans, when = reading.heap.one(Spans), reading.when
    if spans is not None and reading.heap.has(Contrast):
        return None  # they are compared
    if spans is not None and when is None:
        return _joined(reading, spans)
    if when is None:
        return None
    said = when.period.said
    if spans is not None:
        raise Unfit(f"{spans.one.period.said} and {said}: two spans of time.", left_over=(said,))
    if when.doubt:
        raise Unfit(f"`{said}` can be a day or a month.", instead=tuple((said, each) for each in when.doubt))
    stocks = [metric.time is not None and metric.time.kind is TimeKind.STOCK for metric in reading.metrics]
    if when.now and not all(stocks):
        raise Unfit(f"`{said}` means nothing for what happens over time.", left_over=(said,))
    return when.period


def _before(earlier: Earlier, reading: Reading, base: Slots | None) -> Period:
    """The whole unit before that of the question before; before today where a figure of today was told."""
    said, as_of = reading.said(Earlier), reading.scene.as_of
    if base is None or reading.when is not None or reading.heap.has(Spans, Versus):
        raise Unfit("It is not said before what.", left_over=said, lexical=True)
    stocks = all(metric.time is not None and metric.time.kind is TimeKind.STOCK for metric in reading.metrics)
    period = base.period
    if period is None and stocks and base.grain is None:
        period = Period(said="", span=whole(earlier.unit, as_of), unit=earlier.unit)
    start = period.span.start if period is not None and period.unit == earlier.unit else None
    if start is None or begin(earlier.unit, start) != start:
        raise Unfit(f"The span before was no {earlier.unit}.", left_over=said, lexical=True)
    span = whole(earlier.unit, shift(earlier.unit, start, -1))
    return Period(said=f"the {earlier.unit} before", span=span, unit=earlier.unit)


def _joined(reading: Reading, spans: Spans) -> Period:
    """`March and April` as one span, where they meet."""
    pair = side_by_side(spans.one, spans.other, reading.scene.as_of)
    said = f"{spans.one.period.said} and {spans.other.period.said}"
    if pair is None or pair[0].span.until != pair[1].span.start:
        raise Unfit(f"{said}: two spans of time.", left_over=(spans.other.period.said,))
    return Period(said=said, span=Span(start=pair[0].span.start, until=pair[1].span.until), note=pair[1].note)


def _versus(reading: Reading, slots: Slots) -> Slots:
    heap, when = reading.heap, reading.when
    versus, spans = heap.one(Versus), heap.one(Spans)
    if len(set(heap.all(Versus))) > 1:
        raise Unfit("It is compared with two spans.", left_over=reading.said(Versus)[1:])
    if versus is None and spans is not None and heap.has(Contrast):
        when, versus = spans.one, Versus(spans.other)
        slots = slots.model_copy(update={"period": when.period})
    if versus is None and heap.has(Change) and slots.versus is None:
        # Growth of a quarter, or of each month of a series, is seen from the one before.
        unit = str(slots.grain) if slots.grain else slots.period.unit if slots.period else ""
        if not unit or (slots.grain is None and slots.period is not None and slots.period.moment):
            raise Unfit("It is not said what to compare with.", left_over=reading.said(Change), lexical=True)
        versus = Versus(unit=unit, series=True)
    if versus is None:
        return in_step(slots)
    return compared_period(slots, when, versus, reading.metrics, reading.scene.as_of)
