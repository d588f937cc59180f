"""Aggregates and window functions with what is written around them: FILTER, IGNORE NULLS, OVER."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

from townlake.sql.coercion import can_coerce
from townlake.sql.functions import Kind, call_of, function_name
from townlake.sql.functions.table import kind_of
from townlake.sql.types import BIGINT, INTEGERS, NUMBERS, UNKNOWN, TrinoType
from townlake.sql.typing.calls import typed_call
from townlake.sql.typing.errors import quoted
from townlake.sql.typing.operators import arithmetic, condition
from townlake.sql.typing.walk import META, Rule, Walk

_SPECIAL: Final = frozenset({"CURRENT ROW", "UNBOUNDED"})


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
        error = "NESTED_WINDOW"
        hint = "Compute the window function in an inner query."
        walk.report(error, f"A window function stands inside {_ARTICLES[walk.inside]}.", hint, node)
    walk.windows.append(node)
    outside, walk.inside = walk.inside, walk.inside or "window"
    found = _function(walk, node)
    specification(walk, node)
    walk.inside = outside
    return found


_ARTICLES: Final = {"aggregate": "an aggregate", "window": "another window function"}


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
    if kind is not None:
        for each in (inner, *wrappers):
            each.meta[META] = kind
    return kind


def specification(walk: Walk, node: exp.Expr) -> None:
    """PARTITION BY, ORDER BY and the frame of a window."""
    walk.types(node.args.get("partition_by") or [])
    order = node.args.get("order")
    keys = walk.types(order.expressions) if order is not None else []
    frame = node.args.get("spec")
    if frame is not None:
        inherits = node.args.get("alias") is not None
        _frame(walk, frame, keys, may_inherit=inherits)


def _frame(walk: Walk, frame: exp.Expr, keys: list[TrinoType | None], *, may_inherit: bool) -> None:
    mode = str(frame.args.get("kind") or "").upper()
    for key in ("start", "end"):
        bound = frame.args.get(key)
        if not isinstance(bound, exp.Expr) or bound.name.upper() in _SPECIAL:
            continue
        kind = walk.type(bound)
        if kind is None or kind == UNKNOWN:
            continue
        if mode == "RANGE":
            _range(walk, frame, keys, kind, may_inherit=may_inherit)
        elif kind.name not in INTEGERS or not can_coerce(kind, BIGINT):
            hint = "Write a whole number: ROWS BETWEEN 6 PRECEDING AND CURRENT ROW."
            walk.report("TYPE_MISMATCH", f"{mode} counts in whole numbers, not in {kind}.", hint, frame)
    if mode == "GROUPS" and not keys and not may_inherit:
        walk.report("MISSING_ORDER_BY", "GROUPS needs an ORDER BY.", "Write OVER (ORDER BY ... GROUPS ...).", frame)


def _range(walk: Walk, frame: exp.Expr, keys: list[TrinoType | None], bound: TrinoType, *, may_inherit: bool) -> None:
    if not keys and may_inherit:
        return
    if len(keys) != 1:
        hint = "Write one key in ORDER BY, or ROWS in place of RANGE."
        walk.report("MISSING_ORDER_BY", "RANGE with a distance needs an ORDER BY of one key.", hint, frame)
        return
    key = keys[0]
    if key is None or key == UNKNOWN:
        return
    moves = arithmetic("+", key, bound)
    if (key.name in NUMBERS) != (bound.name in NUMBERS) or moves is None:
        hint = "Write INTERVAL '7' DAY for dates, a number for numbers, or ROWS."
        walk.report("TYPE_MISMATCH", f"RANGE cannot move {key} by {bound}.", hint, frame)


def check_names(walk: Walk, select: exp.Expr) -> dict[str, exp.Expr]:
    """The windows that a WINDOW clause names; they are read on the way."""
    named: dict[str, exp.Expr] = {}
    for window in select.args.get("windows") or ():
        named[window.this.name.lower()] = window
        specification(walk, window)
    return named


def check_references(walk: Walk, named: Mapping[str, exp.Expr]) -> None:
    """Report windows that no WINDOW clause names."""
    for node in walk.windows:
        alias = node.args.get("alias")
        if alias is not None and alias.name.lower() not in named:
            hint = "Name it behind HAVING: WINDOW w AS (PARTITION BY ...)."
            walk.report("INVALID_WINDOW_REFERENCE", f"There is no window {quoted(alias.name)}.", hint, node)


def without_order(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """IGNORE NULLS without OVER, WITHIN GROUP around an aggregate."""
    found = walk.type(node.this)
    expression = node.args.get("expression")
    if isinstance(expression, exp.Order):
        walk.types(expression.expressions)
    return found


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Filter: filtered,
    exp.Window: windowed,
    exp.IgnoreNulls: without_order,
    exp.RespectNulls: without_order,
    exp.WithinGroup: without_order,
}
