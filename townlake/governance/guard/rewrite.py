"""Put a checked scan in the place of every table.

`t` becomes `(SELECT a, mask(b) AS b FROM lake.s.t WHERE filter) AS t`, columns named one by one. What is
outside the brackets, whatever it does, can only see what policy opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.relation import Leaf
from townlake.governance.masks import mask_expression

_FILTER_NODES: Final = (
    *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Cast, exp.DataType),
    *(exp.DataTypeParam, exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Like, exp.Is, exp.Neg),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE),
)


def rewrite(leaves: Sequence[Leaf]) -> None:
    """Replace each table by its scan, in the tree that holds it.

    Raises:
        Refusal: POL001, when a row filter cannot be applied as it stands.
    """
    for leaf in leaves:
        table = leaf.node
        scan = exp.Subquery(this=_scan(leaf), alias=table.args["alias"].copy(), sample=table.args.get("sample"))
        if joins := table.args.get("joins"):
            scan.set("joins", joins)
        table.replace(scan)


def needed(leaf: Leaf) -> tuple[str, ...]:
    """The visible columns that a scan gives: those the statement needs, or one when it only counts rows."""
    used = tuple(column.name for column in leaf.columns if column.name in leaf.used)
    return used or (leaf.columns[0].name,)


def filter_columns(leaf: Leaf) -> frozenset[str]:
    """The columns that the row filters of a table compare; they need not be visible."""
    names = (column.name for text in leaf.filters for column in _filter(text).find_all(exp.Column))
    return frozenset(names)


def _scan(leaf: Leaf) -> exp.Select:
    types = {column.name: column.type for column in leaf.columns}
    wanted = [
        exp.alias_(mask_expression(leaf.masks[name], name, types[name]), name, quoted=True)
        if name in leaf.masks
        else exp.column(name, quoted=True)
        for name in needed(leaf)
    ]
    ref = leaf.info.ref
    select = exp.Select(expressions=wanted)
    select.set("from_", exp.From(this=exp.table_(ref.name, ref.namespace, ref.catalog, quoted=True)))
    filters: list[exp.Expr] = [exp.Paren(this=_filter(text).copy()) for text in leaf.filters]
    known = {column.name for column in leaf.info.columns}
    if not filter_columns(leaf) <= known:
        raise _unusable()
    if filters:
        condition = filters[0]
        for each in filters[1:]:
            condition = exp.And(this=condition, expression=each)
        select.set("where", exp.Where(this=condition))
    return select


@lru_cache(maxsize=256)
def _filter(text: str) -> exp.Expr:
    """A row filter as a tree: a comparison of the table's own columns with literals, and nothing else."""
    try:
        tree = sqlglot.parse_one(text, read="trino")
    except (SqlglotError, RecursionError) as fault:
        raise _unusable() from fault
    for node in tree.walk():
        plain = isinstance(node, _FILTER_NODES) and not (isinstance(node, exp.In) and node.args.get("query"))
        if not plain or (isinstance(node, exp.Column) and len(node.parts) > 1):
            raise _unusable()
        if isinstance(node, exp.Column):
            node.this.set("this", node.name.lower())
    return tree


def _unusable() -> Refusal:
    hint = "Ask the table's owner to correct its row filter."
    return Refusal(error("POL001", "A row filter of this table cannot be applied, so it is not read.", hint))
