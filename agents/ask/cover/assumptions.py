"""What an answer took for granted, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from agents.ask.cover.compose.block import Block
from agents.ask.cover.heap import BOUND, Heap
from agents.ask.cover.slots import Compare, Filter, Slots
from agents.ask.cover.words import keys
from townlake.catalog.knowledge.model import Metric, TimeKind
from townlake.catalog.knowledge.repeats import Repeat

_UNLIKE_DAYS = 3
"""Months and quarters differ by as much."""


def assumptions(
    slots: Slots, before: Slots | None, metrics: Mapping[str, Metric], blocks: Sequence[Block], as_of: date
) -> tuple[str, ...]:
    """Sentences on the standing filters, the unit, the days, the values, the order, and what was kept from before."""
    chosen = [metrics[name] for name in slots.metrics]
    found = [*_standing(chosen), *_time(slots, chosen, blocks, as_of), *_values(slots.filters), *_order(slots)]
    if before is not None:
        found += _kept(slots, before)
    return tuple(dict.fromkeys(found))


def settled_words(heap: Heap, slots: Slots, metrics: Mapping[str, Metric]) -> Iterator[str]:
    """A word for several metrics of which only one can be asked in this way."""
    for measure in heap.measures:
        meant = [metrics[name].title for name in slots.metrics if name in measure.metrics]
        others = sorted(metrics[name].title for name in measure.metrics.difference(slots.metrics))
        if len(meant) == 1 and others:
            said = "The bound" if measure.said == BOUND else f"`{measure.said}`"
            instead = f"you cannot ask for {' and '.join(others)}, which it can also mean, in this way."
            yield f"{said} is {meant[0]} here: {instead}"


def unproven(repeats: Iterable[Repeat]) -> Iterator[str]:
    """What would have to hold for each row to be counted once, where no key shows it."""
    for repeat in repeats:
        yield f"At most one row of {repeat.table} belongs to each row that is counted; no declared key shows that."


def _standing(metrics: Sequence[Metric]) -> Iterator[str]:
    for metric in metrics:
        yield from metric.assumptions or (f"{metric.title}: only rows with `{each}`." for each in metric.filters)
        if metric.unit and not set(keys(metric.unit)) <= set(keys(metric.title)):
            yield f"{metric.title} is in {metric.unit}."


def _time(slots: Slots, metrics: Sequence[Metric], blocks: Sequence[Block], as_of: date) -> Iterator[str]:
    for period in (slots.period, slots.versus):
        if period is not None and period.said and (period.span.start or period.span.until):
            yield f"`{period.said}` is {period.span}{f' ({period.note})' if period.note else ''}."
        elif period is not None and period.note:
            yield f"No span was named: {period.note}, {period.span}."
    yield from _unlike(slots)
    for metric in metrics:
        if metric.time is not None and metric.time.kind is TimeKind.STOCK:
            yield _measured(metric, slots, blocks, as_of)
        elif metric.time is not None:
            yield from _counted(metric, slots)
    past = slots.period is not None and (slots.period.span.last or as_of) < as_of
    if past and slots.filters and any(m.time is not None and m.time.kind is TimeKind.STOCK for m in metrics):
        yield "What is kept and left out is told by the values of today."


def _counted(metric: Metric, slots: Slots) -> Iterator[str]:
    period, column = slots.period, (metric.time.column if metric.time is not None else None) or ""
    if slots.filters and period is not None:
        # Which rows count is told by another column than when they count.
        yield f"{metric.title}: by the day of `{column.rpartition('.')[2]}`."
    if period is None:
        yield f"No span was named: {metric.title} over all time."
    elif period.moment and period.span.start is None:
        yield f"{metric.title}: all time up to {period.span.last}."


def _unlike(slots: Slots) -> Iterator[str]:
    """A word on spans of different length, which compare badly."""
    spans = [period.span for period in (slots.period, slots.versus) if period is not None]
    days = [(span.until - span.start).days for span in spans if span.until is not None and span.start is not None]
    if len(days) == 2 and abs(days[0] - days[1]) > _UNLIKE_DAYS:
        yield f"The spans differ in length: {days[0]} and {days[1]} days."


def _measured(metric: Metric, slots: Slots, blocks: Sequence[Block], as_of: date) -> str:
    mine = [block for block in blocks if any(column.metric.name == metric.name for column in block.columns)]
    if slots.grain is None:
        days = " and ".join(dict.fromkeys(str(block.measured_on) for block in mine))
        today = " (today in the lake)" if all(block.measured_on == as_of for block in mine) else ""
        return f"{metric.title}: measured at the end of {days}{today}."
    text = f"{metric.title}: measured at the end of each {slots.grain}"
    last = mine[0].series()[-1].measured_on
    over = last + timedelta(days=1) > as_of
    return f"{text}; the last one at the end of {last}." if over else f"{text}."


def _values(filters: Sequence[Filter]) -> Iterator[str]:
    for each in filters:
        values = ", ".join(each.values)
        how = "leaves out" if each.negated else "is"
        yield f"{each.dimension} {how} {values}."


def _order(slots: Slots) -> Iterator[str]:
    low = any(bound.compare in {Compare.UNDER, Compare.AT_MOST} for bound in slots.thresholds)
    if slots.dimensions and (low or (slots.order is not None and not slots.order.descending)):
        yield "What has no row at all is not listed, though it has the least."
    if slots.order is None or slots.order.limit is None:
        return
    keys = [*([str(slots.grain)] if slots.grain is not None else []), *slots.dimensions]
    rows = "row is" if slots.order.limit == 1 else f"{slots.order.limit} rows are"
    first = "highest" if slots.order.descending else "lowest"
    yield f"Only the {first} {rows} shown; ties are settled by {' and '.join(keys)}."


def _kept(slots: Slots, before: Slots) -> Iterator[str]:
    kept: list[str] = []
    if slots.metrics == before.metrics:
        kept += slots.metrics
    if slots.dimensions and slots.dimensions == before.dimensions:
        kept.append(f"by {' and '.join(slots.dimensions)}")
    if slots.grain is not None and slots.grain == before.grain:
        kept.append(f"by {slots.grain}")
    kept += [f"{each.dimension} {', '.join(each.values)}" for each in slots.filters if each in before.filters]
    if slots.period is not None and slots.period == before.period:
        kept.append(slots.period.said)
    if kept:
        yield f"Kept from the question before: {', '.join(kept)}."
