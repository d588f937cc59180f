"""Whether a reading holds together. Without each of these checks, an answer to another question came out."""

from __future__ import annotations

import re
from itertools import pairwise, zip_longest
from typing import Final

from agents.ask.cover.countable import additive, averaged, countable, determines
from agents.ask.cover.pieces import (
    About,
    Amount,
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
    Rank,
    RankBy,
    Shown,
    Spans,
    Told,
    When,
)
from agents.ask.cover.reading import Reading
from agents.ask.cover.slots import Slots
from agents.ask.cover.unfit import Unfit
from agents.ask.cover.words import keys
from townlake.catalog.knowledge.model import TimeKind

_CURRENCY: Final = re.compile("[A-Z]{3}")
"""As units are written that are currencies."""
_BESIDE: Final = frozenset({"and", "plus", "vs", "versus", "alongside", "well", "also"})
_HAPPENED: Final = frozenset({"was", "were", "been", "got"})
_IRREGULAR: Final = frozenset({"paid", "sent", "lost", "won", "shut", "held", "sold", "made"})
_BY_RANK: Final = frozenset({"top", "bottom", "first"})
_MANY: Final = frozenset({"most", "fewest", "least"})
_BEING: Final = frozenset({"is", "are", "was", "were", "come", "comes", "came"})
_OF: Final = frozenset({"of", "for", "from", "among", "with", "at"})
_SHOW: Final = frozenset({"show", "list", "display", "give", "see", "get", "find"})


def check_pieces(reading: Reading) -> None:
    """Make sure that the pieces fit each other and the metrics.

    Raises:
        Unfit: they do not.
    """
    for check in (
        _about,
        _measures,
        _counted,
        _amounts,
        _averaged,
        _told,
        _growth,
        _ranked_rows,
        _ranked_whole,
        _many,
        _done,
    ):
        check(reading)


def check_slots(slots: Slots, reading: Reading) -> None:
    """Make sure that the slots can be computed and mean one thing.

    Raises:
        Unfit: they cannot, or mean several.
    """
    _timed(slots, reading)
    _one_day(slots, reading)
    _known(slots, reading)
    _rows(slots, reading)
    _limit(slots)
    _share(slots, reading)
    _never(slots, reading)
    _number_or_list(slots, reading)
    _contrast(slots, reading)


def _about(reading: Reading) -> None:
    """Where a table is named, the rows are of that table."""
    lexicon = reading.scene.view.lexicon
    for about in reading.heap.all(About):
        for metric in reading.metrics:
            if about.table not in lexicon.reads[metric.name].tables:
                raise Unfit(f"{metric.title} is not read from {about.table.short}.", lexical=True)


def _measures(reading: Reading) -> None:
    """Two metrics stand side by side only where a word says so: `MRR of customers` names one."""
    places = [piece for piece in reading.heap.pieces if isinstance(piece.meant, (Measure, RankBy))]
    for before, piece in pairwise(places):
        between = reading.scene.words[before.end : piece.start]
        listed = any(word.listed for word in (*between, reading.scene.words[piece.start]))
        if isinstance(piece.meant, Measure) and not listed and not {word.lower for word in between} & _BESIDE:
            said = reading.scene.said(piece.start, piece.end)
            raise Unfit("Two metrics are named side by side.", left_over=(said,), lexical=True)


def _counted(reading: Reading) -> None:
    """`how many` stands before what is counted: `how many customers have 5 tickets` asks for the number of rows."""
    places = [i for i, piece in enumerate(reading.heap.pieces) if isinstance(piece.meant, Counted)]
    for place in places:
        behind = (p.meant for p in reading.heap.pieces[place + 1 :] if not isinstance(p.meant, (Pick, When)))
        measure = next(behind, None)
        if not isinstance(measure, Measure):
            raise Unfit("What is counted is not a metric.", left_over=reading.said(Counted), lexical=True)
        name = next(name for name in reading.resolver.metrics if name in measure.metrics)
        if not countable(reading.scene.view.lexicon.metrics[name], keys(measure.said)):
            raise Unfit(f"{measure.said} is not a count.", left_over=reading.said(Counted), lexical=True)


def _amounts(reading: Reading) -> None:
    """`how much did customers in EMEA pay` asks for money: a number of customers is another answer."""
    if not reading.heap.has(Amount) or reading.heap.has(Change):
        return
    if any(countable(metric, ()) for metric in reading.metrics):
        reason = "It asks for an amount, and what is named is counted."
        raise Unfit(reason, left_over=reading.said(Amount), lexical=True)
    wants_money = any(amount.money for amount in reading.heap.all(Amount))
    if wants_money and not all(_CURRENCY.fullmatch(metric.unit) for metric in reading.metrics):
        raise Unfit("It asks for money, and what is named is in no currency.", left_over=("money",), lexical=True)


