"""Which tables of a metric may have its rows counted again, as far as declared keys tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from sqlglot import exp

from townlake.catalog.knowledge.expressions import columns, is_aggregate, view_expression
from townlake.catalog.knowledge.joins import joins_for
from townlake.catalog.knowledge.model import Join, Metric
from townlake.domain.names import TableRef
from townlake.domain.value import Value
from townlake.sql.conditions import bare, conjuncts
from townlake.sql.keys import Column, Equation, Keys, determined

KeysOf: TypeAlias = "Mapping[TableRef, tuple[frozenset[str], ...]]"

# The same row twice changes nothing for these.
_INDIFFERENT: Final = (exp.Min, exp.Max, exp.ApproxDistinct, exp.LogicalAnd, exp.LogicalOr, exp.AnyValue)
_INDIFFERENT_NAMES: Final = frozenset({"arbitrary", "every"})


class Repeat(Value):
    """A table of which several rows may belong to one row that the metric counts."""

    alias: str
    table: TableRef
    sure: bool
    """True when a declared key says so. False when no key is known, or when a further condition may keep one row."""
    part: str
    """The aggregate that would count its row again."""


def repeats(metric: Metric, aliases: Iterable[str], keys: KeysOf) -> tuple[Repeat, ...]:
    """The tables that a question which needs these joins may repeat rows with; none when keys rule it out.

    What one aggregate adds up are the rows of one of the tables that it reads, or of the metric's own for `count(*)`:
    a sum over invoice lines is right however many lines an invoice has.

    Args:
        metric: whose joins are looked at.
        aliases: the optional joins that are made.
        keys: the declared keys of tables, by table; those of a table that is not named are unknown.
    """
    joins = joins_for(metric, aliases)
    if not joins:
        return ()
    made = _Made(metric, joins, keys)
    found: dict[str, Repeat] = {}
    for part in _sensitive(metric):
        for repeat in made.repeats(part):
            found.setdefault(repeat.alias, repeat)
    return tuple(found.values())


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

    def __init__(self, metric: Metric, joins: tuple[Join, ...], keys: KeysOf) -> None:
        self.tables = {metric.alias: metric.table, **{join.alias: join.table for join in joins}}
        self.keys: dict[str, Keys] = {alias: keys.get(table) for alias, table in self.tables.items()}
        texts = (*(join.on for join in joins), *metric.filters)
        self.conditions = [part for text in texts for part in conjuncts(view_expression(text))]
        self.equations = [each for part in self.conditions for each in _equations(part)]

    def repeats(self, part: exp.Expr) -> list[Repeat]:
        """The tables that repeat the rows which one aggregate adds up; of several it may mean, the kindest."""
        read = {alias for alias, _ in columns(part)} & self.tables.keys()
        starts = [alias for alias in self.tables if alias in read] or [next(iter(self.tables))]
        ways = [self._repeats(start, part) for start in starts]
        return min(ways, key=lambda way: (sum(repeat.sure for repeat in way), len(way)))

    def _repeats(self, start: str, part: exp.Expr) -> list[Repeat]:
        found: list[Repeat] = []
        known = determined({start}, self.keys, self.equations)
        for alias, table in self.tables.items():
            if alias not in known:
                found.append(
                    Repeat(
                        alias=alias,
                        table=table,
                        sure=self._tells(alias),
                        part=part.sql("trino", normalize_functions="lower"),
                    )
                )
                known = determined(known | {alias}, self.keys, self.equations)
        return found

    def _tells(self, alias: str) -> bool:
        """Whether the keys of a table are known, and nothing but equations with other tables holds for its rows."""
        mine = [part for part in self.conditions if any(of == alias for of, _ in columns(part))]
        return bool(self.keys[alias]) and all(_links(part, alias) for part in mine)


def _equations(part: exp.Expr) -> Iterator[Equation]:
    if isinstance(part, exp.EQ):
        for one, other in ((part.this, part.expression), (part.expression, part.this)):
            column = _column(one)
            if column is not None:
                yield column, frozenset(columns(other))


def _links(part: exp.Expr, alias: str) -> bool:
    """True for `o.customer_id = c.customer_id`, false for `o.is_current` and `o.since <= c.day`."""
    return any(
        column is not None and column[0] == alias and any(of != alias for of, _ in needs)
        for column, needs in _equations(part)
    )


def _column(node: exp.Expr) -> Column | None:
    found = list(columns(node)) if isinstance(bare(node), exp.Column) else []
    return found[0] if found else None
