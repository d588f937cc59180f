"""The span that another is compared with."""

from __future__ import annotations

from datetime import date, timedelta

from agents.ask.cover.calendar import Grain, Span, begin, shift, whole
from agents.ask.cover.matchers.periods import side_by_side
from agents.ask.cover.pieces import Versus, When
from agents.ask.cover.slots import Period, Slots
from agents.ask.cover.unfit import Unfit
from townlake.catalog.knowledge.model import Metric, TimeKind


def compared_period(slots: Slots, when: When | None, versus: Versus, metrics: tuple[Metric, ...], as_of: date) -> Slots:
    """The slots with the span to compare with.

    Args:
        slots: what was asked, with the first span, be it from the question before.
        when: the first span as it was said in this question.
        versus: what it is compared with.
        metrics: the metrics, of which a stock is measured on the last day of each span.
        as_of: the lake's today.

    Raises:
        Unfit: there is no first span, or the two cannot be compared.
    """
    stock = all(metric.time is not None and metric.time.kind is TimeKind.STOCK for metric in metrics)
    if slots.period is None:
        slots, versus = _begun(slots, versus, stock, as_of)
    if versus.series and slots.grain is None and _holds_several(slots.period, versus.unit):
        slots = slots.model_copy(update={"grain": Grain(versus.unit)})
    if slots.grain is not None:
        return slots.model_copy(update=_series(slots, slots.grain, versus))
    period = slots.period
    if period is None:
        raise Unfit("It is not said which span is compared.")
    if versus.when is None:
        unit = versus.unit if versus.unit != "period" else period.unit
        other = Period(said=f"one {unit or 'span'} earlier", span=moved(period.span, unit), unit=unit)
        return slots.model_copy(update={"versus": other.model_copy(update={"moment": period.moment})})
    return slots.model_copy(update=_in_order(*_pair(period, when, versus.when, as_of), stock))


def in_step(slots: Slots) -> Slots:
    """A series whose rows meet those one unit earlier, where two spans were compared in the question before.

    Raises:
        Unfit: the other span is not one unit earlier.
    """
    grain, period, versus = slots.grain, slots.period, slots.versus
    if grain is None or period is None or versus is None:
        return slots
    if period.span.start is None or not versus.unit or versus.span.start != shift(versus.unit, period.span.start, -1):
        raise Unfit("A series is compared unit by unit only.", left_over=(versus.said,))
    return slots.model_copy(update=_series(slots, grain, Versus(unit=versus.unit)))


def _begun(slots: Slots, versus: Versus, stock: bool, as_of: date) -> tuple[Slots, Versus]:
    """Where no span is named: a stock of today, or the unit that runs beside the same days of the one before."""
    tomorrow = as_of + timedelta(days=1)
    if versus.series and (slots.grain is None or slots.grain == versus.unit):
        # `month over month` without a span is a series.
        return slots.model_copy(update={"grain": Grain(versus.unit)}), versus
    unit = versus.unit or _unit_before(versus, as_of)
    if stock and slots.grain is None and unit != "period":
        now = Period(said="now", span=Span(until=tomorrow), moment=True)
        # `compared with last year` is one year ago, as it is for what flows.
        return slots.model_copy(update={"period": now}), Versus(unit=unit) if unit else versus
    if unit in {"", "period"} or unit == "day":
        said = versus.when.period.said if versus.when else versus.unit
        raise Unfit("It is not said which span is compared.", left_over=(said,))
    if slots.grain is not None and unit == slots.grain:
        return slots, Versus(unit=unit)
    running = Span(start=begin(unit, as_of), until=tomorrow)
    period = Period(said="", span=running, unit=unit, note=f"this {unit} so far")
    return slots.model_copy(update={"period": period}), Versus(unit=unit)


def _unit_before(versus: Versus, as_of: date) -> str:
    """The unit of which the span is the last whole one: that of `last year`."""
    period = versus.when.period if versus.when is not None else None
    unit = period.unit if period is not None else ""
    before = whole(unit, shift(unit, begin(unit, as_of), -1)) if unit else None
    return unit if period is not None and period.span == before else ""


def _series(slots: Slots, grain: Grain, versus: Versus) -> dict[str, Period]:
    """A series beside the same one, one unit earlier."""
    unit, period = versus.unit, slots.period
    if versus.when is not None:
        other = versus.when.period
        unit = period.unit if period is not None else ""
        start = period.span.start if period is not None else None
        if not unit or start is None or other.span.start != shift(unit, start, -1) or other.unit != unit:
            raise Unfit("A series is compared unit by unit only.", left_over=(other.said,))
    if unit == "period":
        unit = str(grain)
    if not _contains(unit, grain):
        raise Unfit(f"A series by {grain} is not compared by {unit}.", left_over=(unit,))
    span = moved(period.span, unit) if period is not None else Span()
    return {"versus": Period(said=f"one {unit} earlier" if period else unit, span=span, unit=unit)}


def _pair(period: Period, when: When | None, other: When, as_of: date) -> tuple[Period, Period]:
    pair = side_by_side(when, other, as_of) if when is not None else (period, other.period)
    if pair is None:
        raise Unfit("It is not said of which year the spans are.", left_over=(period.said,))
    return pair


def _in_order(period: Period, versus: Period, stock: bool) -> dict[str, Period]:
    """`2024 vs 2025` as `2025 vs 2024`: what comes before is the earlier one.

    Raises:
        Unfit: the spans are of different kinds.
    """
    if period.moment != versus.moment and stock:
        # `at the end of 2024 vs 2025`: both are days on which something is measured.
        period, versus = (
            p.model_copy(update={"moment": True, "span": Span(until=p.span.until)}) for p in (period, versus)
        )
    ends = (period.span.until, versus.span.until)
    unlike = (period.span.start is None) != (versus.span.start is None) or period.unit != versus.unit
    same = ends[0] == ends[1] if stock else period.span == versus.span
    if None in ends or same or (unlike and not stock):
        raise Unfit("These two spans cannot be compared.", left_over=(versus.said,))
    first, second = sorted((period, versus), key=lambda each: (str(each.span.until), str(each.span.start)))
    return {"period": second, "versus": first}


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


def _holds_several(period: Period | None, unit: str) -> bool:
    """True when a span is longer than the unit: `month over month this year` is a series."""
    span = period.span if period is not None else Span()
    return span.start is not None and span.until is not None and shift(unit, span.start, 1) < span.until


def _contains(unit: str, grain: Grain) -> bool:
    """True when a whole number of the grain make the unit, so that a series can be moved by it."""
    return (grain, unit) in {
        (Grain.DAY, "day"), (Grain.DAY, "week"), (Grain.WEEK, "week"), (Grain.MONTH, "month"), (Grain.MONTH, "quarter"),
        (Grain.MONTH, "year"), (Grain.QUARTER, "quarter"), (Grain.QUARTER, "year"), (Grain.YEAR, "year"),
    }  # fmt: skip
