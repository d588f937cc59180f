"""ORDER BY, and written numbers that stand for a column of the SELECT list."""

from __future__ import annotations

from sqlglot import exp

from townlake.sql.typing.scope import Relation
from townlake.sql.typing.walk import Walk


def read_order(walk: Walk, order: exp.Expr, columns: Relation) -> None:
    """The keys of an ORDER BY; a written number is the place of a column."""
    for key in order.expressions:
        check_place(walk, key.this, columns, "ORDER BY")
        walk.type(key)


def check_place(walk: Walk, node: exp.Expr, columns: Relation, clause: str) -> int | None:
    """The place that a written number names, counted from zero; None for any other expression."""
    if not isinstance(node, exp.Literal) or not node.is_int:
        return None
    place = int(node.name)
    if 1 <= place <= len(columns.fields) or columns.is_open:
        return place - 1
    hint = f"Write a number from 1 to {len(columns.fields)}, or the expression."
    walk.report("INVALID_COLUMN_REFERENCE", f"{clause} {place} is no column of the SELECT list.", hint, node)
    return None
