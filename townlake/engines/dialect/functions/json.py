"""Functions of JSON."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, NodeClass, call, cast, failure, null, text, when
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions.plain import as_text
from townlake.engines.dialect.lower import FunctionRule, Lowering, NodeRule
from townlake.engines.dialect.rules.casts import Conversion
from townlake.engines.dialect.scalars.json_extract import steps
from townlake.engines.dialect.scalars.json_path import PathError, read_path
from townlake.engines.dialect.types import duckdb_type


def _simple_path(name: str, node: Node) -> Node | None:
    """The path literal, or None when it is no path at all, which Trino finds when it runs."""
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise refusal.argument(name, "a path that is not a literal")
    if steps(node.name) is not None:
        return text(node.name)
    if not node.name.startswith("$"):
        return None
    raise refusal.argument(name, "a path with wildcards or filters", "Use json_query or json_value.")


def _by_path(name: str, result: str) -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        value, path = call_.arguments
        written = _simple_path(call_.name, path)
        if written is None:
            return failure("INVALID_FUNCTION_ARGUMENT", result)
        found = call(name, as_text(value, lower), written)
        return cast(found, "JSON") if result == "JSON" else found

    return rule


def _of_text(name: str, result: str = "") -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        first, *rest = call_.arguments
        found = call(name, as_text(first, lower), *lower.all(rest))
        return cast(found, result) if result else found

    return rule


def json_format(call_: Call, lower: Lowering) -> Node:
    """`json_format`: the text of a JSON value."""
    return cast(lower(call_.arguments[0]), "VARCHAR")


def json_parse(node: Node, lower: Lowering) -> Node:
    """`json_parse(text)` and JSON '...'."""
    return cast(call("trino_json_parse", as_text(node.this, lower)), "JSON")


def _read(name: str, node: Node) -> None:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise refusal.argument(name, "a path that is not a literal")
    try:
        read_path(node.name)
    except PathError:
        raise refusal.argument(name, "a path with parts that are not supported") from None


def json_exists(call_: Call, lower: Lowering) -> Node:
    """`json_exists(json, path)`."""
    if len(call_.arguments) != 2:
        raise refusal.argument("json_exists", "PASSING")
    _read("json_exists", call_.arguments[1])
    return call("trino_json_exists", as_text(call_.arguments[0], lower), lower(call_.arguments[1]))


def json_value(node: Node, lower: Lowering) -> Node:
    """`json_value(json, path RETURNING type ... ON EMPTY ... ON ERROR)`."""
    path = node.args["path"]
    _read("json_value", path)
    subject = as_text(node.this, lower)
    found = call("trino_json_value", subject, lower(path))
    result = lower.type(node)
    if node.args.get("returning") is not None:
        found = Conversion(safe=True).of(found, "varchar", result)
    on = node.args.get("on_condition")
    if on is None:
        return found
    state = call("trino_json_value_state", subject.copy(), lower(path))
    return _on(state, found, on, duckdb_type(result), lower)


def _on(state: Node, found: Node, on: Node, result: str, lower: Lowering) -> Node:
    for key in ("empty", "error"):
        other = _otherwise(on.args.get(key), result, lower)
        if other is not None:
            found = when(exp.EQ(this=state.copy(), expression=text(key)), other, found)
    return found


def _otherwise(handling: object, result: str, lower: Lowering) -> Node | None:
    if handling is None or (isinstance(handling, str) and handling.upper().startswith("NULL")):
        return None
    if isinstance(handling, exp.Expr):
        return cast(lower(handling), result)
    word = str(handling).upper()
    if word.startswith("ERROR"):
        return failure("PATH_EVALUATION_ERROR", result)
    if word.startswith("EMPTY ARRAY"):
        return text("[]")
    if word.startswith("EMPTY OBJECT"):
        return text("{}")
    raise refusal.form(f"JSON with {word}")


def extract_or_query(node: Node, lower: Lowering) -> Node:
    """`json_extract`, and `json_query`, which the parser keeps in the same class."""
    if not node.args.get("json_query"):
        return _by_path("trino_json_extract", "JSON")(Call("json_extract", (node.this, node.expression), node), lower)
    _read("json_query", node.expression)
    subject, path = as_text(node.this, lower), lower(node.expression)
    wrapper = _wrapper(node.args.get("option"))
    quote = node.args.get("quote")
    quotes = "omit" if quote is not None and str(quote.args.get("option")).upper() == "OMIT" else "keep"
    found = call("trino_json_query", subject, path, text(wrapper), text(quotes))
    on = node.args.get("on_condition")
    if on is None:
        return found
    return _on(call("trino_json_query_state", subject.copy(), path.copy(), text(wrapper)), found, on, "VARCHAR", lower)


def _wrapper(option: Node | None) -> str:
    word = "" if option is None else option.name.upper()
    if "WITHOUT" in word or not word:
        return "without"
    return "conditional" if "CONDITIONAL" in word and "UNCONDITIONAL" not in word else "unconditional"


def json_object(node: Node, lower: Lowering) -> Node:
    """`json_object('a' : 1, ...)`."""
    absent = str(node.args.get("null_handling") or "").upper().startswith("ABSENT")
    parts: list[Node] = []
    for written_pair in node.expressions:
        is_json = isinstance(written_pair, exp.FormatJson)
        pair = written_pair.this if is_json else written_pair
        if not isinstance(pair, exp.JSONKeyValue):
            raise refusal.form("this json_object")
        written: Node = exp.DPipe(
            this=call("trino_json_quoted", as_text(pair.this, lower)),
            expression=exp.DPipe(this=text(":"), expression=_member(pair.expression, lower, is_json=is_json)),
        )
        missing = lower.kind(pair.expression) == "unknown"
        if absent:
            written = (
                null() if missing else when(exp.Is(this=lower(pair.expression), expression=null()), null(), written)
            )
        parts.append(written)
    return _joined(parts, "{", "}")


def json_array(call_: Call, lower: Lowering) -> Node:
    """`json_array(1, ...)`, which leaves out NULLs unless it is told NULL ON NULL."""
    keeps = call_.node.args.get("null_handling") == "NULL ON NULL"
    return _joined([_element(item, lower, keeps=keeps) for item in call_.arguments], "[", "]")


def _element(node: Node, lower: Lowering, *, keeps: bool) -> Node:
    if keeps:
        return _member(node, lower)
    if lower.kind(node) == "unknown":
        return null()
    return when(exp.Is(this=lower(node), expression=null()), null(), _member(node, lower))


def _member(node: Node, lower: Lowering, *, is_json: bool = False) -> Node:
    if is_json or isinstance(node, exp.FormatJson):
        inner = node.this if isinstance(node, exp.FormatJson) else node
        return call("coalesce", call("trino_json_minified", as_text(inner, lower)), text("null"))
    if lower.kind(node) == "unknown":
        return text("null")
    if lower.kind(node) not in {"varchar", "char", "boolean", "tinyint", "smallint", "integer", "bigint", "decimal"}:
        raise refusal.argument("json_object", f"{lower.kind(node)} values")
    written = cast(Conversion().of(lower(node), lower.type(node), "json"), "VARCHAR")
    return call("coalesce", written, text("null"))


def _joined(parts: list[Node], opening: str, closing: str) -> Node:
    if not parts:
        return text(opening + closing)
    items = cast(exp.Array(expressions=parts), "VARCHAR[]")
    inside = call("coalesce", call("array_to_string", items, text(",")), text(""))
    return exp.Paren(this=exp.DPipe(this=exp.DPipe(this=text(opening), expression=inside), expression=text(closing)))


def json_array_contains(call_: Call, lower: Lowering) -> Node:
    """`json_array_contains(json, value)`, for whole numbers, texts and booleans."""
    subject, sought = call_.arguments
    if lower.kind(sought) not in {"varchar", "boolean", "tinyint", "smallint", "integer", "bigint"}:
        raise refusal.argument("json_array_contains", f"{lower.kind(sought)} values")
    written = cast(Conversion().of(lower(sought), lower.type(sought), "json"), "VARCHAR")
    return call("trino_json_array_contains", as_text(subject, lower), written)


FUNCTIONS: Final = {
    "is_json_scalar": _of_text("trino_is_json_scalar"),
    "json_array": json_array,
    "json_array_contains": json_array_contains,
    "json_array_get": _of_text("trino_json_array_get", "JSON"),
    "json_array_length": _of_text("trino_json_array_length"),
    "json_exists": json_exists,
    "json_extract_scalar": _by_path("trino_json_extract_scalar", "VARCHAR"),
    "json_format": json_format,
    "json_size": _by_path("trino_json_size", "BIGINT"),
}
RULES: Final[dict[NodeClass, NodeRule]] = {
    exp.JSONExtract: extract_or_query,
    exp.JSONValue: json_value,
    exp.ParseJSON: json_parse,
    exp.JSONObject: json_object,
}
