"""Which parts of a node the rules look at.

The parser grows: a part that a rule does not know (the `negate` of a NOT LIKE was one) would be
dropped in silence and change the rows. So a node with any other part is refused.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass
from townlake.sql.functions import names

_BINARY: Final = (
    *(exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.DPipe, exp.Escape, exp.Is, exp.Dot, exp.Nullif),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ),
)
_PARTS: Final[dict[NodeClass, frozenset[str]]] = {
    **dict.fromkeys(_BINARY, frozenset({"this", "expression", "safe"})),
    **dict.fromkeys((exp.Array, exp.Tuple, exp.Struct), frozenset({"expressions"})),
    exp.Div: frozenset({"this", "expression", "typed"}),
    exp.Neg: frozenset({"this"}),
    exp.AtTimeZone: frozenset({"this", "zone"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Bracket: frozenset({"this", "expressions", "offset", "safe"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.TryCast: frozenset({"this", "to", "safe"}),
    exp.Fetch: frozenset({"direction", "count", "limit_options"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Interval: frozenset({"this", "unit"}),
    exp.JSONExtract: frozenset({"this", "expression", "json_query", "option", "quote", "on_condition"}),
    exp.JSONObject: frozenset({"expressions", "null_handling"}),
    exp.JSONValue: frozenset({"this", "path", "returning", "on_condition"}),
    exp.Join: frozenset({"this", "on", "side", "kind", "using", "method"}),
    exp.Lambda: frozenset({"this", "expressions"}),
    exp.Lateral: frozenset({"this", "alias"}),
    exp.Like: frozenset({"this", "expression", "negate"}),
    exp.Limit: frozenset({"expression"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.HexString: frozenset({"this"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.ParseJSON: frozenset({"this", "is_literal"}),
    exp.TableSample: frozenset({"method", "percent"}),
    exp.Unnest: frozenset({"expressions", "alias", "offset"}),
    exp.Window: frozenset({"this", "partition_by", "order", "spec", "alias", "over"}),
    exp.WindowSpec: frozenset({"kind", "start", "start_side", "end", "end_side"}),
    **dict.fromkeys(
        (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup), frozenset({"this", "expression"})
    ),
    **dict.fromkeys(
        (exp.Union, exp.Intersect, exp.Except),
        frozenset({"this", "expression", "distinct", "order", "limit", "offset", "with_"}),
    ),
}
"""By class of node. Classes that are not here have rules that look for themselves."""
_FLAGS: Final[dict[NodeClass, frozenset[str]]] = {
    exp.ArraySort: frozenset({"nulls_first"}),
    exp.ConcatWs: frozenset({"coalesce"}),
    exp.Count: frozenset({"big_int"}),
    exp.DateAdd: frozenset({"unit"}),
    exp.Decode: frozenset({"charset"}),
    exp.Encode: frozenset({"charset"}),
    exp.Extract: frozenset({"this"}),
    exp.GroupConcat: frozenset({"on_overflow"}),
    exp.JSONArray: frozenset({"null_handling"}),
    exp.JSONExtractScalar: frozenset({"scalar_only"}),
    exp.JSONFormat: frozenset({"is_json"}),
    exp.Pad: frozenset({"is_left"}),
    exp.RegexpExtract: frozenset({"null_if_pos_overflow"}),
    exp.SHA2Digest: frozenset({"length"}),
    exp.Trim: frozenset({"position"}),
}
"""Parts of functions that only repeat their name, or that change nothing below a megabyte."""


def refuse_unknown_parts(node: Node) -> None:
    """Refuse a node with a part that no rule looks at.

    >>> from sqlglot import parse_one
    >>> refuse_unknown_parts(parse_one("a LIKE 'b'", read="trino"))
    """
    known = _PARTS.get(type(node)) or _parts_of_call(node)
    if known is None:
        return
    strange = [key for key, value in node.args.items() if value and key not in known]
    if strange:
        raise refusal.form(f"{node.key.upper()} with {strange[0].replace('_', ' ')}")


def _parts_of_call(node: Node) -> frozenset[str] | None:
    found = names.call_of(node)
    if found is None:
        return None
    read = {id(argument) for argument in found.arguments}
    flags = _FLAGS.get(type(node), frozenset())
    return flags | {key for key, value in node.args.items() if _is_read(value, read)}


def _is_read(value: object, read: set[int]) -> bool:
    if isinstance(value, list):
        return all(_is_read(item, read) for item in value)
    # DISTINCT, ORDER BY and the star of count(*) lie around the arguments.
    return id(value) in read or isinstance(value, exp.Distinct | exp.Order | exp.Star | str)
