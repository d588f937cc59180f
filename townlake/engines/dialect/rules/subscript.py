"""`a[i]`, `m[k]`, `r[n]`, `element_at` and the fields of rows."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, call, failure, field, number, struct
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.rules.casts import coerced
from townlake.engines.dialect.types import duckdb_type, row_field, split_type


def bracket(node: Node, lower: Lowering) -> Node:
    """A subscript, or `element_at`, which the parser reads as one that is safe."""
    whole, index = node.this, node.expressions[0]
    kind = lower.kind(whole)
    safe = bool(node.args.get("safe"))
    if kind == "map":
        key = split_type(lower.type(whole))[1][0]
        found = call(
            "element_at", lower(whole), coerced(index, lower, key) if _has_type(index, lower) else lower(index)
        )
        if safe:
            return call("list_extract", found, number(1))
        return call("trino_map_value", lower(whole), lower(index))
    if kind == "row":
        return _row(whole, index, lower)
    if kind != "array":
        raise refusal.form(f"a subscript of {kind}")
    if safe:
        return call("trino_element_at", lower(whole), lower(index))
    return call("trino_subscript", lower(whole), lower(index))


def _has_type(node: Node, lower: Lowering) -> bool:
    return lower.kind(node) != "unknown"


def _row(whole: Node, index: Node, lower: Lowering) -> Node:
    if not isinstance(index, exp.Literal):
        raise refusal.form("a row subscript that is not a literal")
    fields = split_type(lower.type(whole))[1]
    place = int(index.name)
    if not 1 <= place <= len(fields):
        return failure("INVALID_FUNCTION_ARGUMENT")
    return field(lower(whole), place)


def dot(node: Node, lower: Lowering) -> Node:
    """`r.a`, the field of a row by its name."""
    if lower.kind(node.this) != "row":
        raise refusal.form("a field of what is no row")
    names = [row_field(described)[0].lower() for described in split_type(lower.type(node.this))[1]]
    name = node.expression.name.lower()
    if names.count(name) != 1:
        raise refusal.form("a field that the row does not have once")
    return field(lower(node.this), names.index(name) + 1)


def row(node: Node, lower: Lowering) -> Node:
    """`ROW(1, 2)`."""
    types = [row_field(described)[1] for described in split_type(lower.type(node))[1]]
    items = (_typed(item, type_, lower) for item, type_ in zip(node.expressions, types, strict=True))
    return row_of(list(items))


def row_of(items: list[Node]) -> Node:
    """A row without names. DuckDB loses count of the fields of structs that have none."""
    return struct([(f"field{place}", item) for place, item in enumerate(items)])


def array(node: Node, lower: Lowering) -> Node:
    """`ARRAY[1, 2]`, every element in the array's element type."""
    element = split_type(lower.type(node))[1][0]
    items = [_typed(item, element, lower) for item in node.expressions]
    whole = exp.Array(expressions=items)
    return (
        whole
        if element == "unknown" or items
        else exp.Cast(this=whole, to=exp.DataType.build(f"{duckdb_type(element)}[]", dialect="duckdb"))
    )


def _typed(node: Node, type_: str, lower: Lowering) -> Node:
    return lower(node) if type_ == "unknown" else coerced(node, lower, type_)


RULES: Final[dict[NodeClass, NodeRule]] = {exp.Bracket: bracket, exp.Dot: dot, exp.Struct: row, exp.Array: array}