def _averaged(reading: Reading) -> None:
    """The average of a metric that is none is another metric."""
    for meant in reading.heap.all(Averaged):
        behind = reading.measure_behind(meant)
        if behind is None or not averaged(reading.scene.view.lexicon.metrics[behind[0]]):
            raise Unfit("It is not said of what the average is taken.", left_over=reading.said(Averaged))


def _told(reading: Reading) -> None:
    """An answer is told in the unit of its metric, whatever else is asked for."""
    for told in reading.heap.all(Told):
        if any(metric.unit.casefold() != told.unit for metric in reading.metrics):
            reason = f"No metric here is told in {told.unit.upper()}."
            raise Unfit(reason, left_over=reading.said(Told), lexical=True)


def _growth(reading: Reading) -> None:
    """`the highest growth` would be ordered by the metric itself; so would a bound on a change or a share."""
    heap = reading.heap
    if heap.has(Change) and heap.has(Rank, RankBy, Bound):
        raise Unfit("Rows are not ordered or bound by a change.", left_over=reading.said(Change))
    if heap.has(Part) and heap.has(Bound):
        raise Unfit("Rows are not bound by a share.", left_over=reading.said(Bound))


def _ranked_rows(reading: Reading) -> None:
    """`top 3 customers by region` can rank within each region or over all."""
    resolve = reading.resolver.dimension
    grouped = {resolve(item) for group in reading.heap.all(Group) for item in group.items if isinstance(item, Noun)}
    ranked = {resolve(rank.noun) for rank in reading.heap.all(Rank) if rank.noun is not None}
    if (grouped and ranked - grouped) or len(ranked) > 1:
        raise Unfit("It is not said within what the rows are ranked.", left_over=reading.said(Rank))


def _ranked_whole(reading: Reading) -> None:
    """`error rate of our top customers` ranks them by something else; `total MRR of our top 10` is one number."""
    for before, piece in pairwise(p for p in reading.heap.pieces if isinstance(p.meant, (Measure, Rank, RankBy))):
        if not isinstance(before.meant, Measure) or not isinstance(piece.meant, Rank) or piece.meant.noun is None:
            continue
        if reading.scene.words[piece.start - 1].lower not in _OF or reading.heap.has(RankBy):
            continue
        said = reading.scene.said(piece.start, piece.end).removeprefix("the ").removeprefix("our ")
        ranked = {word.lower for word in reading.scene.words[piece.start - 1 : piece.end]}
        if not piece.meant.bare and (not ranked & _BY_RANK or "from" in ranked):
            whole = reading.scene.said(before.start, piece.end)
            reason = f"It is not said what makes them `{said}`."
            asked = ((whole, f"{said} by {before.meant.said}"),)
            raise Unfit(reason, left_over=(said,), instead=() if reading.heap.has(Part, Amount) else asked)
        if not all(additive(metric) for metric in reading.metrics):
            raise Unfit(f"It is not said what makes them `{said}`.", left_over=(said,))
        if reading.scene.words[max(before.start - 1, 0)].lower == "total":
            raise Unfit(f"It asks for one number of `{said}`.", left_over=("total",))


def _many(reading: Reading) -> None:
    """`the region with the most customers` orders by their number: that is a metric, not an order of customers."""
    pieces = reading.heap.pieces
    for piece, behind in zip_longest(pieces, pieces[1:]):
        many = {word.lower for word in reading.scene.words[piece.start : piece.end]} & _MANY
        if not many or not isinstance(piece.meant, Rank):
            continue
        beside = behind is not None and behind.start == piece.end and isinstance(behind.meant, Mention)
        if piece.meant.noun is not None or beside:
            raise Unfit("What there is many of is not a metric.", left_over=tuple(many), lexical=True)


def _done(reading: Reading) -> None:
    """`invoices paid last month` were paid then: rows that came in then and are paid now are others."""
    nouns = [piece for piece in reading.heap.pieces if isinstance(piece.meant, Measure)]
    for piece in reading.heap.pieces if reading.when is not None else ():
        words = [word.lower for word in reading.scene.words[piece.start : piece.end]]
        before = [noun for noun in nouns if noun.end <= piece.start]
        if not before or not isinstance(piece.meant, Pick) or piece.meant.noun is not None:
            continue
        happened = len(words) == 1 or bool(_HAPPENED & set(words))
        if happened and words and (words[-1].endswith("ed") or words[-1] in _IRREGULAR):
            noun, said = reading.scene.said(before[-1].start, before[-1].end), reading.scene.words[piece.end - 1].text
            reason = f"`{said}` tells what {noun} are now, not when that came about."
            whole = reading.scene.said(before[-1].start, piece.end)
            between = {word.lower for word in reading.scene.words[before[-1].end : piece.start]}
            raise Unfit(reason, instead=((whole, f"{said} {noun}"),) if between <= _HAPPENED else ())


