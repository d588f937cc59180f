"""How a metric meets a span of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from agents.ask.cover.calendar import Grain, Span, begin, shift
from agents.ask.cover.compose.literals import day
from agents.ask.cover.unfit import Unfit
from townlake.catalog.knowledge.expressions import parse_expression
from townlake.catalog.knowledge.model import TimeColumn, TimeType

_MOST = 400


@dataclass(frozen=True, slots=True)
class Bucket:
    """One row of a series of a stock: its label, and the day on which it is measured."""

    label: date
    measured_on: date


def buckets(span: Span, grain: Grain, as_of: date, earlier: str = "") -> tuple[Bucket, ...]:
    """The rows of a series over a span: each is measured on its last day, the one that is not over at `as_of`.

    With `earlier`, each is measured one such unit earlier and keeps its label, to be laid beside the series itself.

    >>> span = Span(start=date(2026, 7, 1), until=date(2026, 9, 1))
    >>> [str(bucket.measured_on) for bucket in buckets(span, Grain.MONTH, date(2026, 8, 15))]
    ['2026-07-31', '2026-08-15']

    Raises:
        Unfit: the span has no beginning, or holds nothing, or too many rows.
    """
    if span.start is None or span.until is None:
        raise Unfit("The series has no beginning or no end.", left_over=(f"by {grain}",))
    found: list[Bucket] = []
    label = begin(grain, span.start)
    while label < span.until and label <= as_of and len(found) <= _MOST:
        after = shift(grain, label, 1)
        measured = min(after, span.until, as_of + timedelta(days=1))
        if earlier:
            before = shift(earlier, label, -1)
            whole = shift(grain, before, 1)
            measured = whole if measured == after else min(whole, shift(earlier, measured, -1))
        found.append(Bucket(label, measured - timedelta(days=1)))
        label = after
    if not found or len(found) > _MOST:
        raise Unfit(f"The span holds no {grain} or more than {_MOST}.", left_over=(f"by {grain}",))
    return tuple(found)


def within(time: TimeColumn, span: Span) -> list[exp.Expr]:
    """The predicates that keep a flow's rows within a span, half-open."""
    column = parse_expression(time.column or "NULL")
    kept: list[exp.Expr] = []
    if span.start is not None:
        kept.append(exp.GTE(this=column.copy(), expression=day(span.start, time.type)))
    if span.until is not None:
        kept.append(exp.LT(this=column.copy(), expression=day(span.until, time.type)))
    return kept


def valid_on(time: TimeColumn, measured_on: date | exp.Expr) -> list[exp.Expr]:
    """The predicates that keep a stock's rows that are valid at the end of a day."""
    start = parse_expression(time.valid_from or "NULL")
    if time.type is TimeType.DATE:
        moment = day(measured_on) if isinstance(measured_on, date) else measured_on
        kept: list[exp.Expr] = [exp.LTE(this=start, expression=moment.copy())]
    else:
        moment = _midnight_after(measured_on, time.type)
        kept = [exp.LT(this=start, expression=moment.copy())]
    if time.valid_to is not None:
        end = parse_expression(time.valid_to)
        later = exp.GT if time.type is TimeType.DATE else exp.GTE
        still = exp.Is(this=end.copy(), expression=exp.Null())
        kept.append(exp.paren(exp.or_(still, later(this=end, expression=moment.copy())), copy=False))
    return kept


def _midnight_after(measured_on: date | exp.Expr, kind: TimeType) -> exp.Expr:
    if isinstance(measured_on, date):
        return day(measured_on + timedelta(days=1), kind)
    return added("day", 1, measured_on)


def bucket_of(time: TimeColumn, grain: Grain, earlier: str = "") -> exp.Expr:
    """The first day of the unit in which a flow's row lies, one such unit later with `earlier`."""
    column = parse_expression(time.column or "NULL")
    if time.type is TimeType.ZONED:
        column = exp.AtTimeZone(this=column, zone=exp.Literal.string("UTC"))
    if time.type is not TimeType.DATE:
        column = exp.cast(column, exp.DType.DATE)
    if grain is not Grain.DAY:
        column = exp.TimestampTrunc(this=column, unit=exp.var(grain.value.upper()))
    return added(earlier, 1, column) if earlier else column


def added(unit: str, count: int, to: exp.Expr) -> exp.Expr:
    """`date_add` in Trino."""
    return exp.DateAdd(this=to.copy(), expression=exp.Literal.number(count), unit=exp.var(unit.upper()))
