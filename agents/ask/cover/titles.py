"""What an answer is of, in one line: so that a reader sees what was understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.ask.cover.slots import Slots
from townlake.catalog.knowledge.model import Metric


def titled(slots: Slots, metrics: Sequence[Metric]) -> str:
    """The metrics, what they are grouped and kept by, and the days.

    >>> from agents.ask.cover.slots import Filter
    >>> titled(Slots(dimensions=("region",), filters=(Filter(dimension="plan", values=("Pro",)),)), ())
    ' by region, plan Pro'
    """
    by = [*([str(slots.grain)] if slots.grain is not None else []), *slots.dimensions]
    head = " and ".join(metric.title for metric in metrics) + (f" by {' and '.join(by)}" if by else "")
    return ", ".join([head.replace("_", " "), *_kept(slots), *_days(slots)])


def _kept(slots: Slots) -> Iterator[str]:
    for each in slots.filters:
        yield f"{each.dimension.replace('_', ' ')} {'not ' if each.negated else ''}{' or '.join(each.values)}"


def _days(slots: Slots) -> Iterator[str]:
    spans = [str(p.span) for p in (slots.period, slots.versus) if p is not None and (p.span.start or p.span.until)]
    if spans:
        yield " compared with ".join(spans)