def _timed(slots: Slots, reading: Reading) -> None:
    for metric in reading.metrics:
        if metric.time is None and (slots.grain is not None or slots.period is not None):
            said = slots.period.said if slots.period else str(slots.grain)
            raise Unfit(f"{metric.title} has no time of its own.", left_over=(said,))


def _one_day(slots: Slots, reading: Reading) -> None:
    """What is measured on one day has a value for a span that is over, and none for `since March` or `May and June`."""
    stock = any(metric.time is not None and metric.time.kind is TimeKind.STOCK for metric in reading.metrics)
    if not stock or slots.grain is not None or slots.period is None or slots.versus is not None:
        return
    when, said = reading.when, slots.period.said
    if (when is not None and when.lean in {"since", "after"}) or reading.heap.has(Spans):
        raise Unfit(f"What is measured on one day has no value `{said}`.", instead=((said, f"{said} by month"),))


def _known(slots: Slots, reading: Reading) -> None:
    for name in (*slots.dimensions, *(each.dimension for each in slots.filters)):
        if not reading.resolver.known(name):
            raise Unfit(f"`{name}` is not {reading.resolver.offered()}", left_over=(name,))
        reading.resolver.readable([name])


def _rows(slots: Slots, reading: Reading) -> None:
    grouped = bool(slots.dimensions) or slots.grain is not None
    if not grouped and (slots.order is not None or slots.thresholds or reading.heap.has(Listing, Shown)):
        said = reading.said(Rank, RankBy, Bound, Listing, Shown)
        raise Unfit("It is not said what the rows are.", left_over=said, lexical=True)


def _limit(slots: Slots) -> None:
    if slots.order is not None and slots.order.limit is not None and slots.grain is not None and slots.dimensions:
        raise Unfit("The limit can hold once or anew each time.", left_over=(f"{slots.order.limit}",))


def _share(slots: Slots, reading: Reading) -> None:
    if slots.share is None:
        return
    kept = [each for each in slots.filters if not each.negated]
    heap = reading.heap
    part = next((p for p in heap.pieces if isinstance(p.meant, Part)), None)
    behind = reading.scene.words[part.end :] if part is not None else ()
    if kept and slots.dimensions and part is not None:
        # `share of urgent tickets by region` can be that of tickets that are urgent; `of tickets in EMEA` is of EMEA.
        whole = next((p.start for p in heap.pieces if isinstance(p.meant, Measure) and p.end > part.end), part.start)
        first = any(isinstance(p.meant, Pick) and p.end <= whole for p in heap.pieces)
        if first or {word.lower for word in behind} & _BEING:
            raise Unfit("It is not said which part of what.", left_over=reading.said(Part))
    if any(each.dimension in slots.dimensions for each in kept):
        raise Unfit("It is not said which part of what.", left_over=reading.said(Part))
    if len(slots.metrics) > 1 or slots.versus is not None or not (slots.dimensions or len(kept) == 1):
        raise Unfit("It is not said which part of what.", left_over=reading.said(Part))


def _never(slots: Slots, reading: Reading) -> None:
    """`customers not on the Pro plan` have no subscription of it, whatever others they have."""
    dimensions = reading.scene.view.lexicon.dimensions
    for each in (each for each in slots.filters if each.negated and each.dimension not in slots.dimensions):
        if not all(determines(metric, dimensions[metric.name, each.dimension]) for metric in reading.metrics):
            raise Unfit(f"What is counted can be of several of `{each.dimension}`.", left_over=each.values)


def _number_or_list(slots: Slots, reading: Reading) -> None:
    """`show me customers` can ask for a number or for names."""
    shown = {word.lower for word in reading.scene.words} & _SHOW
    if slots.dimensions or slots.grain is not None or not shown or reading.heap.has(Counted):
        return
    lexicon = reading.scene.view.lexicon
    for measure in reading.heap.all(Measure):
        meaning = lexicon.phrases.get(keys(measure.said))
        counts = all(countable(lexicon.metrics[name], ()) for name in measure.metrics)
        if meaning is not None and meaning.dimensions and counts:
            instead = ((measure.said, f"how many {measure.said}"),)
            raise Unfit(f"`{measure.said}` can be a number or a list.", instead=instead)


def _contrast(slots: Slots, reading: Reading) -> None:
    """`compare` lays something side by side: two spans, values, or the groups of a dimension."""
    if not reading.heap.has(Contrast):
        return
    before = {reading.scene.words[p.start - 1].lower for p in reading.heap.pieces if isinstance(p.meant, When)}
    if slots.versus is None and (not slots.dimensions or before & {"with", "to", "and", "against"}):
        raise Unfit("It is not said what is compared.", left_over=reading.said(Contrast))
