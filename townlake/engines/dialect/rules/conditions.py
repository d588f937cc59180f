"""CASE, IF, COALESCE, NULLIF, TRY, GREATEST and LEAST."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, call, cast, either, is_null, null
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.lower import FunctionRule, Lowering, NodeRule
from townlake.engines.dialect.rules.casts import coerced
from townlake.engines.dialect.rules.comparison import common_type, compared
from townlake.engines.dialect.types import FLOATS, duckdb_type


def case(node: Node, lower: Lowering) -> Node:
    """CASE, with an operand or without; every result in the type of the whole."""
    operand = node.this
    branches = []
    for branch in node.args["ifs"]:
        condition = compared(exp.EQ, operand, branch.this, lower) if operand is not None else lower(branch.this)
        branches.append(exp.If(this=condition, true=_result(branch.args["true"], node, lower)))
    default = node.args.get("default")
    return exp.Paren(this=exp.Case(ifs=branches, default=None if default is None else _result(default, node, lower)))


def if_(node: Node, lower: Lowering) -> Node:
    """IF(condition, then, else)."""
    other = node.args.get("false")
    branch = exp.If(this=lower(node.this), true=_result(node.args["true"], node, lower))
    return exp.Paren(this=exp.Case(ifs=[branch], default=None if other is None else _result(other, node, lower)))


def _result(node: Node, whole: Node, lower: Lowering) -> Node:
    target = str(lower.type(whole)) if lower.kind(whole) != "unknown" else "unknown"
    return coerced(node, lower, target)


def coalesce(call_: Call, lower: Lowering) -> Node:
    """COALESCE, in the type of the whole."""
    return call("coalesce", *(_result(argument, call_.node, lower) for argument in call_.arguments))


def nullif(node: Node, lower: Lowering) -> Node:
    """NULLIF keeps the type of its first argument."""
    first, second = node.this, node.expression
    if lower.kind(first) == "unknown":
        return null()
    if common_type(first, second, lower) == lower.type(first) and lower.kind(first) not in FLOATS | {"row", "char"}:
        return call("nullif", lower(first), coerced(second, lower, lower.type(first)))
    same = compared(exp.EQ, first, second, lower)
    return exp.Paren(this=exp.Case(ifs=[exp.If(this=same, true=null())], default=lower(first)))


def try_(node: Node, lower: Lowering) -> Node:
    """TRY(x): NULL where x fails. DuckDB cannot do this around a subquery or an aggregate."""
    if node.find(exp.Query, exp.AggFunc, exp.Window) is not None:
        raise refusal.form("TRY around a subquery or an aggregate", "Move TRY inside.")
    return call("try", lower(node.this))


def _extreme(name: str) -> FunctionRule:
    def build(call_: Call, lower: Lowering) -> Node:
        sides = [_result(argument, call_.node, lower) for argument in call_.arguments]
        missing = is_null(sides[0].copy())
        for side in sides[1:]:
            missing = either(missing, is_null(side.copy()))
        if lower.kind(call_.node) in FLOATS:
            # NaN is passed over unless nothing else is there.
            numbers = [call("trino_number", side) for side in sides]
            found = call("coalesce", call(name, *numbers), sides[0].copy())
        elif lower.kind(call_.node) in {"row", "array", "map", "char"}:
            raise refusal.form(f"{name} of {lower.kind(call_.node)} values")
        else:
            found = call(name, *sides)
        typed_null = cast(null(), duckdb_type(lower.type(call_.node)))
        return exp.Paren(this=exp.Case(ifs=[exp.If(this=missing, true=typed_null)], default=found))

    return build


RULES: Final[dict[NodeClass, NodeRule]] = {exp.Case: case, exp.If: if_, exp.Nullif: nullif, exp.Try: try_}
FUNCTIONS: Final[dict[str, FunctionRule]] = {
    "coalesce": coalesce,
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
}
