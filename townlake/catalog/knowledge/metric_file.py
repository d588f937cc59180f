"""Reading `metrics/*.yaml`: one metric a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from sqlglot import exp

from townlake.catalog.knowledge.expressions import (
    MEASURED_ON,
    NotReadable,
    aggregates,
    columns,
    is_aggregate,
    placeholders,
    view_expression,
)
from townlake.catalog.knowledge.faults import Report
from townlake.catalog.knowledge.fields import read_mapping, read_value
from townlake.catalog.knowledge.joins import join_of, reach
from townlake.catalog.knowledge.model import Metric, TimeKind

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_GRAINS: Final = frozenset({"day", "week", "month", "quarter", "year"})


def read_metric(text: str, report: Report) -> Metric | None:
    """The metric of one file; None, and its faults in the report, when anything is wrong with it."""
    content = read_mapping(text, report)
    metric = read_value(Metric, content, report) if report.clean else None
    if metric is None:
        return None
    for check in _CHECKS:
        check(metric, report)
    return metric if report.clean else None


def _names(metric: Metric, report: Report) -> None:
    if not _NAME.fullmatch(metric.name):
        report.add("name", f"`{metric.name}` is not in snake case.", "Write `monthly_revenue`.")
    for i, dimension in enumerate(metric.dimensions):
        at = f"dimensions[{i}].name"
        if not _NAME.fullmatch(dimension.name):
            report.add(at, f"`{dimension.name}` is not in snake case.", "Write `billing_country`.")
        if dimension.name in _GRAINS:
            report.add(at, f"`{dimension.name}` is a grain of time.", "Leave it out: `time` gives days to years.")
        if dimension.name == metric.name:
            report.add(at, "is the name of the metric itself.", "Give it another name.")
    _unique("dimensions", (dimension.name for dimension in metric.dimensions), report)
    _unique("joins", (metric.alias, *(join.alias for join in metric.joins)), report)


def _unique(at: str, names: Iterable[str], report: Report) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            report.add(at, f"`{name}` stands there {count} times.", "Give each a name of its own.")


def _joins(metric: Metric, report: Report) -> None:
    known = ", ".join(join.alias for join in metric.joins) or "none"
    wanted = [(f"required_joins[{i}]", alias) for i, alias in enumerate(metric.required_joins)]
    for i, join in enumerate(metric.joins):
        wanted += [(f"joins[{i}].needs[{j}]", alias) for j, alias in enumerate(join.needs)]
        if join.kind not in {"inner", "left"}:
            report.add(f"joins[{i}].kind", f"`{join.kind}` is not known.", "Write `inner` or `left`.")
    for i, dimension in enumerate(metric.dimensions):
        wanted += [(f"dimensions[{i}].joins[{j}]", alias) for j, alias in enumerate(dimension.joins)]
    for at, alias in wanted:
        if join_of(metric, alias) is None:
            report.add(at, f"there is no join with alias `{alias}`.", f"Joins of this metric: {known}.")


def _measures(metric: Metric, report: Report) -> None:
    reached = reach(metric)
    tree = _expression(metric, metric.expression, "expression", reached, report)
    if tree is not None and not aggregates(tree):
        report.add("expression", "must aggregate every column it reads.", "Write for example `sum(s.amount)`.")
    for i, text in enumerate(metric.filters):
        _row_expression(metric, text, f"filters[{i}]", reached, report)


def _reads(metric: Metric, report: Report) -> None:
    for i, join in enumerate(metric.joins):
        _row_expression(metric, join.on, f"joins[{i}].on", reach(metric, [join.alias]), report)
    for i, dimension in enumerate(metric.dimensions):
        at = f"dimensions[{i}].expression"
        _row_expression(metric, dimension.expression, at, reach(metric, dimension.joins), report)


def _time(metric: Metric, report: Report) -> None:
    time = metric.time
    if time is None:
        return
    flow = time.kind is TimeKind.FLOW
    given = {"column": time.column, "valid_from": time.valid_from, "valid_to": time.valid_to}
    fitting = {"column"} if flow else {"valid_from", "valid_to"}
    needed = "column" if flow else "valid_from"
    if given[needed] is None:
        report.add(
            f"time.{needed}", f"is missing; a {time.kind} needs it.", f"Add `{needed}: {metric.alias}.some_date`."
        )
    for name, text in given.items():
        if text is None:
            continue
        if name not in fitting:
            report.add(f"time.{name}", f"has no meaning for a {time.kind}.", f"Write {' and '.join(sorted(fitting))}.")
        else:
            _row_expression(metric, text, f"time.{name}", reach(metric), report)


def _row_expression(metric: Metric, text: str, at: str, reached: frozenset[str], report: Report) -> None:
    tree = _expression(metric, text, at, reached, report)
    if tree is not None and any(is_aggregate(node) for node in tree.walk()):
        report.add(at, "must not aggregate: it is read once a row.")


def _expression(metric: Metric, text: str, at: str, reached: frozenset[str], report: Report) -> exp.Expr | None:
    try:
        tree = view_expression(text)
    except NotReadable as error:
        report.add(at, str(error))
        return None
    for alias, column in sorted(set(columns(tree))):
        if not alias:
            report.add(at, f"`{column}` has no alias.", f"Write `{metric.alias}.{column}`.")
        elif alias not in reached:
            report.add(at, f"no table with alias `{alias}` is joined here.", _how_to_reach(metric, alias))
    stock = metric.time is not None and metric.time.kind is TimeKind.STOCK
    for name in sorted(placeholders(tree) - ({MEASURED_ON} if stock else set())):
        report.add(at, f"`:{name}` is not known here.", f"Only a stock may use `:{MEASURED_ON}`.")
    return tree


def _how_to_reach(metric: Metric, alias: str) -> str:
    if join_of(metric, alias) is None:
        return f"Aliases of this metric: {', '.join((metric.alias, *(join.alias for join in metric.joins)))}."
    return f"Add `{alias}` to `required_joins`, or to `joins` of the dimension, or to `needs` of the join."


_CHECKS: Final[tuple[Callable[[Metric, Report], None], ...]] = (_names, _joins, _measures, _reads, _time)
