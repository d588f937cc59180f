"""The types of CASE, COALESCE, CAST and the other forms that no signature can describe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from townlake.sql.coercion import common_type
from townlake.sql.functions import suggestions
from townlake.sql.functions.table import FUNCTIONS
from townlake.sql.types import (
    BIGINT,
    BOOLEAN,
    TEXTS,
    UNKNOWN,
    VARCHAR,
    ZONED,
    TrinoType,
    array,
    row,
    timed,
)
from townlake.sql.typing.calls import arguments_of, call, written_name
from townlake.sql.typing.casts import read_data_type
from townlake.sql.typing.errors import quoted, written
from townlake.sql.typing.hints import meeting_hint
from townlake.sql.typing.operators import compare, condition
from townlake.sql.typing.resolution import resolve
from townlake.sql.typing.walk import META, Rule, Walk

_PARTS: Final = frozenset(
    {"year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy"}
    | {"year_of_week", "yow", "hour", "minute", "second", "timezone_hour", "timezone_minute"}
)
_PART_HINTS: Final = {
    "epoch": "Write to_unixtime(t).",
    "dayofweek": "Write extract(DOW FROM t).",
    "isodow": "Write extract(DOW FROM t); Monday is 1.",
    "dayofyear": "Write extract(DOY FROM t).",
    "millisecond": "Write millisecond(t).",
    "milliseconds": "Write millisecond(t).",
    "isoyear": "Write year_of_week(t).",
}


def agree(walk: Walk, node: exp.Expr, parts: Sequence[exp.Expr], what: str) -> TrinoType | None:
    """The common type of several expressions; reports the first that has none with those before it."""
    result: TrinoType | None = UNKNOWN
    owner = parts[0] if parts else node
    is_sure = True
    for part in parts:
        kind = walk.type(part)
        if kind is None:
            is_sure = False
        elif result is not None:
            common = common_type(result, kind)
            if common is None:
                hint = meeting_hint(owner, result, part, kind)
                walk.report("TYPE_MISMATCH", f"{what} are of one type; here are {result} and {kind}.", hint, node)
            elif common != result:
                owner = part
            result = common
    return result if is_sure else None


def case(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """CASE, with an operand or without."""
    operand = node.this
    kind = walk.type(operand) if operand is not None else None
    guarded, walk.is_guarded = walk.is_guarded, True
    for branch in node.args["ifs"]:
        if operand is None:
            condition(walk, branch.this, "A condition of CASE")
        else:
            other = walk.type(branch.this)
            if kind is not None and other is not None:
                compare(walk, node, "=", (operand, kind), (branch.this, other))
    results = [branch.args["true"] for branch in node.args["ifs"]]
    default = node.args.get("default")
    found = agree(walk, node, [*results, default] if default is not None else results, "The results of CASE")
    walk.is_guarded = guarded
    return found


def choice(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """IF."""
    condition(walk, node.this, "The condition of IF")
    guarded, walk.is_guarded = walk.is_guarded, True
    results = [result for key in ("true", "false") if (result := node.args.get(key)) is not None]
    found = agree(walk, node, results, "The results of IF")
    walk.is_guarded = guarded
    return found


def first_value(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """COALESCE, which other dialects call by other names."""
    name = written_name(walk.analysis.sql, node)
    if name not in ("", "coalesce"):
        hint = f"Use {' or '.join(suggestions(name)) or 'coalesce(a, b)'}."
        walk.report("FUNCTION_NOT_FOUND", f"There is no function {quoted(name)}.", hint, node)
    guarded, walk.is_guarded = walk.is_guarded, True
    found = agree(walk, node, [node.this, *node.expressions], "The arguments of COALESCE")
    walk.is_guarded = guarded
    return found


def null_if(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """NULLIF; its type is that of the first argument."""
    first, second = walk.type(node.this), walk.type(node.expression)
    if first is not None and second is not None and common_type(first, second) is None:
        hint = meeting_hint(node.this, first, node.expression, second)
        message = f"The arguments of NULLIF are of one type; here are {first} and {second}."
        walk.report("TYPE_MISMATCH", message, hint, node)
    return first


def attempt(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """TRY."""
    guarded, walk.is_guarded = walk.is_guarded, True
    found = walk.type(node.this)
    walk.is_guarded = guarded
    return found


def array_of(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """ARRAY[...]."""
    found = agree(walk, node, node.expressions, "The elements of an array")
    return None if found is None else array(found)


def row_of(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """ROW(...) and (a, b)."""
    types = walk.types(node.expressions)
    known = [kind for kind in types if kind is not None]
    return row(known) if len(known) == len(types) else None


def extraction(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """EXTRACT(part FROM value)."""
    kind = walk.type(node.expression)
    part = node.name.lower()
    if part not in _PARTS:
        hint = _PART_HINTS.get(part, "There are YEAR, QUARTER, MONTH, WEEK, DAY, DOW, DOY, HOUR, MINUTE, SECOND.")
        walk.report("SYNTAX_ERROR", f"EXTRACT has no field {part.upper()}.", hint, node)
    elif kind is not None and resolve(FUNCTIONS[part], (kind,)) is None:
        hint = (
            f"Write CAST({written(node.expression)} AS date)." if kind.name in TEXTS else "Extract from a date or time."
        )
        walk.report("TYPE_MISMATCH", f"{part.upper()} cannot be extracted from {kind}.", hint, node)
    return BIGINT


def in_zone(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`t AT TIME ZONE zone`."""
    kind, zone = walk.type(node.this), walk.type(node.args["zone"])
    if zone is not None and zone.name not in TEXTS and not zone.name.startswith("interval"):
        walk.report("TYPE_MISMATCH", f"A time zone is a text, not {zone}.", "Write AT TIME ZONE 'UTC'.", node)
    if kind is None or kind == UNKNOWN:
        return None
    if kind.name in ("time", "timestamp"):
        return timed(kind.name + ZONED, kind.numbers[0])
    if kind.name.endswith(ZONED):
        return kind
    hint = f"Write CAST({written(node.this)} AS timestamp) before it."
    walk.report("TYPE_MISMATCH", f"A value of type {kind} has no time zone.", hint, node)
    return None


