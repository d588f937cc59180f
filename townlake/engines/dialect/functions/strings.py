"""Functions of strings, bytes and addresses."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, call, cast, number, text
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions.plain import as_text, renamed, texts
from townlake.engines.dialect.lower import FunctionRule, Lowering
from townlake.engines.dialect.rules.text import concatenated
from townlake.engines.dialect.types import duckdb_type


def concat(call_: Call, lower: Lowering) -> Node:
    """`concat` of strings, bytes or arrays: NULL when one is NULL."""
    return concatenated(list(call_.arguments), lower.type(call_.node), lower)


def concat_ws(call_: Call, lower: Lowering) -> Node:
    """`concat_ws` skips NULLs; the second argument may be an array."""
    separator, *rest = call_.arguments
    if len(rest) == 1 and lower.kind(rest[0]) == "array":
        return call("array_to_string", lower(rest[0]), as_text(separator, lower))
    return call("concat_ws", as_text(separator, lower), *(as_text(item, lower) for item in rest))


def length(call_: Call, lower: Lowering) -> Node:
    """`length` in characters, or in bytes."""
    (argument,) = call_.arguments
    if lower.kind(argument) == "varbinary":
        return call("octet_length", lower(argument))
    return call("length", as_text(argument, lower))


def reverse(call_: Call, lower: Lowering) -> Node:
    """`reverse` of a string or an array."""
    (argument,) = call_.arguments
    kind = lower.kind(argument)
    if kind == "varbinary":
        raise refusal.argument("reverse", "bytes")
    return call("list_reverse" if kind == "array" else "trino_reverse", lower(argument))


def substr(call_: Call, lower: Lowering) -> Node:
    """`substr`: from 1, or from the end; nothing for 0 and beyond."""
    value, start, *rest = call_.arguments
    if lower.kind(value) == "varbinary":
        raise refusal.argument("substr", "bytes")
    arguments = [as_text(value, lower), cast(lower(start), "BIGINT"), *(cast(lower(item), "BIGINT") for item in rest)]
    if isinstance(start, exp.Literal) and int(start.name) > 0 and not rest:
        return call("substring", arguments[0], lower(start))
    return call("trino_substr3" if rest else "trino_substr2", *arguments)


def upper_lower(name: str) -> FunctionRule:
    """`upper` and `lower`; Java leaves a sharp s as it is."""

    def rule(call_: Call, lower: Lowering) -> Node:
        (argument,) = call_.arguments
        found = call(f"trino_{name}", as_text(argument, lower))
        return (
            call("rpad", found, number(_width(argument, lower)), text(" ")) if lower.kind(argument) == "char" else found
        )

    return rule


def _width(node: Node, lower: Lowering) -> int:
    return int(lower.type(node).rpartition("(")[2].rstrip(")"))


def trim(name: str) -> FunctionRule:
    """`trim`, `ltrim`, `rtrim`, of white space or of given characters."""

    def rule(call_: Call, lower: Lowering) -> Node:
        value, *rest = call_.arguments
        characters = (
            as_text(rest[0], lower) if rest else text(" \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\u1680\u2000\u2028\u2029")
        )
        return call(name, as_text(value, lower), characters)

    return rule


def pad(name: str) -> FunctionRule:
    """`lpad` and `rpad`; nothing to pad with is an error."""

    def rule(call_: Call, lower: Lowering) -> Node:
        value, size, filler = call_.arguments
        return call(f"trino_{name}", as_text(value, lower), cast(lower(size), "INTEGER"), as_text(filler, lower))

    return rule


def replace(call_: Call, lower: Lowering) -> Node:
    """`replace`; an empty search finds the gaps between the characters."""
    arguments = [as_text(item, lower) for item in call_.arguments]
    if len(arguments) == 2:
        arguments.append(text(""))
    search = call_.arguments[1]
    plain = isinstance(search, exp.Literal) and search.name
    return call("replace" if plain else "trino_replace", *arguments)


def split(call_: Call, lower: Lowering) -> Node:
    """`split`, with a limit or without."""
    arguments = [as_text(item, lower) for item in call_.arguments[:2]]
    if len(call_.arguments) == 3:
        return call("trino_split_limit", *arguments, cast(lower(call_.arguments[2]), "BIGINT"))
    return call("trino_split", *arguments)


def strpos(call_: Call, lower: Lowering) -> Node:
    """`strpos`, of the first or of the n-th occurrence."""
    arguments = [as_text(item, lower) for item in call_.arguments[:2]]
    if len(call_.arguments) == 3:
        return call("trino_strpos_nth", *arguments, cast(lower(call_.arguments[2]), "BIGINT"))
    return call("strpos", *arguments)


def chr_(call_: Call, lower: Lowering) -> Node:
    """`chr`."""
    return call("chr", cast(lower(call_.arguments[0]), "INTEGER"))


def from_hex(call_: Call, lower: Lowering) -> Node:
    """`from_hex`."""
    if lower.kind(call_.arguments[0]) == "varbinary":
        raise refusal.argument("from_hex", "bytes")
    return call("unhex", lower(call_.arguments[0]))


def _digest(name: str) -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        return call("unhex", call(name, lower(call_.arguments[0])))

    return rule


def from_utf8(call_: Call, lower: Lowering) -> Node:
    """`from_utf8`."""
    if len(call_.arguments) > 1:
        raise refusal.argument("from_utf8", "a replacement")
    return call("trino_from_utf8", lower(call_.arguments[0]))


def normalize(call_: Call, lower: Lowering) -> Node:
    """`normalize`, to NFC unless another form is named."""
    value, *form = call_.arguments
    return call("trino_normalize", as_text(value, lower), text(form[0].name.upper() if form else "NFC"))


def url_part(name: str) -> FunctionRule:
    """A part of an address."""

    def rule(call_: Call, lower: Lowering) -> Node:
        return call("trino_url_part", as_text(call_.arguments[0], lower), text(name))

    return rule


def typeof(call_: Call, lower: Lowering) -> Node:
    """`typeof`, known without looking at a value."""
    (argument,) = call_.arguments
    name = text("unknown" if isinstance(argument, exp.Null) else lower.type(argument))
    if any(lower.is_aggregate(node) for node in argument.walk()):
        # The statement stays one that aggregates, though the value is not looked at.
        return call("coalesce", call("any_value", name), name.copy())
    return name


def uuid(_call: Call, _lower: Lowering) -> Node:
    """A new UUID."""
    return call("gen_random_uuid")


def repeat(call_: Call, lower: Lowering) -> Node:
    """`repeat(x, n)`: an array."""
    value, count = call_.arguments
    element = cast(lower(value), duckdb_type(lower.type(value))) if lower.kind(value) != "unknown" else lower(value)
    return call("trino_repeat", element, cast(lower(count), "BIGINT"))


FUNCTIONS: Final = {
    "chr": chr_,
    "codepoint": texts("unicode", 1),
    "concat": concat,
    "concat_ws": concat_ws,
    "crc32": renamed("trino_crc32", 1),
    "from_base64": texts("from_base64", 1),
    "from_hex": from_hex,
    "from_utf8": from_utf8,
    "hamming_distance": texts("trino_hamming", 2),
    "length": length,
    "levenshtein_distance": texts("trino_levenshtein", 2),
    "lower": upper_lower("lower"),
    "lpad": pad("lpad"),
    "ltrim": trim("ltrim"),
    "luhn_check": texts("trino_luhn_check", 1),
    "md5": _digest("md5"),
    "normalize": normalize,
    "repeat": repeat,
    "replace": replace,
    "reverse": reverse,
    "rpad": pad("rpad"),
    "rtrim": trim("rtrim"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "soundex": texts("trino_soundex", 1),
    "split": split,
    "split_part": texts("trino_split_part", 3),
    "split_to_map": texts("trino_split_to_map", 3),
    "split_to_multimap": texts("trino_split_to_multimap", 3),
    "starts_with": texts("starts_with", 2),
    "strpos": strpos,
    "substr": substr,
    "to_base64": renamed("to_base64", 1),
    "to_hex": renamed("hex", 1),
    "to_utf8": texts("encode", 1),
    "translate": texts("translate", 3),
    "trim": trim("trim"),
    "typeof": typeof,
    "upper": upper_lower("upper"),
    "url_decode": texts("trino_url_decode", 1),
    "url_encode": texts("trino_url_encode", 1),
    "url_extract_fragment": url_part("fragment"),
    "url_extract_host": url_part("host"),
    "url_extract_parameter": texts("trino_url_parameter", 2),
    "url_extract_path": url_part("path"),
    "url_extract_port": texts("trino_url_port", 1),
    "url_extract_protocol": url_part("protocol"),
    "url_extract_query": url_part("query"),
    "uuid": uuid,
}
