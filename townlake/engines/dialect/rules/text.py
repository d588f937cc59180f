"""`||` and LIKE."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, binary, call, cast, is_null, negated
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.rules.casts import coerced
from townlake.engines.dialect.types import TEXTS, duckdb_type, split_type


def joined(node: Node, lower: Lowering) -> Node:
    """`a || b` of strings, bytes or arrays; NULL when a side is NULL."""
    result = "varchar" if lower.kind(node) == "unknown" else lower.type(node)
    return concatenated([node.this, node.expression], result, lower)


def concatenated(parts: list[Node], result: str, lower: Lowering) -> Node:
    """Several values in a row, NULL when one is NULL."""
    if split_type(result)[0] == "array":
        return _arrays(parts, result, lower)
    if lower.kind(parts[0]) not in TEXTS | {"varbinary", "unknown"}:
        raise refusal.form(f"|| of {lower.kind(parts[0])} values")
    type_ = duckdb_type(result)
    whole, *rest = [cast(lower(part), type_) if isinstance(part, exp.Null) else lower(part) for part in parts]
    for part in rest:
        whole = binary(exp.DPipe, whole, part)
    return whole


def _arrays(parts: list[Node], result: str, lower: Lowering) -> Node:
    element = split_type(result)[1][0]
    whole: Node | None = None
    for part in parts:
        if lower.kind(part) == "array":
            piece = coerced(part, lower, result)
        else:
            piece = exp.Array(expressions=[coerced(part, lower, element)])
        whole = piece if whole is None else binary(exp.DPipe, whole, piece)
    return whole if whole is not None else exp.Null()


def like(node: Node, lower: Lowering) -> Node:
    """LIKE without an escape: a backslash in the pattern is a backslash."""
    if lower.kind(node.expression) == "char":
        raise refusal.form("LIKE with a char pattern")
    sides = [_text(side, lower) for side in (node.this, node.expression)]
    return _negated(node, exp.Paren(this=exp.Like(this=sides[0], expression=sides[1])))


def _negated(node: Node, found: Node) -> Node:
    return negated(found) if node.args.get("negate") else found


def escape(node: Node, lower: Lowering) -> Node:
    """LIKE with an escape, which may only stand before `%`, `_` and itself."""
    inner, sign = node.this, node.expression
    if not (
        isinstance(sign, exp.Literal) and isinstance(inner, exp.Like) and isinstance(inner.expression, exp.Literal)
    ):
        raise refusal.form("LIKE with an escape that is not a literal")
    pattern, mark = inner.expression.name, sign.name
    if len(mark) != 1 or not _is_escaped(pattern, mark):
        failing = call("trino_fail_boolean")
        return exp.Case(ifs=[exp.If(this=is_null(lower(inner.this)), true=exp.Null())], default=failing)
    plain = exp.Like(this=_text(inner.this, lower), expression=lower(inner.expression))
    return _negated(inner, exp.Paren(this=exp.Escape(this=plain, expression=lower(sign))))


def _is_escaped(pattern: str, mark: str) -> bool:
    place = 0
    while place < len(pattern):
        if pattern[place] == mark:
            place += 1
            if place >= len(pattern) or pattern[place] not in {"%", "_", mark}:
                return False
        place += 1
    return True


def _text(node: Node, lower: Lowering) -> Node:
    return cast(lower(node), "VARCHAR") if isinstance(node, exp.Null) else lower(node)


RULES: Final[dict[NodeClass, NodeRule]] = {exp.DPipe: joined, exp.Like: like, exp.Escape: escape}
