"""What a metric counts or measures: whether it answers `how many`, is an average, or adds up."""

from __future__ import annotations

from sqlglot import exp

from agents.ask.cover.words import keys
from townlake.catalog.knowledge.expressions import columns, view_expression
from townlake.catalog.knowledge.joins import joins_for
from townlake.catalog.knowledge.model import Dimension, Metric

_COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct)


def countable(metric: Metric, said: tuple[str, ...]) -> bool:
    """True when the metric counts rows, or sums what its unit names: `how many requests`.

    >>> from townlake.domain.names import TableRef
    >>> table = TableRef.parse("a.b")
    >>> base = {"name": "m", "title": "m", "description": "", "owner": "o", "table": table, "alias": "t"}
    >>> countable(Metric(expression="count(*)", **base), ("ticket",))
    True
    >>> countable(Metric(expression="sum(t.eur)", unit="EUR", **base), ("revenue",))
    False
    """
    tree = view_expression(metric.expression)
    sums = [node for node in tree.walk() if isinstance(node, exp.AggFunc)]
    return all(isinstance(node, _COUNTS) for node in sums) or bool(set(keys(metric.unit)) & set(said))


def additive(metric: Metric) -> bool:
    """True when the metric of a whole is the sum of its parts, as it is for money and counts, not for rates.

    >>> from townlake.domain.names import TableRef
    >>> table = TableRef.parse("a.b")
    >>> base = {"name": "m", "title": "m", "description": "", "owner": "o", "table": table, "alias": "t"}
    >>> [additive(Metric(expression=e, **base)) for e in ("sum(t.n) / 1E6", "sum(t.n) / count(*)", "avg(t.n)")]
    [True, False, False]
    """
    tree = view_expression(metric.expression)
    if any(division.expression.find(exp.AggFunc) for division in tree.find_all(exp.Div)):
        return False
    return all(isinstance(node, (exp.Sum, *_COUNTS)) for node in tree.find_all(exp.AggFunc))


def determines(metric: Metric, dimension: Dimension) -> bool:
    """False when what is counted can have several values of the dimension: a customer can have several plans."""
    tree = view_expression(metric.expression)
    counted = {
        (column.table, column.name)
        for node in tree.find_all(exp.Count)
        if isinstance(node.this, exp.Distinct)
        for column in node.this.find_all(exp.Column)
    }
    joins = {join.alias: set(columns(view_expression(join.on))) for join in metric.joins}
    used = {alias for alias, _ in columns(view_expression(dimension.expression))}
    return not counted or all(counted & joins.get(alias, set()) for alias in used)


def measured_of(metric: Metric, rows: Metric) -> bool:
    """True when `rows` counts just those rows of which the metric is measured, or more: `satisfaction of tickets`.

    >>> from townlake.domain.names import TableRef
    >>> base = {"name": "m", "title": "m", "description": "", "owner": "", "table": TableRef.parse("a.b"), "alias": "t"}
    >>> rated = Metric(expression="avg(t.stars)", filters=("NOT t.spam",), **base)
    >>> [measured_of(rated, Metric(expression="count(*)", filters=f, **base)) for f in (("NOT t.spam",), ("t.open",))]
    [True, False]
    """
    tree = view_expression(rows.expression)
    every = isinstance(tree, exp.Count) and isinstance(tree.this, exp.Star)
    same = (metric.table, metric.alias, metric.time) == (rows.table, rows.alias, rows.time)
    joined = {(join.table, join.alias, join.on) for join in joins_for(rows)}
    return (
        every
        and same
        and set(rows.filters) <= set(metric.filters)
        and joined <= {(join.table, join.alias, join.on) for join in joins_for(metric)}
    )


def averaged(metric: Metric) -> bool:
    """True when the metric is an average of rows, so that asking for its average asks for nothing more."""
    sums = [node for node in view_expression(metric.expression).walk() if isinstance(node, exp.AggFunc)]
    return all(isinstance(node, exp.Avg) for node in sums)
