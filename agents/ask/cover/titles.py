"""What an answer is of, in one line: so that a reader sees what was understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.ask.cover.slots import Slots
from townlake.catalog.knowledge.model import Metric, TimeKind


def titled(slots: Slots, metrics: Sequence[Metric]) -> str:
    """The metrics, what they are grouped and kept by, and the days.

    >>> from agents.ask.cover.slots import Filter
    >>> titled(Slots(dimensions=("region",), filters=(Filter(dimension="plan", values=("Pro",)),)), ())
    ' by region, plan Pro'
    """
    by = [*([str(slots.grain)] if slots.grain is not None else []), *slots.dimensions]
    head = " and ".join(metric.title for metric in metrics) + (f" by {' and '.join(by)}" if by else "")
    on_one_day = slots.grain is None and all(m.time is not None and m.time.kind is TimeKind.STOCK for m in metrics)
    return ", ".join(
        [head.replace("_", " "), *kept_words(slots), *_days(slots, on_one_day=on_one_day and bool(metrics))]
    )


def kept_words(slots: Slots) -> Iterator[str]:
    """The bounds and values that rows are kept by."""
    for bound in slots.thresholds:
        yield f"only where {(bound.metric or '').replace('_', ' ')} {bound.compare} {bound.number:,f}"
    for each in slots.filters:
        yield f"{each.dimension.replace('_', ' ')} {'not ' if each.negated else ''}{' or '.join(each.values)}"


def _days(slots: Slots, *, on_one_day: bool) -> Iterator[str]:
    spans = [p.span for p in (slots.period, slots.versus) if p is not None and (p.span.start or p.span.until)]
    if spans:
        at = "at the end of " if on_one_day else ""
        yield at + " compared with ".join(str(span.last if on_one_day else span) for span in spans)
