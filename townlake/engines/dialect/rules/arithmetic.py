"""`+ - * / %` on numbers: integer division, errors on zero, decimals of Trino's scale."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, binary, call, cast
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.rules.moments import moment_arithmetic
from townlake.engines.dialect.types import FLOATS, INTEGERS, decimal_of, duckdb_type

_TEMPORAL: Final = ("date", "time", "timestamp", "interval")


def arithmetic(node: Node, lower: Lowering) -> Node:
    """A binary operation, by the type of its result."""
    left, right = node.this, node.expression
    if any(lower.kind(side).startswith(_TEMPORAL) for side in (left, right)):
        return moment_arithmetic(node, lower)
    result = lower.type(node)
    kind = lower.kind(node)
    operation = _divided if isinstance(node, exp.Div) else _remainder if isinstance(node, exp.Mod) else _combined
    if kind in INTEGERS or kind in FLOATS or kind == "decimal":
        return operation(node, lower, result)
    raise refusal.form(f"arithmetic on {result}")


def operand(node: Node, lower: Lowering, target: str) -> Node:
    """A side of an operation, in the type that the operation works in.

    DuckDB gives an integer literal the narrowest type that fits its neighbour, so a literal
    is always cast: `smallint + 1` is an integer in Trino.
    """
    lowered = lower(node)
    if isinstance(node, exp.Literal) or lower.type(node) != target:
        return cast(lowered, duckdb_type(target))
    return lowered


def nonzero(node: Node, lowered: Node) -> Node:
    """A divisor that fails when it is zero; a literal is only looked at."""
    if isinstance(node, exp.Literal) and float(node.name) != 0:
        return lowered
    return call("trino_nonzero", lowered)


def _combined(node: Node, lower: Lowering, result: str) -> Node:
    if lower.kind(node) == "decimal":
        sides = (decimal_side(node.this, lower), decimal_side(node.expression, lower))
        return cast(type(node)(this=sides[0], expression=sides[1]), duckdb_type(result))
    kind = type(node)
    return binary(kind, operand(node.this, lower, result), operand(node.expression, lower, result))


def _divided(node: Node, lower: Lowering, result: str) -> Node:
    kind = lower.kind(node)
    if kind in FLOATS:
        left, right = (operand(side, lower, result) for side in (node.this, node.expression))
        return binary(exp.Div, left, right)
    if kind in INTEGERS:
        left, right = (operand(side, lower, result) for side in (node.this, node.expression))
        return binary(exp.IntDiv, left, nonzero(node.expression, right))
    return decimal_quotient(
        decimal_side(node.this, lower),
        lower.type(node.this),
        nonzero(node.expression, decimal_side(node.expression, lower)),
        lower.type(node.expression),
        result,
    )


def decimal_quotient(left: Node, left_type: str, right: Node, right_type: str, result: str) -> Node:
    """A decimal division, rounded half up to the result's scale.

    The quotient is computed on whole numbers with one digit more than wanted; the cast
    then rounds by that digit, which is all that rounding half up looks at.
    """
    scales = [(decimal_of(name) or (0, 0))[1] for name in (left_type, right_type, result)]
    shift = scales[2] + 1 + scales[1] - scales[0]
    raised = call("trino_unscaled", left, _power(scales[0] + max(shift, 0)))
    lowered = call("trino_unscaled", right, _power(scales[1] + max(-shift, 0)))
    quotient = cast(exp.Paren(this=exp.IntDiv(this=raised, expression=lowered)), "DECIMAL(38,0)")
    places = scales[2] + 1
    digits = exp.Literal.number(f"0.{'0' * (places - 1)}1")
    return cast(binary(exp.Mul, quotient, cast(digits, f"DECIMAL({places},{places})")), duckdb_type(result))


def _power(exponent: int) -> Node:
    return cast(exp.Literal.number("1" + "0" * exponent), "HUGEINT")


def _remainder(node: Node, lower: Lowering, result: str) -> Node:
    if lower.kind(node) in FLOATS:
        left, right = (operand(side, lower, result) for side in (node.this, node.expression))
        return binary(exp.Mod, left, right)
    if lower.kind(node) in INTEGERS:
        left, right = (operand(side, lower, result) for side in (node.this, node.expression))
        return binary(exp.Mod, left, nonzero(node.expression, right))
    sides = [decimal_side(side, lower) for side in (node.this, node.expression)]
    return cast(binary(exp.Mod, sides[0], nonzero(node.expression, sides[1])), duckdb_type(result))


def decimal_side(node: Node, lower: Lowering) -> Node:
    """A side of a decimal operation as a decimal: an integer becomes one without a fraction."""
    lowered = lower(node)
    if lower.kind(node) == "decimal":
        return lowered
    digits = decimal_of(lower.type(node))
    if digits is None:
        return cast(lowered, "DECIMAL(1,0)")
    return cast(lowered, f"DECIMAL({digits[0]},{digits[1]})")


def negative(node: Node, lower: Lowering) -> Node:
    """`-x`, in parentheses so that `- -x` is no comment; the smallest numbers are read as one literal."""
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        return exp.Paren(this=exp.Neg(this=exp.Literal.number(inner.name)))
    return exp.Paren(this=exp.Neg(this=exp.Paren(this=lower(inner))))


RULES: Final[dict[NodeClass, NodeRule]] = {
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), arithmetic),
    exp.Neg: negative,
}
