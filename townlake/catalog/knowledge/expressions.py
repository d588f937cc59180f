"""Reading the pieces of Trino SQL that people write into knowledge files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MEASURED_ON: Final = "measured_on"
"""`:measured_on` in a stock metric stands for the day on which it is measured."""

# Aggregates of Trino that sqlglot has no class for.
_AGGREGATES: Final = frozenset({"checksum", "geometric_mean", "map_agg", "multimap_agg", "map_union", "reduce_agg"})


class NotReadable(ValueError):
    """The text is not what it should be; the message says why, without the text."""


@lru_cache(maxsize=4096)
def _parsed(text: str) -> exp.Expr:
    try:
        trees = sqlglot.parse(text, read="trino")
    except SqlglotError as error:
        found = getattr(error, "errors", None)
        where = f" at line {found[0]['line']}, column {found[0]['col']}" if found and found[0].get("line") else ""
        raise NotReadable(f"is not Trino SQL{where}.") from None
    if len(trees) != 1 or trees[0] is None:
        raise NotReadable("must be exactly one piece of Trino SQL.")
    return trees[0]


def parse_query(text: str) -> exp.Query:
    """The tree of one Trino query, of which the caller has a copy of its own.

    Raises:
        NotReadable: it is not one query.
    """
    tree = _parsed(text)
    if not isinstance(tree, exp.Query):
        raise NotReadable("must be a query: SELECT, or WITH and SELECT.")
    return tree.copy()


def parse_expression(text: str) -> exp.Expr:
    """The tree of one expression over aliases, of which the caller has a copy of its own.

    >>> parse_expression("sum(l.amount * fx.rate)").sql("trino")
    'SUM(l.amount * fx.rate)'

    Raises:
        NotReadable: it is not one expression, or it holds a query or a window.
    """
    return view_expression(text).copy()


@lru_cache(maxsize=4096)
def view_expression(text: str) -> exp.Expr:
    """The same tree to look at only: all who ask for this text share it, which saves the half of loading.

    Raises:
        NotReadable: it is not one expression, or it holds a query or a window.
    """
    tree = _parsed(text)
    if isinstance(tree, exp.Alias):
        raise NotReadable("must have no `AS`: the name of the metric or dimension is the name of its column.")
    if not isinstance(tree, (exp.Condition, exp.Filter, exp.WithinGroup, exp.AtTimeZone)):
        raise NotReadable("must be an expression.")
    if tree.find(exp.Query):
        raise NotReadable("must hold no query of its own: join the table instead.")
    if tree.find(exp.Window):
        raise NotReadable("must hold no window function.")
    return tree


@lru_cache(maxsize=4096)
def columns_named(query: str) -> frozenset[str]:
    """The names, in lower case, of the columns of tables that a query names. What it calls so itself is left out.

    >>> sorted(columns_named("WITH m AS (SELECT sum(x.Price) AS total FROM s.x GROUP BY day) SELECT m.total FROM m"))
    ['day', 'price']
    >>> sorted(columns_named("SELECT sum(p.salary) AS salary FROM s.p JOIN s.q USING (id) ORDER BY salary"))
    ['id', 'salary']

    Raises:
        NotReadable: it is not one query.
    """
    tree = parse_query(query)
    queries = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    tables = list(tree.find_all(exp.Table))
    stored = {t.alias_or_name.lower() for t in tables if t.db or t.name.lower() not in queries}
    sources = stored | queries | {t.name.lower() for t in tree.find_all(exp.TableAlias)}
    own = {alias.alias.lower() for alias in tree.find_all(exp.Alias) if not _names_itself(alias)}
    own |= {column.name.lower() for alias in tree.find_all(exp.TableAlias) for column in alias.columns}
    joined = {key.name.lower() for join in tree.find_all(exp.Join) for key in join.args.get("using") or ()}
    return frozenset(joined).union(*(_stored(c, stored, sources, own) for c in tree.find_all(exp.Column)))


def _names_itself(alias: exp.Alias) -> bool:
    """True for `sum(p.salary) AS salary`."""
    return any(column.name.lower() == alias.alias.lower() for column in alias.this.find_all(exp.Column))


def _stored(column: exp.Column, stored: set[str], sources: set[str], own: set[str]) -> set[str]:
    """The name of a column where it is a table's; the head of `address.city` where that is one."""
    name, of = column.name.lower(), column.table.lower()
    if not of:
        return {name} - own
    return {name} if of in stored else set() if of in sources else {of}


def is_aggregate(node: exp.Expr) -> bool:
    """True for a call of an aggregate function."""
    return isinstance(node, exp.AggFunc) or (isinstance(node, exp.Anonymous) and node.name.lower() in _AGGREGATES)


def aggregates(tree: exp.Expr) -> bool:
    """True when the expression gives one value for many rows: it aggregates, and no column stands outside.

    >>> aggregates(parse_expression("sum(a.x) / count(*)")), aggregates(parse_expression("sum(a.x) / a.y"))
    (True, False)
    """
    if not any(is_aggregate(node) for node in tree.walk()):
        return False
    return all(_inside_aggregate(column, tree) for column in tree.find_all(exp.Column))


def _inside_aggregate(node: exp.Expr, top: exp.Expr) -> bool:
    current: exp.Expr | None = node
    while current is not None:
        # FILTER (WHERE ...) hangs beside its aggregate, not below it.
        if is_aggregate(current) or isinstance(current, exp.Filter):
            return True
        if current is top:
            return False
        current = current.parent
    return False


def columns(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    """(alias, column) of every column read, in lower case; the alias is empty where none was written.

    >>> sorted(columns(parse_expression("a.x + b.address.city")))
    [('a', 'x'), ('b', 'address')]
    """
    for column in tree.find_all(exp.Column):
        names = [part.name.lower() for part in column.parts]
        yield (names[0], names[1]) if len(names) > 1 else ("", names[0])


def placeholders(tree: exp.Expr) -> frozenset[str]:
    """The names of all `:name` in the tree."""
    return frozenset(str(node.this) for node in tree.find_all(exp.Placeholder))
