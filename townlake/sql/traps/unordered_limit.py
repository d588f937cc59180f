"""LIMIT without ORDER BY gives any rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.functions import is_aggregate
from townlake.sql.traps.view import View, trap

CODE: Final = "TRP009"


def find(view: View) -> Iterator[Finding]:
    """`SELECT ... LIMIT 10` gives other rows each time."""
    for node in view.of_kind(exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Subquery):
        if node.args.get("limit") is None or node.args.get("order") is not None:
            continue
        if not _is_single(node) and not _is_for_existence(node):
            hint = "Write ORDER BY before LIMIT, with a key that tells rows apart."
            yield trap(CODE, Severity.WARNING, "Without ORDER BY, LIMIT gives any rows.", hint, node.args["limit"])


def _is_single(node: exp.Expr) -> bool:
    """True for a SELECT that gives one row anyway."""
    if not isinstance(node, exp.Select) or node.args.get("group") is not None:
        return False
    parts = (part for item in node.expressions for part in item.walk(prune=_is_inner))
    return any(is_aggregate(part) and not isinstance(part.parent, exp.Window) for part in parts)


def _is_inner(node: exp.Expr) -> bool:
    return isinstance(node, exp.Query)


def _is_for_existence(node: exp.Expr) -> bool:
    parent = node.parent
    return isinstance(parent, exp.Exists) or (
        isinstance(parent, exp.Subquery) and isinstance(parent.parent, exp.Exists)
    )
