"""Functions of maps."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, call, cast, field, function, number
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions.arrays import _substituted
from townlake.engines.dialect.functions.plain import renamed
from townlake.engines.dialect.lower import FunctionRule, Lowering
from townlake.engines.dialect.rules.casts import coerced
from townlake.engines.dialect.types import duckdb_type, split_type


def map_(call_: Call, lower: Lowering) -> Node:
    """`map(keys, values)`, or an empty one."""
    if not call_.arguments:
        return cast(exp.Anonymous(this="map", expressions=[]), "MAP(INTEGER, INTEGER)")
    if len(call_.arguments) != 2:
        raise refusal.argument("map", "one argument")
    keys, values = call_.arguments
    return call("trino_map", lower(keys), lower(values))


def map_from_entries(call_: Call, lower: Lowering) -> Node:
    """`map_from_entries`."""
    return call("map_from_entries", lower(call_.arguments[0]))


def map_concat(call_: Call, lower: Lowering) -> Node:
    """`map_concat`: the last map wins."""
    result = lower.type(call_.node)
    return call("map_concat", *(coerced(item, lower, result) for item in call_.arguments))


def _entry_lambda(call_: Call, lower: Lowering) -> tuple[Node, Node]:
    """The entries of the map and the lambda's body over one of them, `entry__e`."""
    whole, test = call_.arguments
    if not isinstance(test, exp.Lambda) or len(test.expressions) != 2:
        raise refusal.argument(call_.name, "this function")
    entry = exp.to_identifier("entry__e")
    names = [parameter.name for parameter in test.expressions]
    body = _substituted(lower(test.this), {names[0]: field(entry, 1), names[1]: field(entry, 2)})
    return call("map_entries", lower(whole)), body


def map_filter(call_: Call, lower: Lowering) -> Node:
    """`map_filter`."""
    entries, body = _entry_lambda(call_, lower)
    return call("map_from_entries", call("list_filter", entries, function(["entry__e"], body)))


def _transformed(keys: bool) -> FunctionRule:
    """`transform_keys` and `transform_values`."""

    def rule(call_: Call, lower: Lowering) -> Node:
        entries, body = _entry_lambda(call_, lower)
        changed = call("list_transform", entries, function(["entry__e"], body))
        whole = lower(call_.arguments[0])
        kept = call("map_values" if keys else "map_keys", whole)
        return call("trino_map", *((changed, kept) if keys else (kept, changed)))

    return rule


def map_zip_with(call_: Call, lower: Lowering) -> Node:
    """`map_zip_with`: all keys of both maps."""
    first, second, merge = call_.arguments
    if not isinstance(merge, exp.Lambda) or len(merge.expressions) != 3:
        raise refusal.argument("map_zip_with", "this function")
    key = exp.to_identifier("key__k")
    names = [parameter.name for parameter in merge.expressions]
    sides = [call("list_extract", call("element_at", lower(side), key.copy()), number(1)) for side in (first, second)]
    body = _substituted(lower(merge.this), {names[0]: key, names[1]: sides[0], names[2]: sides[1]})
    keys = call(
        "trino_distinct", exp.DPipe(this=call("map_keys", lower(first)), expression=call("map_keys", lower(second)))
    )
    return call("trino_map", keys, call("list_transform", keys.copy(), function(["key__k"], body)))


def map_keys(call_: Call, lower: Lowering) -> Node:
    """`map_keys`."""
    return cast(call("map_keys", lower(call_.arguments[0])), f"{_type(call_, lower, 0)}[]")


def map_values(call_: Call, lower: Lowering) -> Node:
    """`map_values`."""
    return cast(call("map_values", lower(call_.arguments[0])), f"{_type(call_, lower, 1)}[]")


def _type(call_: Call, lower: Lowering, place: int) -> str:
    return duckdb_type(split_type(lower.type(call_.arguments[0]))[1][place])


FUNCTIONS: Final = {
    "map": map_,
    "map_concat": map_concat,
    "map_entries": renamed("map_entries", 1),
    "map_filter": map_filter,
    "map_from_entries": map_from_entries,
    "map_keys": map_keys,
    "map_values": map_values,
    "map_zip_with": map_zip_with,
    "transform_keys": _transformed(keys=True),
    "transform_values": _transformed(keys=False),
}
