"""One SELECT over one metric's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlglot import exp

from agents.ask.cover.calendar import Grain, Span
from agents.ask.cover.compose.literals import day, text
from agents.ask.cover.compose.spans import Bucket, bucket_of, buckets, valid_on, within
from agents.ask.cover.slots import Filter
from townlake.catalog.knowledge.expressions import MEASURED_ON, parse_expression
from townlake.catalog.knowledge.joins import joins_for
from townlake.catalog.knowledge.model import Dimension, Join, Metric, TimeKind
from townlake.domain.names import TableRef


@dataclass(frozen=True, slots=True)
class Measured:
    """A column of the result: a metric over one span and one set of filters."""

    column: str
    metric: Metric
    filters: tuple[Filter, ...]
    span: Span | None
    earlier: str = ""
    """The unit by which a series is measured earlier than its labels."""


@dataclass(frozen=True, slots=True)
class Block:
    """Columns that one SELECT can give together."""

    columns: tuple[Measured, ...]
    dimensions: tuple[str, ...]
    grain: Grain | None
    as_of: date

    def takes(self, other: Measured) -> bool:
        """Whether another column comes from the same rows."""
        mine, theirs = self._rows(self.columns[0]), self._rows(other)
        return mine == theirs

    def with_column(self, other: Measured) -> Block:
        """The block with one more column."""
        return replace(self, columns=(*self.columns, other))

    def _rows(self, measured: Measured) -> tuple[object, ...]:
        metric = measured.metric
        named = {each.dimension for each in measured.filters} | set(self.dimensions)
        dimensions = [(name, dimension_of(metric, name).expression) for name in sorted(named)]
        joins = self._joins(measured)
        rest = (metric.table, metric.alias, frozenset(metric.filters), metric.time, tuple(dimensions), joins)
        return (measured.filters, measured.span, measured.earlier, *rest)

    def _joins(self, measured: Measured) -> tuple[Join, ...]:
        names = dict.fromkeys((*self.dimensions, *(each.dimension for each in measured.filters)))
        wanted = [alias for name in names for alias in dimension_of(measured.metric, name).joins]
        return joins_for(measured.metric, wanted)

    def expression(self, measured: Measured) -> exp.Expr:
        """The aggregate of a column of this block."""
        return self._dated(parse_expression(measured.metric.expression))

    def select(self) -> exp.Select:
        """The SELECT: the time first, then the dimensions, then the metrics."""
        first = self.columns[0]
        metric = first.metric
        keys = [(self._bucket(), str(self.grain))] if self.grain is not None else []
        keys += [(self._dated(parse_expression(dimension_of(metric, n).expression)), n) for n in self.dimensions]
        shown = [exp.alias_(tree, name, copy=False) for tree, name in keys]
        shown += [exp.alias_(self.expression(measured), measured.column, copy=False) for measured in self.columns]
        query = exp.select(*shown).from_(table(metric.table, metric.alias), copy=False)
        if self._series:
            query = query.join(self._spans(), join_type="cross", copy=False)
        for join in self._joins(first):
            on = self._dated(parse_expression(join.on))
            how = "left" if join.kind == "left" else ""
            query = query.join(table(join.table, join.alias), on=on, join_type=how, copy=False)
        predicates = [self._dated(parse_expression(each)) for each in metric.filters]
        predicates += [self._kept(each) for each in first.filters]
        predicates += self._in_time()
        if predicates:
            query = query.where(*predicates, copy=False)
        if keys:
            query = query.group_by(*(exp.Literal.number(i + 1) for i in range(len(keys))), copy=False)
        return query

    @property
    def _stock(self) -> bool:
        time = self.columns[0].metric.time
        return time is not None and time.kind is TimeKind.STOCK

    @property
    def _series(self) -> bool:
        return self._stock and self.grain is not None

    @property
    def _spans_alias(self) -> str:
        metric = self.columns[0].metric
        taken = {metric.alias, *(join.alias for join in metric.joins)}
        return next(name for name in ("spans", "time_spans", "measured_spans") if name not in taken)

    @property
    def measured_on(self) -> date:
        """The day on which a stock is measured that is not a series."""
        span = self.columns[0].span
        last = span.last if span is not None else None
        return min(last, self.as_of) if last is not None else self.as_of

    def series(self) -> tuple[Bucket, ...]:
        """The rows of a stock's series."""
        first = self.columns[0]
        return buckets(first.span or Span(), self.grain or Grain.DAY, self.as_of, first.earlier)

    def _spans(self) -> exp.Expr:
        rows = [exp.Tuple(expressions=[day(b.label), day(b.measured_on)]) for b in self.series()]
        names = [exp.to_identifier(name) for name in (str(self.grain), "measured_on")]
        alias = exp.TableAlias(this=exp.to_identifier(self._spans_alias), columns=names)
        return exp.Values(expressions=rows, alias=alias)

    def _bucket(self) -> exp.Expr:
        first = self.columns[0]
        if self._series or self.grain is None or first.metric.time is None:
            return exp.column(str(self.grain), table=self._spans_alias)
        return bucket_of(first.metric.time, self.grain, first.earlier)

    def _in_time(self) -> list[exp.Expr]:
        first = self.columns[0]
        if first.metric.time is None:
            return []
        if self._series:
            return [self._dated(each) for each in valid_on(first.metric.time, self._measured_column())]
        if self._stock:
            return [self._dated(each) for each in valid_on(first.metric.time, self.measured_on)]
        return within(first.metric.time, first.span) if first.span is not None else []

    def _measured_column(self) -> exp.Expr:
        return exp.column("measured_on", table=self._spans_alias)

    def _dated(self, tree: exp.Expr) -> exp.Expr:
        """The tree with the day of measuring in place of `:measured_on`."""
        moment = self._measured_column() if self._series else day(self.measured_on)
        holes = [node for node in tree.find_all(exp.Placeholder) if node.this == MEASURED_ON]
        for node in holes:
            if node is tree:
                return moment.copy()
            node.replace(moment.copy())
        return tree

    def _kept(self, each: Filter) -> exp.Expr:
        tree = self._dated(parse_expression(dimension_of(self.columns[0].metric, each.dimension).expression))
        return kept(tree, each)


def kept(tree: exp.Expr, each: Filter) -> exp.Expr:
    """The predicate of a filter. What is left out leaves the rows without a value in."""
    # A stored number is in the index as text, and so is compared as text.
    if all(value.isdigit() for value in each.values):
        tree = exp.cast(tree, exp.DType.VARCHAR)
    values: Sequence[exp.Expr] = [text(value) for value in each.values]
    if len(values) == 1:
        compare = exp.NullSafeNEQ if each.negated else exp.EQ
        return compare(this=tree, expression=values[0])
    found = exp.In(this=tree, expressions=list(values))
    if not each.negated:
        return found
    missing = exp.Is(this=tree.copy(), expression=exp.Null())
    return exp.paren(exp.or_(exp.Not(this=found), missing), copy=False)


def table(ref: TableRef, alias: str) -> exp.Expr:
    """A table by its full name."""
    return exp.alias_(exp.table_(ref.name, db=ref.namespace, catalog=ref.catalog), alias, table=True)


def dimension_of(metric: Metric, name: str) -> Dimension:
    """The dimension of that name."""
    return next(dimension for dimension in metric.dimensions if dimension.name == name)
