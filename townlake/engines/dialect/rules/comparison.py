"""Comparisons: common types, NaN, rows, arrays and maps with NULL inside."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, both, call, cast, either, false, field, negated, true
from townlake.engines.dialect.lower import Lowering, NodeRule, kind_of
from townlake.engines.dialect.rules.casts import coerced
from townlake.engines.dialect.types import FLOATS, INTEGERS, duckdb_type, row_field, split_type
from townlake.sql import coercion as sql_types
from townlake.sql.types import parse_type

_ORDERED: Final = (exp.LT, exp.LTE, exp.GT, exp.GTE)


def comparison(node: Node, lower: Lowering) -> Node:
    """`=`, `<>`, `<`, `<=`, `>`, `>=` and IS [NOT] DISTINCT FROM."""
    left, right = node.this, node.expression
    if isinstance(right, exp.Any | exp.All):
        return _quantified(node, lower)
    return compared(type(node), left, right, lower)


def compared(operation: type[Node], left: Node, right: Node, lower: Lowering) -> Node:
    """Two nodes of the Trino tree, compared."""
    if isinstance(left, exp.Tuple | exp.Struct) and isinstance(right, exp.Tuple | exp.Struct):
        return _rows(operation, list(left.expressions), list(right.expressions), lower)
    target = common_type(left, right, lower)
    sides = (coerced(left, lower, target), coerced(right, lower, target))
    return compared_values(
        operation, sides[0], sides[1], target, nan=(may_be_nan(left, lower), may_be_nan(right, lower))
    )


def common_type(left: Node, right: Node, lower: Lowering) -> str:
    """The type that two sides are compared in."""
    types = ["unknown" if isinstance(side, exp.Null) else lower.type(side) for side in (left, right)]
    return common_of(*types)


def common_of(left: str, right: str) -> str:
    """The common supertype of two types.

    >>> common_of("integer", "decimal(3,1)"), common_of("bigint", "real"), common_of("date", "timestamp(3)")
    ('decimal(11,1)', 'real', 'timestamp(3)')

    Raises:
        Refused: the two are not comparable here.
    """
    common = sql_types.common_type(parse_type(left), parse_type(right))
    if common is None:
        raise refusal.form(f"a comparison of {kind_of(left)} with {kind_of(right)}")
    return str(common)


def compared_values(
    operation: type[Node], left: Node, right: Node, type_: str, *, nan: tuple[bool, bool] = (True, True)
) -> Node:
    """Two lowered values of one type, compared as Trino does."""
    kind = kind_of(type_)
    if kind == "char":
        left, right = call("rtrim", left), call("rtrim", right)
    if operation in {exp.NullSafeEQ, exp.NullSafeNEQ}:
        return exp.Paren(this=operation(this=left, expression=right))
    if kind in FLOATS:
        return _floats(operation, left, right, nan)
    if kind == "array" and operation in {exp.EQ, exp.NEQ}:
        return _arrays(operation, left, right, split_type(type_)[1][0])
    if kind == "map" and operation in {exp.EQ, exp.NEQ}:
        same = call("trino_same_maps", left, right)
        return same if operation is exp.EQ else negated(same)
    if kind == "row":
        return _row_values(operation, left, right, type_)
    if kind in {"array", "map"}:
        raise refusal.form(f"an ordering of {kind} values")
    return exp.Paren(this=operation(this=left, expression=right))


def may_be_nan(node: Node, lower: Lowering) -> bool:
    """Whether a value could be NaN, which DuckDB takes for equal to itself and larger than all."""
    if lower.kind(node) not in FLOATS:
        return False
    if isinstance(node, exp.Literal | exp.Null):
        return False
    if isinstance(node, exp.Neg | exp.Paren):
        return may_be_nan(node.this, lower)
    return not (isinstance(node, exp.Cast) and lower.kind(node.this) in INTEGERS | {"decimal"})


def _floats(operation: type[Node], left: Node, right: Node, nan: tuple[bool, bool]) -> Node:
    plain = exp.Paren(this=operation(this=left, expression=right))
    if operation in {exp.GT, exp.GTE} and nan[0]:
        return both(plain, negated(call("isnan", left.copy())))
    if operation in {exp.LT, exp.LTE} and nan[1]:
        return both(plain, negated(call("isnan", right.copy())))
    if operation is exp.EQ and all(nan):
        return both(plain, negated(call("isnan", left.copy())))
    if operation is exp.NEQ and all(nan):
        return either(plain, both(call("isnan", left.copy()), call("isnan", right.copy())))
    return plain


def _rows(operation: type[Node], left: list[Node], right: list[Node], lower: Lowering) -> Node:
    if len(left) != len(right):
        raise refusal.form("a comparison of rows of two widths")
    if operation in {exp.EQ, exp.NEQ}:
        same = true()
        for first, second in zip(left, right, strict=True):
            equal = compared(exp.EQ, first, second, lower)
            same = equal if isinstance(same, exp.Boolean) else both(same, equal)
        return same if operation is exp.EQ else negated(same)
    if operation in _ORDERED:
        strict = exp.LT if operation in {exp.LT, exp.LTE} else exp.GT
        last = compared(operation, left[-1], right[-1], lower)
        for first, second in reversed(list(zip(left[:-1], right[:-1], strict=True))):
            before = compared(strict, first, second, lower)
            last = either(before, both(compared(exp.EQ, first, second, lower), last))
        return last
    raise refusal.form("IS DISTINCT FROM between rows")


def _row_values(operation: type[Node], left: Node, right: Node, type_: str) -> Node:
    if operation not in {exp.EQ, exp.NEQ}:
        raise refusal.form("an ordering of row values")
    same: Node | None = None
    for place, described in enumerate(split_type(type_)[1], 1):
        inner = row_field(described)[1]
        equal = compared_values(exp.EQ, field(left.copy(), place), field(right.copy(), place), inner)
        same = equal if same is None else both(same, equal)
    found = same or true()
    return found if operation is exp.EQ else negated(found)


def _arrays(operation: type[Node], left: Node, right: Node, element: str) -> Node:
    if kind_of(element) in {"array", "map", "row", *FLOATS}:
        raise refusal.form(f"a comparison of arrays of {kind_of(element)}")
    same = call("trino_same_arrays", left, right)
    return same if operation is exp.EQ else negated(same)


def between(node: Node, lower: Lowering) -> Node:
    """`x BETWEEN a AND b`, as the two comparisons that it stands for."""
    value, low, high = node.this, node.args["low"], node.args["high"]
    if any(lower.kind(side) in FLOATS | {"row", "char"} for side in (value, low, high)):
        return both(compared(exp.GTE, value, low, lower), compared(exp.LTE, value, high, lower))
    target = common_of(common_type(value, low, lower), common_type(value, high, lower))
    sides = [coerced(side, lower, target) for side in (value, low, high)]
    return exp.Paren(this=exp.Between(this=sides[0], low=sides[1], high=sides[2]))


def membership(node: Node, lower: Lowering) -> Node:
    """`x IN (...)`."""
    query = node.args.get("query")
    if query is not None:
        return exp.Paren(this=exp.In(this=lower(node.this), query=lower(query)))
    items = node.expressions
    kinds = {lower.kind(item) for item in (node.this, *items)}
    if kinds & {"row", "array", "map", "char"} or (kinds & FLOATS and any(may_be_nan(item, lower) for item in items)):
        found = false()
        for item in items:
            equal = compared(exp.EQ, node.this, item, lower)
            found = equal if isinstance(found, exp.Boolean) else either(found, equal)
        return found
    target = "unknown" if isinstance(node.this, exp.Null) else lower.type(node.this)
    for item in items:
        target = common_of(target, "unknown" if isinstance(item, exp.Null) else lower.type(item))
    values = [coerced(item, lower, target) for item in (node.this, *items)]
    return exp.Paren(this=exp.In(this=values[0], expressions=values[1:]))


def _quantified(node: Node, lower: Lowering) -> Node:
    quantifier = node.expression
    if not isinstance(quantifier.this, exp.Subquery | exp.Query | exp.Values):
        raise refusal.form("a quantified comparison without a query")
    if lower.kind(node.this) in {"row", "array", "map", "char", *FLOATS}:
        raise refusal.form(f"a quantified comparison of {lower.kind(node.this)} values")
    left = lower(node.this)
    return exp.Paren(this=type(node)(this=left, expression=type(quantifier)(this=lower(quantifier.this))))


def is_(node: Node, lower: Lowering) -> Node:
    """`x IS NULL`."""
    if not isinstance(node.expression, exp.Null):
        raise refusal.form("IS with anything but NULL")
    operand = lower(node.this)
    if isinstance(node.this, exp.Null):
        operand = cast(operand, duckdb_type("unknown"))
    return exp.Paren(this=exp.Is(this=operand, expression=exp.Null()))


RULES: Final[dict[NodeClass, NodeRule]] = {
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ), comparison),
    exp.Between: between,
    exp.In: membership,
    exp.Is: is_,
}
