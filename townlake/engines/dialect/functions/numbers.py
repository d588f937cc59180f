"""Functions of numbers."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, binary, call, cast, number
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.functions.plain import doubled, renamed, typed
from townlake.engines.dialect.lower import FunctionRule, Lowering
from townlake.engines.dialect.rules.arithmetic import arithmetic
from townlake.engines.dialect.types import INTEGERS, duckdb_type


def _kept(name: str) -> FunctionRule:
    """A function whose result has the type of its argument, whole numbers being left alone."""

    def rule(call_: Call, lower: Lowering) -> Node:
        (argument,) = call_.arguments
        if lower.kind(argument) in INTEGERS:
            return lower(argument)
        if lower.kind(argument) == "decimal":
            return cast(call(name, lower(argument)), duckdb_type(lower.type(call_.node)))
        return cast(call(name, lower(argument)), duckdb_type(lower.type(call_.node)))

    return rule


def round_(call_: Call, lower: Lowering) -> Node:
    """`round(x)` and `round(x, n)`, half away from zero."""
    argument = call_.arguments[0]
    kind = lower.kind(argument)
    result = duckdb_type(lower.type(call_.node))
    if len(call_.arguments) == 1:
        return lower(argument) if kind in INTEGERS else cast(call("round", lower(argument)), result)
    places = call_.arguments[1]
    literal = places.this if isinstance(places, exp.Neg) else places
    if not isinstance(literal, exp.Literal):
        raise refusal.argument("round", "places that are not a literal")
    digits = int(literal.name) * (-1 if isinstance(places, exp.Neg) else 1)
    if kind in INTEGERS:
        return lower(argument) if digits >= 0 else cast(call("round", lower(argument), number(digits)), result)
    if kind == "decimal":
        return _rounded_decimal(argument, digits, result, lower)
    return cast(call("trino_round", cast(lower(argument), "DOUBLE"), number(digits)), result)


def _rounded_decimal(argument: Node, digits: int, result: str, lower: Lowering) -> Node:
    scale = int(lower.type(argument).rpartition(",")[2].rstrip(")"))
    if digits >= scale:
        return cast(lower(argument), result)
    return cast(call("round", lower(argument), number(digits)), result)


def truncate(call_: Call, lower: Lowering) -> Node:
    """`truncate(x)`; the form with places is for decimals only."""
    argument = call_.arguments[0]
    if len(call_.arguments) > 1:
        raise refusal.argument("truncate", "places")
    if lower.kind(argument) in INTEGERS:
        return lower(argument)
    return cast(call("trunc", lower(argument)), duckdb_type(lower.type(call_.node)))


def mod(call_: Call, lower: Lowering) -> Node:
    """`mod(a, b)`, which is `a % b`."""
    node = exp.Mod(this=call_.arguments[0].copy(), expression=call_.arguments[1].copy())
    node.meta.update(call_.node.meta)
    return arithmetic(node, lower)


def sign(call_: Call, lower: Lowering) -> Node:
    """`sign`, in the type of its argument."""
    return cast(call("sign", lower(call_.arguments[0])), duckdb_type(lower.type(call_.node)))


def log(call_: Call, lower: Lowering) -> Node:
    """`log(base, x)`."""
    if len(call_.arguments) != 2:
        raise refusal.argument("log", "one argument")
    base, value = (cast(lower(argument), "DOUBLE") for argument in call_.arguments)
    return binary(exp.Div, call("trino_ln", value), call("trino_ln", base))


def _bitwise(name: str) -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        return call(name, *(cast(lower(argument), "BIGINT") for argument in call_.arguments))

    return rule


def _shift(name: str) -> FunctionRule:
    def rule(call_: Call, lower: Lowering) -> Node:
        value, by = call_.arguments
        bits = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}.get(lower.kind(value))
        if bits is None:
            raise refusal.argument(call_.name, f"{lower.kind(value)} values")
        shifted = call(name, cast(lower(value), "BIGINT"), cast(lower(by), "BIGINT"), number(bits))
        return cast(shifted, duckdb_type(lower.type(call_.node)))

    return rule


def bit_count(call_: Call, lower: Lowering) -> Node:
    """`bit_count(x, bits)`."""
    value, bits = call_.arguments
    if not isinstance(bits, exp.Literal) or bits.name != "64":
        raise refusal.argument("bit_count", "another width than 64")
    return cast(call("bit_count", cast(lower(value), "BIGINT")), "BIGINT")


def width_bucket(call_: Call, lower: Lowering) -> Node:
    """`width_bucket` between two bounds, or over an array of bounds."""
    arguments = call_.arguments
    if len(arguments) == 2:
        bins = call(
            "list_transform",
            lower(arguments[1]),
            exp.Lambda(this=cast(exp.to_identifier("bin"), "DOUBLE"), expressions=[exp.to_identifier("bin")]),
        )
        return call("trino_width_bucket_bins", cast(lower(arguments[0]), "DOUBLE"), bins)
    value, low, high = (cast(lower(argument), "DOUBLE") for argument in arguments[:3])
    return call("trino_width_bucket", value, low, high, cast(lower(arguments[3]), "BIGINT"))


def _constant(value: str) -> FunctionRule:
    def rule(_call: Call, _lower: Lowering) -> Node:
        return cast(exp.Literal.string(value), "DOUBLE")

    return rule


def _is_finite(call_: Call, lower: Lowering) -> Node:
    return call("isfinite", cast(lower(call_.arguments[0]), "DOUBLE"))


FUNCTIONS: Final = {
    "abs": typed("abs", 1),
    "acos": doubled("trino_acos"),
    "asin": doubled("trino_asin"),
    "atan": doubled("atan"),
    "atan2": doubled("atan2"),
    "bit_count": bit_count,
    "bitwise_and": _bitwise("trino_bitwise_and"),
    "bitwise_left_shift": _shift("trino_left_shift"),
    "bitwise_not": _bitwise("trino_bitwise_not"),
    "bitwise_or": _bitwise("trino_bitwise_or"),
    "bitwise_right_shift": _shift("trino_right_shift"),
    "bitwise_xor": _bitwise("xor"),
    "cbrt": doubled("cbrt"),
    "ceil": _kept("ceil"),
    "cos": doubled("cos"),
    "cosh": doubled("cosh"),
    "degrees": doubled("degrees"),
    "e": _constant("2.718281828459045"),
    "exp": doubled("exp"),
    "floor": _kept("floor"),
    "format_number": doubled("trino_format_number"),
    "from_base": renamed("trino_from_base", 2),
    "human_readable_seconds": doubled("trino_human_readable_seconds"),
    "infinity": _constant("Infinity"),
    "is_finite": _is_finite,
    "is_infinite": doubled("isinf"),
    "is_nan": doubled("isnan"),
    "ln": doubled("trino_ln"),
    "log": log,
    "log10": doubled("trino_log10"),
    "log2": doubled("trino_log2"),
    "mod": mod,
    "nan": _constant("NaN"),
    "pi": _constant("3.141592653589793"),
    "power": doubled("pow"),
    "radians": doubled("radians"),
    "round": round_,
    "sign": sign,
    "sin": doubled("sin"),
    "sinh": doubled("sinh"),
    "sqrt": doubled("trino_sqrt"),
    "tan": doubled("tan"),
    "tanh": doubled("tanh"),
    "to_base": renamed("trino_to_base", 2),
    "truncate": truncate,
    "width_bucket": width_bucket,
}
