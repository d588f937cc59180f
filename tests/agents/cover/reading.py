"""Slots in one line, as the data files beside the tests have them."""

from __future__ import annotations

from agents.ask.cover.slots import Slots


def line(slots: Slots) -> str:
    """Metrics, then what they are grouped, filtered, measured, ordered and bound by."""
    keys = [*([str(slots.grain)] if slots.grain else []), *slots.dimensions]
    parts = [" + ".join(slots.metrics), f"by {', '.join(keys)}" if keys else ""]
    parts += [f"{each.dimension} {'not ' if each.negated else ''}{' | '.join(each.values)}" for each in slots.filters]
    if slots.period:
        parts.append(f"{'at ' if slots.period.moment else ''}{slots.period.span}")
    if slots.versus:
        parts.append(f"versus {slots.versus.span}")
    if slots.order:
        order = "descending" if slots.order.descending else "ascending"
        metric = f" by {slots.order.metric}" if slots.order.metric else ""
        parts.append(f"{order}{metric}{f' limit {slots.order.limit}' if slots.order.limit else ''}")
    parts += [f"{bound.metric} {bound.compare} {bound.number}" for bound in slots.thresholds]
    parts.append(str(slots.share) if slots.share else "")
    return "; ".join(part for part in parts if part)
