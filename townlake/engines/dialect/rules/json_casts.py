"""Casts to and from JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, call, cast, field, function, number, struct, text
from townlake.engines.dialect.lower import kind_of
from townlake.engines.dialect.types import FLOATS, INTEGERS, TEXTS, duckdb_type, precision_of, row_field, split_type

_READERS: Final = {
    **dict.fromkeys(INTEGERS, ("trino_json_integer", "BIGINT")),
    **dict.fromkeys(FLOATS, ("trino_json_float", "DOUBLE")),
    "boolean": ("trino_json_boolean", "BOOLEAN"),
    "varchar": ("trino_json_text", "VARCHAR"),
    "decimal": ("trino_json_decimal", "VARCHAR"),
}


def to_json(node: Node, source: str) -> Node:
    """A value as JSON, NULL as NULL."""
    return cast(_written(node, source), "JSON")


def _written(node: Node, source: str) -> Node:
    """The JSON text of a value; NULL for NULL."""
    kind = kind_of(source)
    if kind in _BARE:
        return cast(node, "VARCHAR")
    if kind in _QUOTED:
        return call("trino_json_quoted", _QUOTED[kind](node, source))
    if kind == "double":
        return call("trino_json_double", node)
    if kind == "array":
        return _joined(_each(node, split_type(source)[1][0]), "[", "]", node)
    if kind in {"map", "row"}:
        return _map(node, source) if kind == "map" else _row(node, source)
    raise refusal.conversion(kind, "json")


_BARE: Final = INTEGERS | {"boolean", "decimal", "json", "unknown"}
_QUOTED: Final[dict[str, Callable[[Node, str], Node]]] = {
    "varchar": lambda node, _: node,
    "char": lambda node, _: node,
    "date": lambda node, _: cast(node, "VARCHAR"),
    "timestamp": lambda node, source: call("trino_timestamp_written", node, number(precision_of(source))),
}


def _each(node: Node, source: str) -> Node:
    written = call("coalesce", _written(exp.to_identifier("item"), source), text("null"))
    return call("list_transform", node, function(["item"], written))


def _joined(items: Node, opening: str, closing: str, whole: Node) -> Node:
    inside = call("coalesce", call("array_to_string", items, text(",")), text(""))
    joined = exp.DPipe(this=exp.DPipe(this=text(opening), expression=inside), expression=text(closing))
    return exp.Case(
        ifs=[exp.If(this=exp.Is(this=whole.copy(), expression=exp.Null()), true=exp.Null())], default=joined
    )


def _map(node: Node, source: str) -> Node:
    key, value = split_type(source)[1]
    if kind_of(key) not in TEXTS | INTEGERS | {"boolean"}:
        raise refusal.conversion(source, "json")
    entry = exp.to_identifier("item")
    name = call("trino_json_quoted", cast(field(entry, 1), "VARCHAR"))
    written = call("coalesce", _written(field(entry.copy(), 2), value), text("null"))
    pair = struct([("name", cast(field(entry.copy(), 1), "VARCHAR")), ("member", _colon(name, written))])
    pairs = call("list_sort", call("list_transform", call("map_entries", node), function(["item"], pair)))
    return _joined(
        call("list_transform", pairs, function(["item"], field(exp.to_identifier("item"), 2))), "{", "}", node
    )


def _colon(name: Node, written: Node) -> Node:
    return exp.DPipe(this=exp.DPipe(this=name, expression=text(":")), expression=exp.Paren(this=written))


def _row(node: Node, source: str) -> Node:
    parts: list[Node] = []
    for place, described in enumerate(split_type(source)[1], 1):
        name, type_ = row_field(described)
        written = call("coalesce", _written(field(node.copy(), place), type_), text("null"))
        parts.append(_colon(call("trino_json_quoted", text(name)), written))
    return _joined(exp.Array(expressions=parts), "{", "}", node)


def from_json(node: Node, target: str, *, safe: bool) -> Node:
    """A value of another type from JSON."""
    kind = kind_of(target)
    if kind == "json":
        return node
    if kind in _READERS:
        name, _ = _READERS[kind]
        read = call(name, cast(node, "VARCHAR"))
        return cast(call("try", read) if safe else read, duckdb_type(target), safe=safe)
    if safe:
        raise refusal.conversion("json", f"{kind} with TRY_CAST")
    if kind == "array":
        inner = from_json(exp.to_identifier("item"), split_type(target)[1][0], safe=False)
        return call("list_transform", call("trino_json_items", cast(node, "VARCHAR")), function(["item"], inner))
    if kind == "map":
        key, value = split_type(target)[1]
        if kind_of(key) != "varchar":
            raise refusal.conversion("json", target)
        members = call("trino_json_values", cast(node, "VARCHAR"))
        inner = from_json(exp.to_identifier("item"), value, safe=False)
        values = call("list_transform", members, function(["item"], inner))
        return call("trino_map_of", call("trino_json_keys", cast(node.copy(), "VARCHAR")), values, node.copy())
    if kind == "row":
        return _row_from(node, target)
    raise refusal.conversion("json", kind)


def _row_from(node: Node, target: str) -> Node:
    fields: list[Node] = []
    for place, described in enumerate(split_type(target)[1]):
        name, type_ = row_field(described)
        member = call("trino_json_field", cast(node.copy(), "VARCHAR"), text(name), number(place))
        value = from_json(member, type_, safe=False)
        fields.append(exp.PropertyEQ(this=exp.to_identifier(name or f"field{place}", quoted=True), expression=value))
    whole = cast(exp.Struct(expressions=fields), duckdb_type(target))
    missing = call("trino_json_is_null", cast(node.copy(), "VARCHAR"))
    return exp.Case(ifs=[exp.If(this=missing, true=exp.Null())], default=whole)
