"""A question that goes on from the one before."""

from __future__ import annotations

from agents.ask.cover.slots import Filter, Slots


def merged(new: Slots, before: Slots, *, adds: bool) -> Slots:
    """The slots of the question before, with what the new one says in place of it, or beside it after `also`.

    What rows are grouped by is one thing: `and by plan?` after `by region` asks for plans, not for both.
    """
    regrouped = bool(new.dimensions) or new.grain is not None
    dimensions, grain = (new.dimensions, new.grain) if regrouped else (before.dimensions, before.grain)
    if regrouped and adds:
        dimensions = tuple(dict.fromkeys((*before.dimensions, *new.dimensions)))
        grain = new.grain or before.grain
    # What bounds, orders and cuts speaks of the rows that were there.
    others = regrouped and not adds
    order = new.order or (None if others else before.order)
    metrics = new.metrics or before.metrics
    if order is not None and order.metric is not None and order.metric not in metrics:
        order = order.model_copy(update={"metric": None})
    if grain is not None and before.grain is None and order is before.order:
        order = None
    if new.order is not None and before.order is not None and new.order.limit is None and not others:
        order = new.order.model_copy(update={"limit": before.order.limit})
    return Slots(
        metrics=metrics,
        dimensions=dimensions,
        grain=grain,
        filters=_filters(new.filters, before.filters, adds=adds),
        period=new.period or before.period,
        versus=None if new.period else before.versus,
        order=order,
        thresholds=new.thresholds or tuple(b for b in before.thresholds if b.metric in metrics and not others),
        share=new.share or before.share,
    )


def _filters(new: tuple[Filter, ...], before: tuple[Filter, ...], *, adds: bool) -> tuple[Filter, ...]:
    named = {each.dimension for each in new}
    kept = [each for each in before if each.dimension not in named]
    if not adds:
        return (*kept, *new)
    joined = [
        each.model_copy(update={"values": tuple(dict.fromkeys((*old.values, *each.values)))}) if old else each
        for each in new
        for old in [next((b for b in before if (b.dimension, b.negated) == (each.dimension, each.negated)), None)]
    ]
    return (*kept, *joined)
