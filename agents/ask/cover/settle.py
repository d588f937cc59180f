"""Gives a span to what cannot be computed without one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from agents.ask.cover.calendar import Grain, Span, begin, shift
from agents.ask.cover.slots import Period, Slots
from townlake.catalog.knowledge.model import Metric, TimeKind

_DEFAULT: Final = {Grain.DAY: 30, Grain.WEEK: 13, Grain.MONTH: 12, Grain.QUARTER: 8, Grain.YEAR: 5}


def settled(slots: Slots, metrics: tuple[Metric, ...], as_of: date) -> Slots:
    """The slots with a span that has a beginning, where a series of a stock or a comparison needs one.

    The same span then holds for all metrics of the question, so that their rows meet.
    """
    stock = any(metric.time is not None and metric.time.kind is TimeKind.STOCK for metric in metrics)
    if slots.grain is None or not (stock or slots.versus is not None):
        return slots
    period = slots.period
    if period is not None and period.span.start is not None and period.span.until is not None:
        return slots
    until = period.span.until if period is not None and period.span.until is not None else as_of + timedelta(days=1)
    start = period.span.start if period is not None else None
    count = _DEFAULT[slots.grain]
    if start is None:
        start = shift(slots.grain, begin(slots.grain, until - timedelta(days=1)), 1 - count)
    said = period.said if period is not None else ""
    note = f"the series has its last {count} {slots.grain}s"
    chosen = Period(said=said, span=Span(start=start, until=until), unit=str(slots.grain), note=note)
    updated: dict[str, object] = {"period": chosen}
    if slots.versus is not None and slots.versus.span == Span():
        moved = Span(start=shift(slots.versus.unit, start, -1), until=shift(slots.versus.unit, until, -1))
        updated["versus"] = slots.versus.model_copy(update={"span": moved})
    return slots.model_copy(update=updated)
