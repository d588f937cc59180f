"""Rows that are equal in the order may fall on both sides of a LIMIT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare
from townlake.sql.functions import is_aggregate
from townlake.sql.traps.view import View, trap

CODE: Final = "TRP010"


def find(view: View) -> Iterator[Finding]:
    """`ORDER BY count(*) DESC LIMIT 1` shows one of several that have the same count."""
    for node in view.of_kind(exp.Select):
        limit, order = node.args.get("limit"), node.args.get("order")
        if limit is None or order is None or _keeps_ties(limit) or len(order.expressions) != 1:
            continue
        if _is_total(node, bare(order.expressions[0].this)):
            message = "Groups with the same value at the cut are left out or kept by chance."
            hint = "Write FETCH FIRST n ROWS WITH TIES, or add a key that tells groups apart to ORDER BY."
            yield trap(CODE, Severity.NOTE, message, hint, limit)


def _keeps_ties(limit: exp.Expr) -> bool:
    options = limit.args.get("limit_options")
    return options is not None and bool(options.args.get("with_ties"))


def _is_total(select: exp.Expr, key: exp.Expr) -> bool:
    """True when a key of ORDER BY is an aggregate, by itself or under an alias or a number of the SELECT list."""
    if isinstance(key, exp.Literal) and key.is_int:
        at = int(key.name) - 1
        key = select.expressions[at] if 0 <= at < len(select.expressions) else key
    elif isinstance(key, exp.Column) and not key.table:
        key = next((item for item in select.expressions if item.alias.lower() == key.name.lower()), key)
    return any(is_aggregate(part) for part in key.walk())
