"""Aggregates and window functions with what is written around them: FILTER, IGNORE NULLS, OVER."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.sql.functions import Kind, call_of, function_name
from townlake.sql.functions.table import kind_of
from townlake.sql.types import TrinoType
from townlake.sql.typing.calls import typed_call
from townlake.sql.typing.frames import read_window
from townlake.sql.typing.operators import condition
from townlake.sql.typing.walk import META, Rule, Walk, Window

_OUTER: Final = {"aggregate": "an aggregate", "window": "another window function", "lambda": "a lambda"}
_NEIGHBOURS: Final = frozenset({"lag", "lead"})
_VALUES: Final = frozenset({*_NEIGHBOURS, "first_value", "last_value", "nth_value"})
"""Window functions that may leave out NULLs."""


def filtered(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`aggregate(...) FILTER (WHERE condition)`."""
    inner = node.this
    name = function_name(inner) or ""
    if kind_of(name) not in (Kind.AGGREGATE, None):
        hint = "FILTER follows an aggregate; elsewhere write CASE."
        walk.report("FUNCTION_NOT_AGGREGATE", f"{name} is not an aggregate.", hint, node)
    found = walk.type(inner)
    outside, walk.inside = walk.inside, walk.inside or "aggregate"
    condition(walk, node.expression.this, "The condition of FILTER")
    walk.inside = outside
    return found


def windowed(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A function with OVER."""
    if walk.inside:
        message = f"A window function stands inside {_OUTER[walk.inside]}."
        error = "EXPRESSION_NOT_SCALAR" if walk.inside == "lambda" else "NESTED_WINDOW"
        walk.report(error, message, "Compute the window function in an inner query.", node)
    walk.windows.append(node)
    outside, walk.inside = walk.inside, walk.inside or "window"
    found = _function(walk, node)
    walk.inside = outside
    return found


def _function(walk: Walk, node: exp.Expr) -> TrinoType | None:
    inner = node.this
    wrappers: list[exp.Expr] = []
    while isinstance(inner, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        if isinstance(inner, exp.Filter):
            hint = "Write CASE WHEN condition THEN value END inside the function."
            walk.report("NOT_SUPPORTED", "FILTER does not go with OVER.", hint, node)
            condition(walk, inner.expression.this, "The condition of FILTER")
        wrappers.append(inner)
        inner = inner.this
    found = call_of(inner)
    kind = typed_call(walk, inner, found, over=True) if found is not None else walk.type(inner)
    if found is not None:
        _check(walk, node, found.name, wrappers, read_window(walk, node))
    if kind is not None:
        for each in (inner, *wrappers):
            each.meta[META] = kind
    return kind


def _check(walk: Walk, node: exp.Expr, name: str, wrappers: list[exp.Expr], window: Window) -> None:
    """What a function asks of its window."""
    if name in _NEIGHBOURS and not window.keys:
        hint = f"Write {name}(...) OVER (ORDER BY ...)."
        walk.report("MISSING_ORDER_BY", f"{name} needs an ORDER BY, which says what a neighbour is.", hint, node)
    if name in _NEIGHBOURS and window.has_frame:
        walk.report("INVALID_WINDOW_FRAME", f"{name} takes no frame.", "Leave ROWS or RANGE out.", node)
    if name not in _VALUES and any(not isinstance(each, exp.Filter) for each in wrappers):
        hint = "Leave it out: aggregates skip NULLs anyway."
        walk.report("NULL_TREATMENT_NOT_ALLOWED", f"{name} has no IGNORE NULLS.", hint, node)


def unwindowed(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """IGNORE NULLS without OVER, and WITHIN GROUP around an aggregate."""
    found = walk.type(node.this)
    order = node.args.get("expression")
    if isinstance(order, exp.Order):
        walk.types(order.expressions)
    return found


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Filter: filtered,
    exp.Window: windowed,
    exp.IgnoreNulls: unwindowed,
    exp.RespectNulls: unwindowed,
    exp.WithinGroup: unwindowed,
}
