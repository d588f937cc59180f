"""The span that another is compared with."""

from __future__ import annotations

from datetime import date, timedelta

from agents.ask.cover.calendar import Grain, Span, begin, shift
from agents.ask.cover.pieces import Versus
from agents.ask.cover.slots import Period, Slots
from agents.ask.cover.unfit import Unfit
from townlake.catalog.knowledge.model import Metric, TimeKind


def compared_period(slots: Slots, versus: Versus, metrics: tuple[Metric, ...], as_of: date) -> Slots:
    """The slots with the span to compare with.

    Raises:
        Unfit: there is no first span, or it has no beginning.
    """
    stock = all(metric.time is not None and metric.time.kind is TimeKind.STOCK for metric in metrics)
    period = slots.period
    if period is None and versus.unit in set(Grain) and (slots.grain is None or slots.grain == versus.unit):
        # `month over month` without a span is a series.
        slots = slots.model_copy(update={"grain": Grain(versus.unit)})
    if period is None and slots.grain is None:
        if not stock or versus.period is None:
            raise Unfit(
                "It is not said which span is compared.",
                left_over=(versus.period.said if versus.period else versus.unit,),
            )
        now = Period(said="now", span=Span(until=as_of + timedelta(days=1)), moment=True)
        return slots.model_copy(update={"period": now, "versus": versus.period})
    if versus.period is not None:
        if slots.grain is not None:
            raise Unfit("A series is compared unit by unit only.", left_over=(versus.period.said,))
        return slots.model_copy(update=_in_order(slots.period, versus.period))
    if slots.grain is not None and (versus.unit == "period" or not _contains(versus.unit, slots.grain)):
        versus = Versus(unit=str(slots.grain))
    if period is None:
        return slots.model_copy(update={"versus": Period(said=versus.unit, span=Span(), unit=versus.unit)})
    unit = versus.unit if versus.unit != "period" else period.unit
    span = moved(period.span, unit)
    return slots.model_copy(update={"versus": Period(said=f"one {unit or 'span'} earlier", span=span, unit=unit)})


def _in_order(period: Period | None, versus: Period) -> dict[str, Period | None]:
    """`2024 vs 2025` as `2025 vs 2024`: what comes before is the earlier one."""
    start, other = (period.span.start if period else None), versus.span.start
    if start is not None and other is not None and other > start:
        return {"period": versus, "versus": period}
    return {"period": period, "versus": versus}


def moved(span: Span, unit: str) -> Span:
    """The span one unit earlier; without a unit, the span of the same length before it.

    >>> str(moved(Span(start=date(2026, 4, 1), until=date(2026, 7, 1)), "quarter"))
    '2026-01-01 to 2026-03-31'
    >>> str(moved(Span(start=date(2026, 4, 1), until=date(2026, 10, 1)), ""))
    '2025-10-01 to 2026-03-31'
    """
    if unit:
        start = shift(unit, span.start, -1) if span.start else None
        until = shift(unit, span.until, -1) if span.until else None
        return Span(start=start, until=until)
    if span.start is None or span.until is None:
        raise Unfit("The span to compare has no beginning or no end.", left_over=("previous period",))
    if begin("month", span.start) == span.start and begin("month", span.until) == span.until:
        months = (span.until.year - span.start.year) * 12 + span.until.month - span.start.month
        return Span(start=shift("month", span.start, -months), until=span.start)
    return Span(start=span.start - (span.until - span.start), until=span.start)


def _contains(unit: str, grain: Grain) -> bool:
    """True when a whole number of the grain make the unit, so that a series can be moved by it."""
    return (grain, unit) in {
        (Grain.DAY, "day"), (Grain.DAY, "week"), (Grain.WEEK, "week"), (Grain.MONTH, "month"), (Grain.MONTH, "quarter"),
        (Grain.MONTH, "year"), (Grain.QUARTER, "quarter"), (Grain.QUARTER, "year"), (Grain.YEAR, "year"),
    }  # fmt: skip