def json_value(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """json_value, json_query, json_exists: what is read from a document by a path of the SQL standard."""
    for part in node.iter_expressions():
        walk.type(part)
    returning = node.args.get("returning")
    if isinstance(returning, exp.DataType):
        return read_data_type(returning)
    return VARCHAR


def json_text(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """json_object and json_array, which give text."""
    for part in node.iter_expressions():
        walk.type(part)
    return VARCHAR


def json_extract(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """json_extract and json_query; `j -> 'a'` is not Trino's."""
    if "only_json_types" in node.args:
        walk.type(node.this)
        hint = f"Write json_extract({written(node.this)}, '$.name'); a lambda stands inside a function only."
        walk.report("SYNTAX_ERROR", "-> is not an operator of Trino SQL.", hint, node)
        return None
    return json_text(walk, node) if node.args.get("json_query") else call(walk, node)


def anonymous(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A function that the parser does not know; forms among them have their own rules."""
    if type(node) is exp.Anonymous:
        name = str(node.this).lower()
        if name in ("json_array", "json_object"):
            return json_text(walk, node)
        if name == "json_exists":
            json_text(walk, node)
            return BOOLEAN
    return call(walk, node)


def clock(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """current_timestamp and the like, with as many digits as are asked for."""
    digits = node.this
    precision = int(digits.name) if isinstance(digits, exp.Literal) and digits.is_int else 3
    return timed(_CLOCKS[type(node)], precision)


_CLOCKS: Final[dict[type[exp.Expr], str]] = {
    exp.CurrentTimestamp: f"timestamp{ZONED}",
    exp.CurrentTime: f"time{ZONED}",
    exp.Localtimestamp: "timestamp",
    exp.Localtime: "time",
}


def grouping(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """GROUPING(...)."""
    walk.types(node.expressions)
    walk.groupings.append(node)
    return TrinoType("integer") if len(node.expressions) < 32 else BIGINT


def key_value(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """`key : value` in json_object."""
    arguments_of(walk, [part for part in (node.this, node.expression) if isinstance(part, exp.Expr)])
    return None


def common_text(walk: Walk, node: exp.Expr) -> TrinoType | None:
    """A path, which is a text."""
    node.meta[META] = VARCHAR
    return VARCHAR


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Case: case,
    exp.If: choice,
    exp.Coalesce: first_value,
    exp.Nullif: null_if,
    exp.Try: attempt,
    exp.Array: array_of,
    exp.Struct: row_of,
    exp.Tuple: row_of,
    exp.Extract: extraction,
    exp.AtTimeZone: in_zone,
    exp.JSONValue: json_value,
    exp.JSONObject: json_text,
    exp.JSONArray: json_text,
    exp.JSONExtract: json_extract,
    exp.JSONKeyValue: key_value,
    exp.JSONPath: common_text,
    exp.Grouping: grouping,
    exp.Anonymous: anonymous,
    **dict.fromkeys(_CLOCKS, clock),
}
