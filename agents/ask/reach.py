"""How far the rows of a metric reach: a figure over days without any would be low, or 0, without looking so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.ask.cover.lexicon import aliases
from agents.ask.cover.slots import Period, Slots
from townlake.catalog.knowledge.expressions import columns, parse_expression, view_expression
from townlake.catalog.knowledge.model import Metric, TimeKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from agents.ask.run_context import Run
    from townlake.domain.names import TableRef


def out_of_reach(slots: Slots, metrics: tuple[Metric, ...], as_of: date, run: Run) -> str:
    """Why there can be no rows: the days are still to come, or lie before the first; empty when there can be some."""
    if slots.period is None:
        return ""
    for period in (slots.period, slots.versus):
        if period is not None and period.span.start is not None and period.span.start > as_of:
            return f"`{period.said}` has not begun: in the lake, today is {as_of}."
    firsts = {metric.title: first_day(metric, run) for metric in metrics}
    last = slots.period.span.last
    if last is None or not all(first is not None and first > last for first in firsts.values()):
        return ""
    begun = " and ".join(f"for {title} there is nothing before {first}" for title, first in firsts.items())
    return f"`{slots.period.said}` is too early: {begun}."


def cautions(slots: Slots, metrics: tuple[Metric, ...], run: Run) -> Iterator[str]:
    """What to say of spans that begin before the first row."""
    spans = [period for period in (slots.period, slots.versus) if period is not None]
    for metric in metrics:
        on_one_day = slots.grain is None and metric.time is not None and metric.time.kind is TimeKind.STOCK
        starts = [day for period in spans if (day := _first_needed(period, on_one_day=on_one_day)) is not None]
        first = first_day(metric, run) if starts else None
        if first is not None and min(starts) < first:
            yield f"for {metric.title} there is nothing before {first}"


def first_day(metric: Metric, run: Run) -> date | None:
    """The day of the first row of a metric, read as the caller and remembered while catalog and policy stay.

    None when the metric has no time, or its table no rows.
    """
    time = metric.time
    text = (time.column or time.valid_from) if time is not None else None
    if text is None:
        return None
    used = {alias for alias, _ in columns(view_expression(text))}
    tables = aliases(metric)
    if len(used) != 1 or not used <= set(tables):
        return None
    (alias,) = used
    key = (tables[alias], text)
    if key not in run.outlook.first_days:
        run.outlook.first_days[key] = _read(text, tables[alias], alias, run)
    return run.outlook.first_days[key]


def _read(text: str, table: TableRef, alias: str, run: Run) -> date | None:
    from sqlglot import exp

    first = exp.Min(this=exp.cast(parse_expression(text), exp.DType.DATE))
    source = exp.alias_(exp.table_(table.name, db=table.namespace, catalog=table.catalog), alias, table=True)
    sql = exp.select(exp.alias_(first, "first_day")).from_(source).sql("trino")
    verdict = run.with_.lake.check(sql, run.principal, may_ask=False)
    if not verdict.passed:
        return None
    found: date | None = run.with_.lake.run(verdict, cancelled=run.cancelled, run_id=run.run_id).table[0][0].as_py()
    return found


def _first_needed(period: Period, *, on_one_day: bool) -> date | None:
    """The first day that a span speaks of; what is measured on one day needs no other."""
    return period.span.last if on_one_day else period.span.start
