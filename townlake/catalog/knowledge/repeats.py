"""Which tables of a metric may have its rows counted again, as far as declared keys tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from sqlglot import exp

from townlake.catalog.knowledge.expressions import columns, is_aggregate, view_expression
from townlake.catalog.knowledge.joins import joins_for
from townlake.catalog.knowledge.model import Dimension, Join, Metric
from townlake.domain.names import TableRef
from townlake.domain.value import Value
from townlake.sql.conditions import bare, conjuncts
from townlake.sql.keys import Column, Equation, Keys, TableKeys, determined

KeysOf: TypeAlias = "Mapping[TableRef, TableKeys]"

# The same row twice changes nothing for these.
_INDIFFERENT: Final = (
    exp.Min,
    exp.Max,
    exp.ArgMin,
    exp.ArgMax,
    exp.ApproxDistinct,
    exp.LogicalAnd,
    exp.LogicalOr,
    exp.AnyValue,
)
_INDIFFERENT_NAMES: Final = frozenset({"arbitrary", "every"})


class Repeat(Value):
    """A table of which several rows may belong to one row that the metric counts."""

    alias: str
    table: TableRef
    sure: bool
    """True when a declared key says so. False when no key is known, or when a further condition may keep one row."""
    part: str
    """The aggregate that would count its row again."""


def repeats(metric: Metric, keys: KeysOf, dimension: Dimension | None = None) -> tuple[Repeat, ...]:
    """The tables that a question for a metric may repeat rows with; none when keys rule it out.

    What one aggregate adds up are the rows of one of the tables that it reads, or of the metric's own for `count(*)`:
    a sum over invoice lines is right however many lines an invoice has.

    Args:
        metric: whose joins are looked at.
        keys: the declared keys of tables, by table; those of a table that is not named are unknown.
        dimension: one that is asked for, with the joins that it needs.
    """
    joins = joins_for(metric, dimension.joins if dimension is not None else ())
    if not joins:
        return ()
    made = _Made(metric, joins, keys, _grouped_by(dimension))
    found: dict[str, Repeat] = {}
    for part in _sensitive(metric):
        for repeat in made.repeats(part):
            found.setdefault(repeat.alias, repeat)
    return tuple(found.values())


def _grouped_by(dimension: Dimension | None) -> frozenset[Column]:
    """The column that a dimension groups by, where it is a plain one: by `tag`, an order counts once for each tag."""
    column = _column(view_expression(dimension.expression)) if dimension is not None else None
    return frozenset() if column is None else frozenset({column})


def _sensitive(metric: Metric) -> Iterator[exp.Expr]:
    """The aggregates of the metric that a row counts for as often as it comes."""
    tree = view_expression(metric.expression)
    for node in tree.walk(prune=is_aggregate):
        named = isinstance(node, exp.Anonymous) and node.name.lower() in _INDIFFERENT_NAMES
        if is_aggregate(node) and not (isinstance(node, _INDIFFERENT) or isinstance(node.this, exp.Distinct) or named):
            # FILTER (WHERE ...) hangs around its aggregate.
            yield node.parent if isinstance(node.parent, exp.Filter) else node


class _Made:
    """The tables of one question, with what holds between them."""

    def __init__(self, metric: Metric, joins: tuple[Join, ...], keys: KeysOf, grouped: frozenset[Column]) -> None:
        self.tables = {metric.alias: metric.table, **{join.alias: join.table for join in joins}}
        self.declared = {alias: keys.get(table, TableKeys()) for alias, table in self.tables.items()}
        self.keys: dict[str, Keys] = {alias: declared.unique for alias, declared in self.declared.items()}
        self.grouped = grouped
        self.timed = frozenset(alias for text in _days(metric) for alias, _ in columns(view_expression(text)))
        self.conditions = [part for text in metric.filters for part in conjuncts(view_expression(text))]
        self.equations = [each for part in self.conditions for each in _equations(part)]
        for join in joins:
            for part in conjuncts(view_expression(join.on)):
                self.conditions.append(part)
                # Rows that a left join does not meet stay: of them, what it says of other tables alone does not hold.
                held = (each for each in _equations(part) if join.kind != "left" or join.alias in _relations(each))
                self.equations.extend(held)

    def repeats(self, part: exp.Expr) -> list[Repeat]:
        """The tables that repeat the rows which one aggregate adds up, of several that it may mean the fewest."""
        read = _aliases(_values(part)) & self.tables.keys() or _aliases([part]) & self.tables.keys()
        starts = [alias for alias in self.tables if alias in read] or [next(iter(self.tables))]
        ways = [self._repeats(start, part) for start in starts]
        return min(ways, key=len)

    def _repeats(self, start: str, part: exp.Expr) -> list[Repeat]:
        found: list[Repeat] = []
        known = determined({start}, self.keys, self.equations)
        told = part.sql("trino", normalize_functions="lower")
        for alias, table in self.tables.items():
            if alias not in known:
                once_a_group = alias in determined(known, self.keys, self.equations, self.grouped)
                sure = self._tells(alias, known) and not once_a_group
                found.append(Repeat(alias=alias, table=table, sure=sure, part=told))
                known = determined(known | {alias}, self.keys, self.equations)
        return found

    def _tells(self, alias: str, known: frozenset[str]) -> bool:
        """Whether what is declared says that several rows of a table meet one of another.

        It does when the tables meet by a part of a key only, or by a foreign key of this one, and nothing else holds
        for its rows: a further condition, or the day that a stock is measured on, may keep one row.
        """
        mine = [part for part in self.conditions if any(of == alias for of, _ in columns(part))]
        met = frozenset(
            name for (of, name), needs in self.equations if of == alias and needs and {n for n, _ in needs} <= known
        )
        declared = self.declared[alias]
        many = any(met < key for key in declared.unique) or met in declared.foreign
        return bool(met) and many and alias not in self.timed and all(_links(part, alias) for part in mine)


def _days(metric: Metric) -> list[str]:
    """What tells from when until when a row of a stock counts."""
    time = metric.time
    return [text for text in (time.valid_from, time.valid_to) if text] if time is not None else []


def _values(node: exp.Expr) -> Iterator[exp.Expr]:
    """The columns that an aggregate adds up, without those of its conditions."""
    if isinstance(node, exp.Column):
        yield node
    elif isinstance(node, exp.Filter):
        yield from _values(node.this)
    else:
        for key, children in node.args.items():
            if isinstance(node, exp.If) and key == "this":
                continue
            for child in children if isinstance(children, list) else [children]:
                if isinstance(child, exp.Expr):
                    yield from _values(child)


def _aliases(nodes: Iterable[exp.Expr]) -> set[str]:
    return {alias for node in nodes for alias, _ in columns(node)}


def _equations(part: exp.Expr) -> Iterator[Equation]:
    if isinstance(part, exp.EQ):
        for one, other in ((part.this, part.expression), (part.expression, part.this)):
            column = _column(one)
            if column is not None:
                yield column, frozenset(columns(other))


def _relations(equation: Equation) -> set[str]:
    return {equation[0][0], *(of for of, _ in equation[1])}


def _links(part: exp.Expr, alias: str) -> bool:
    """True for `o.customer_id = c.customer_id`, false for `o.is_current` and `o.since <= c.day`."""
    return any(
        column is not None and column[0] == alias and any(of != alias for of, _ in needs)
        for column, needs in _equations(part)
    )


def _column(node: exp.Expr) -> Column | None:
    found = list(columns(node)) if isinstance(bare(node), exp.Column) else []
    return found[0] if found else None
