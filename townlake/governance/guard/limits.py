"""How large a statement may be, counted on its tree, and which constants are too large.

An engine's own limits hold for most work but not for one call that makes a gigabyte of text; such
calls are refused where their size can be read off the statement. Trino itself refuses some of them.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding
from townlake.governance.guard.findings import Refusal, error, place_of

MAX_NODES: Final = 12_000
MAX_TREE_DEPTH: Final = 400
MAX_JOINS: Final = 60
MAX_ENTRIES: Final = 10_000
"""Trino's own bound for `sequence` and `repeat`."""
MAX_TEXT: Final = 1_000_000
"""Characters that `lpad` and `rpad` may make."""

_BINARY: Final[dict[type[exp.Expr], Callable[[Decimal, Decimal], Decimal]]] = {
    exp.Add: lambda left, right: left + right,
    exp.Sub: lambda left, right: left - right,
    exp.Mul: lambda left, right: left * right,
}


def check_size(nodes: int, depth: int, joins: int) -> None:
    """Refuse a tree that is larger than any question needs.

    Raises:
        Refusal: SQL003 (depth), SQL031 (joins) or SQL032 (nodes).
    """
    if depth > MAX_TREE_DEPTH:
        hint = "Use IN (...) instead of a long chain of OR, and concat(...) instead of a long chain of ||."
        raise Refusal(error("SQL003", "The statement is nested too deeply.", hint))
    if nodes > MAX_NODES:
        message = f"The statement has {nodes:,} parts; at most {MAX_NODES:,} are read."
        raise Refusal(error("SQL032", message, "Shorten it: join to a table instead of listing values."))
    if joins > MAX_JOINS:
        message = f"The statement has {joins} joins; at most {MAX_JOINS} are run."
        raise Refusal(error("SQL031", message, "Join fewer tables, or ask in several steps."))


def constant(node: exp.Expr | None) -> Decimal | None:
    """The value of a constant number as far as plain arithmetic tells it, else None.

    >>> import sqlglot
    >>> constant(sqlglot.parse_one("2 * (1000 + 1)"))
    Decimal('2002')
    >>> constant(sqlglot.parse_one("x + 1")) is None
    True
    """
    if isinstance(node, exp.Paren | exp.Cast):
        return constant(node.this)
    if isinstance(node, exp.Neg):
        value = constant(node.this)
        return None if value is None else -value
    if isinstance(node, exp.Literal) and not node.is_string:
        try:
            return Decimal(node.this)
        except InvalidOperation:
            return None
    operation = _BINARY.get(type(node)) if node is not None else None
    if operation is None or node is None:
        return None
    left, right = constant(node.this), constant(node.expression)
    return None if left is None or right is None else operation(left, right)


def large_constant(sql: str, node: exp.Expr) -> Finding | None:
    """The finding for a call whose constant arguments ask for too much."""
    if isinstance(node, exp.GenerateSeries):
        start, end, step = (constant(node.args.get(key)) for key in ("start", "end", "step"))
        if start is not None and end is not None and abs(end - start) >= MAX_ENTRIES * abs(step or Decimal(1)):
            return _too_large(sql, node, "sequence", MAX_ENTRIES, "entries")
    elif isinstance(node, exp.Repeat) and (constant(node.args.get("times")) or 0) > MAX_ENTRIES:
        return _too_large(sql, node, "repeat", MAX_ENTRIES, "entries")
    elif isinstance(node, exp.Pad) and (constant(node.expression) or 0) > MAX_TEXT:
        return _too_large(sql, node, "lpad and rpad", MAX_TEXT, "characters")
    return None


def _too_large(sql: str, node: exp.Expr, name: str, most: int, unit: str) -> Finding:
    message = f"{name} may make at most {most:,} {unit}."
    return error("SQL033", message, "Use a smaller constant, or a table of dates or numbers.", at=place_of(sql, node))
