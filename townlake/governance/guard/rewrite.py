"""Put a checked scan in the place of every table.

`t` becomes `(SELECT a, mask(b) AS b FROM lake.s.t WHERE filter) AS t`, columns named one by one. What is
outside the brackets, whatever it does, can only see what policy opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlglot import exp

from townlake.domain.errors import BadInput
from townlake.governance.guard.findings import Refusal, error
from townlake.governance.guard.relation import Leaf
from townlake.governance.masks import mask_expression
from townlake.governance.predicates import check_predicate, column_names


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
    return frozenset(name for tree in filter_trees(leaf) for name in column_names(tree))


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
    if filters := filter_trees(leaf):
        select.set("where", exp.Where(this=exp.and_(*filters)))
    return select


@lru_cache(maxsize=1024)
def _filter(text: str, columns: tuple[tuple[str, str], ...]) -> exp.Expression:
    """A row filter as a tree; it was checked when it was made, and is checked again."""
    try:
        return check_predicate(text, dict(columns))
    except BadInput as fault:
        raise _unusable() from fault


def filter_trees(leaf: Leaf) -> list[exp.Expression]:
    """The row filters of a table as trees."""
    columns = tuple((column.name, column.type) for column in leaf.info.columns)
    return [_filter(text, columns) for text in leaf.filters]


def _unusable() -> Refusal:
    hint = "Ask the table's owner to correct its row filter."
    return Refusal(error("POL001", "A row filter of this table cannot be applied, so it is not read.", hint))
