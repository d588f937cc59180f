"""Division of whole numbers drops what is behind the point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare
from townlake.sql.traps.view import View, rewrite, trap
from townlake.sql.types import INTEGERS

CODE: Final = "TRP003"
_FRACTIONAL: Final = frozenset({"double", "real", "decimal"})


def find(view: View) -> Iterator[Finding]:
    """`count_if(paid) / count(*)` is 0 or 1; a share, a rate or a rounded quotient is meant to have digits."""
    for node in view.of_kind(exp.Div):
        if view.type(node).name in INTEGERS and _is_ratio(view, node):
            message = "The quotient of whole numbers is a whole number: what is behind the point is dropped."
            yield trap(CODE, Severity.WARNING, message, f"Write {_rewrite(node)}.", node)


def _is_ratio(view: View, node: exp.Expr) -> bool:
    divisor = bare(node.expression)
    if isinstance(divisor, exp.Nullif):
        divisor = bare(divisor.this)
    outer = node.parent
    while isinstance(outer, exp.Paren | exp.Coalesce):
        outer = outer.parent
    if isinstance(outer, exp.Round | exp.Avg):
        return True
    if isinstance(outer, exp.Cast):
        return view.type(outer).name in _FRACTIONAL
    if isinstance(outer, exp.Mul):
        factor = bare(outer.expression if outer.this in (node, node.parent) else outer.this)
        if isinstance(factor, exp.Literal) and factor.name.partition(".")[0] == "100":
            return True
    return not isinstance(divisor, exp.Literal) and _is_total(node.this) and _is_total(divisor)


def _is_total(node: exp.Expr) -> bool:
    """True for a count, a sum, or a query that gives one."""
    return any(isinstance(part, exp.Count | exp.Sum | exp.CountIf | exp.Subquery) for part in node.walk())


def _rewrite(node: exp.Expr) -> str:
    return f"CAST({rewrite(bare(node.this))} AS double) / {rewrite(node.expression)}"
