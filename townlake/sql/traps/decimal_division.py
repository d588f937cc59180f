"""Division of decimals keeps no more digits than its operands have."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare
from townlake.sql.traps.view import View, digits, rewrite, trap

CODE: Final = "TRP001"
_ENOUGH: Final = 6
"""So many digits after the point are as good as a double for a ratio."""


def find(view: View) -> Iterator[Finding]:
    """`1.0 * count(*) / n` gives 0.3 for 0.25: Trino reads 1.0 as decimal and rounds the quotient to one digit."""
    for node in view.of_kind(exp.Div):
        kind = view.type(node)
        if kind.name != "decimal" or kind.numbers[1] >= _ENOUGH or _is_exact(node, kind.numbers[1]):
            continue
        message = f"The quotient is a {kind}: it is rounded to {digits(kind.numbers[1])} after the point."
        yield trap(CODE, Severity.WARNING, message, f"Write {_rewrite(node)}.", node)


def _is_exact(node: exp.Expr, scale: int) -> bool:
    """True for a quotient of two written numbers that needs no more digits."""
    first, second = _computed(node.this), _computed(node.expression)
    if first is None or not second:
        return False
    quotient = first / second
    return quotient == round(quotient, scale)


def _computed(node: exp.Expr) -> Decimal | None:
    """The value of an expression over written numbers."""
    node = bare(node)
    if isinstance(node, exp.Nullif):
        return _computed(node.this)
    if isinstance(node, exp.Mul):
        first, second = _computed(node.this), _computed(node.expression)
        return None if first is None or second is None else first * second
    return Decimal(node.name) if isinstance(node, exp.Literal) and not node.is_string else None


def _rewrite(node: exp.Expr) -> str:
    """The quotient as a double: a literal with an exponent where there is one, else a cast of the dividend."""
    dividend = bare(node.this)
    copy = node.copy()
    for literal in copy.this.find_all(exp.Literal):
        if not literal.is_string and "." in literal.name and _is_factor(literal, copy.this):
            literal.set("this", f"{literal.name}E0")
            return rewrite(copy)
    if isinstance(dividend, exp.Literal):
        return f"{rewrite(dividend)}E0 / {rewrite(node.expression)}"
    return f"CAST({rewrite(dividend)} AS double) / {rewrite(node.expression)}"


def _is_factor(node: exp.Expr, root: exp.Expr) -> bool:
    """True when a number is multiplied into the whole of an expression."""
    while node is not root:
        parent = node.parent
        if not isinstance(parent, exp.Mul | exp.Paren):
            return False
        node = parent
    return True
