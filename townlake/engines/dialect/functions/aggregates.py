"""Aggregate functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, call, cast, function, is_null, negated, null, struct, text, when
from townlake.engines.dialect.rules.aggregates import Aggregate
from townlake.engines.dialect.rules.arithmetic import decimal_quotient
from townlake.engines.dialect.types import FLOATS, INTEGERS, duckdb_type

AggregateRule: TypeAlias = Callable[[Aggregate], Node]


def _result(aggregate: Aggregate) -> str:
    return duckdb_type(aggregate.lower.type(aggregate.call.node))


def _arguments(aggregate: Aggregate) -> list[Node]:
    return aggregate.lower.all(aggregate.call.arguments)


def _named(name: str, *arities: int, ordered: bool = False) -> AggregateRule:
    def rule(aggregate: Aggregate) -> Node:
        if arities and len(aggregate.call.arguments) not in arities:
            raise refusal.argument(aggregate.call.name, f"{len(aggregate.call.arguments)} arguments")
        return aggregate.leaf(name, *_arguments(aggregate), ordered=ordered)

    return rule


def _typed(name: str, *arities: int) -> AggregateRule:
    plain = _named(name, *arities)
    return lambda aggregate: cast(plain(aggregate), _result(aggregate))


def _of_doubles(name: str) -> AggregateRule:
    """A statistic: over doubles, NULL where DuckDB says NaN for want of rows or of spread."""

    def rule(aggregate: Aggregate) -> Node:
        arguments = [cast(argument, "DOUBLE") for argument in _arguments(aggregate)]
        found = aggregate.leaf(name, *arguments)
        return cast(found, _result(aggregate))

    return rule


def count(aggregate: Aggregate) -> Node:
    """`count(*)`, `count(x)`."""
    arguments = aggregate.call.arguments
    if not arguments or isinstance(arguments[0], exp.Star):
        return aggregate.leaf("count", exp.Star())
    if len(arguments) > 1:
        raise refusal.argument("count", "several arguments")
    return aggregate.leaf("count", aggregate.lower(arguments[0]))


def sum_(aggregate: Aggregate) -> Node:
    """`sum`: of whole numbers a bigint, which may overflow."""
    (argument,) = aggregate.call.arguments
    kind = aggregate.lower.kind(argument)
    if kind == "interval day to second":
        return call(
            "to_microseconds", cast(aggregate.leaf("sum", call("epoch_us", aggregate.lower(argument))), "BIGINT")
        )
    if kind not in INTEGERS | FLOATS | {"decimal"}:
        raise refusal.argument("sum", f"{kind} values")
    return cast(aggregate.leaf("sum", aggregate.lower(argument)), _result(aggregate))


def avg(aggregate: Aggregate) -> Node:
    """`avg`: of decimals rounded to their own scale."""
    (argument,) = aggregate.call.arguments
    lower = aggregate.lower
    kind = lower.kind(argument)
    if kind == "interval day to second":
        mean = aggregate.leaf("avg", call("epoch_ms", lower(argument)))
        return call("to_milliseconds", cast(call("trunc", mean), "BIGINT"))
    if kind == "decimal":
        result = lower.type(aggregate.call.node)
        total, rows = aggregate.leaf("sum", lower(argument)), aggregate.leaf("count", lower(argument))
        source = lower.type(argument)
        total_type = f"decimal(38,{source.rpartition(',')[2].rstrip(')').strip()})"
        quotient = decimal_quotient(total, total_type, call("nullif", rows, exp.Literal.number(0)), "bigint", result)
        return quotient
    if kind not in INTEGERS | FLOATS:
        raise refusal.argument("avg", f"{kind} values")
    return cast(aggregate.leaf("avg", lower(argument)), _result(aggregate))


def _extreme(name: str) -> AggregateRule:
    """`max` and `min`; NaN is the smallest for `max` and the largest for `min`."""

    def rule(aggregate: Aggregate) -> Node:
        arguments = aggregate.call.arguments
        kind = aggregate.lower.kind(arguments[0])
        if kind in {"row", "array", "map", "json"}:
            raise refusal.argument(name, f"{kind} values")
        if len(arguments) == 2:
            return aggregate.leaf(name, *_arguments(aggregate))
        lowered = aggregate.lower(arguments[0])
        if name == "max" and kind in FLOATS:
            numbers = aggregate.leaf(name, call("trino_number", lowered))
            return call("coalesce", numbers, aggregate.leaf(name, lowered.copy()))
        return aggregate.leaf(name, lowered)

    return rule


def _by(name: str) -> AggregateRule:
    """`max_by` and `min_by` keep a NULL that stands beside the extreme."""

    def rule(aggregate: Aggregate) -> Node:
        lower = aggregate.lower
        arguments = aggregate.call.arguments
        if lower.kind(arguments[1]) in {"row", "array", "map", "json"}:
            raise refusal.argument(aggregate.call.name, f"an order by {lower.kind(arguments[1])} values")
        value, key = lower(arguments[0]), lower(arguments[1])
        if lower.kind(arguments[1]) in FLOATS and name == "arg_max":
            key = call("trino_nan_first", key)
        if len(arguments) == 2:
            return aggregate.leaf(f"{name}_null", value, key)
        # A struct around the value keeps the NULLs, which the form with a count would drop.
        found = aggregate.leaf(name, struct([("v", value)]), key, lower(arguments[2]))
        return call(
            "list_transform",
            found,
            function(["kept"], exp.Dot(this=exp.to_identifier("kept"), expression=exp.to_identifier("v"))),
        )

    return rule


def array_agg(aggregate: Aggregate) -> Node:
    """`array_agg` keeps NULLs."""
    return aggregate.leaf("list", *_arguments(aggregate), ordered=True)


def listagg(aggregate: Aggregate) -> Node:
    """`listagg(x, separator) WITHIN GROUP (ORDER BY ...)`."""
    arguments = _arguments(aggregate)
    separator = arguments[1] if len(arguments) > 1 else text("")
    if not isinstance(separator, exp.Literal):
        raise refusal.argument("listagg", "a separator that is not a literal")
    items: list[Node] = [arguments[0]]
    if aggregate.distinct:
        items = [exp.Distinct(expressions=items)]
    found: Node = call("string_agg", *items, separator)
    if aggregate.order:
        keys = [aggregate.lower(key) for key in aggregate.order]
        found = call("string_agg", *items, exp.Order(this=separator, expressions=keys))
    if aggregate.filter is not None:
        found = exp.Filter(this=found, expression=exp.Where(this=aggregate.lower(aggregate.filter)))
    if aggregate.window is not None:
        raise refusal.form("listagg with OVER")
    return found


def _entries(aggregate: Aggregate) -> Node:
    arguments = _arguments(aggregate)
    pair = struct([("k", arguments[0]), ("v", arguments[1])])
    return aggregate.leaf("list", pair, ordered=True, condition=negated(is_null(arguments[0].copy())))


def map_agg(aggregate: Aggregate) -> Node:
    """`map_agg`: the first value of each key; NULL keys are passed over."""
    return call("trino_map_agg", _entries(aggregate))


def multimap_agg(aggregate: Aggregate) -> Node:
    """`multimap_agg`: all values of each key."""
    return call("trino_multimap_agg", _entries(aggregate))


def map_union(aggregate: Aggregate) -> Node:
    """`map_union`: the entries of all maps, the first of each key."""
    (argument,) = _arguments(aggregate)
    entries = call("flatten", aggregate.leaf("list", call("map_entries", argument)))
    pair = struct(
        [
            ("k", exp.Dot(this=exp.to_identifier("e"), expression=exp.to_identifier("key"))),
            ("v", exp.Dot(this=exp.to_identifier("e"), expression=exp.to_identifier("value"))),
        ]
    )
    return call("trino_map_agg", call("list_transform", entries, function(["e"], pair)))


def histogram(aggregate: Aggregate) -> Node:
    """`histogram`: how often each value occurs."""
    (argument,) = aggregate.call.arguments
    if aggregate.lower.kind(argument) in FLOATS | {"row", "array", "map"}:
        raise refusal.argument("histogram", f"{aggregate.lower.kind(argument)} values")
    return cast(aggregate.leaf("histogram", aggregate.lower(argument)), _result(aggregate))


def approx_distinct(aggregate: Aggregate) -> Node:
    """`approx_distinct`, exactly: nobody minds, and it is the same on every run."""
    argument = aggregate.lower(aggregate.call.arguments[0])
    if aggregate.window is not None:
        raise refusal.form("approx_distinct with OVER")
    return aggregate.leaf("count", exp.Distinct(expressions=[argument]))


def approx_percentile(aggregate: Aggregate) -> Node:
    """`approx_percentile` as the exact discrete percentile."""
    arguments = aggregate.call.arguments
    if len(arguments) != 2:
        raise refusal.argument("approx_percentile", "weights or an accuracy")
    share = arguments[1]
    if not isinstance(share, exp.Literal | exp.Array):
        raise refusal.argument("approx_percentile", "a percentile that is not a literal")
    shares = share.expressions if isinstance(share, exp.Array) else [share]
    if any(not isinstance(item, exp.Literal) or not 0 <= float(item.name) <= 1 for item in shares):
        raise refusal.argument("approx_percentile", "a percentile that is not a literal from 0 to 1")
    wanted: Node = exp.Array(expressions=[cast(exp.Literal.number(item.name), "DOUBLE") for item in shares])
    wanted = wanted if isinstance(share, exp.Array) else cast(exp.Literal.number(share.name), "DOUBLE")
    return cast(aggregate.leaf("quantile_disc", aggregate.lower(arguments[0]), wanted), _result(aggregate))


def count_if(aggregate: Aggregate) -> Node:
    """`count_if`."""
    (argument,) = _arguments(aggregate)
    return cast(aggregate.leaf("count_if", argument), "BIGINT")


def _fitted(name: str) -> AggregateRule:
    """`corr`, `regr_slope`, `regr_intercept`: NULL where a side does not vary; DuckDB says NaN."""
    plain = _of_doubles(name)
    return lambda aggregate: call("trino_finite", plain(aggregate))


def skewness(aggregate: Aggregate) -> Node:
    """`skewness` without DuckDB's correction for small samples, from the power sums."""
    (argument,) = _arguments(aggregate)
    x = cast(argument, "DOUBLE")
    n = aggregate.leaf("count", x.copy())
    found = aggregate.leaf("skewness", x)
    return call("trino_skewness", found, n)


def kurtosis(aggregate: Aggregate) -> Node:
    """`kurtosis`, the same estimate in both."""
    (argument,) = _arguments(aggregate)
    return aggregate.leaf("kurtosis", cast(argument, "DOUBLE"))


def reduce_agg(aggregate: Aggregate) -> Node:
    """`reduce_agg` over the list of its values."""
    value, initial, merge = aggregate.call.arguments[:3]
    lower = aggregate.lower
    type_ = duckdb_type(lower.type(aggregate.call.node))
    values = aggregate.leaf("list", lower(value), condition=negated(is_null(lower(value))))
    if duckdb_type(lower.type(value)) != type_:
        raise refusal.argument("reduce_agg", "a state of another type than its values")
    found = call("list_reduce", values, lower(merge), cast(lower(initial), type_))
    return when(is_null(values.copy()), cast(null(), type_), found)


def grouping(aggregate: Aggregate) -> Node:
    """`grouping(a, b)`: a bit for each column that is not grouped by."""
    return cast(call("grouping", *_arguments(aggregate)), "INTEGER")


def bitwise(name: str) -> AggregateRule:
    """`bitwise_and_agg` and its kin, over bigints."""

    def rule(aggregate: Aggregate) -> Node:
        (argument,) = _arguments(aggregate)
        return aggregate.leaf(name, cast(argument, "BIGINT"))

    return rule


AGGREGATES: Final = {
    "any_value": _named("any_value", 1),
    "approx_distinct": approx_distinct,
    "approx_percentile": approx_percentile,
    "array_agg": array_agg,
    "avg": avg,
    "bitwise_and_agg": bitwise("bit_and"),
    "bitwise_or_agg": bitwise("bit_or"),
    "bitwise_xor_agg": bitwise("bit_xor"),
    "bool_and": _named("bool_and", 1),
    "bool_or": _named("bool_or", 1),
    "corr": _fitted("corr"),
    "count": count,
    "count_if": count_if,
    "covar_pop": _of_doubles("covar_pop"),
    "covar_samp": _of_doubles("covar_samp"),
    "geometric_mean": _of_doubles("geomean"),
    "grouping": grouping,
    "histogram": histogram,
    "kurtosis": kurtosis,
    "listagg": listagg,
    "map_agg": map_agg,
    "map_union": map_union,
    "max": _extreme("max"),
    "max_by": _by("arg_max"),
    "min": _extreme("min"),
    "min_by": _by("arg_min"),
    "multimap_agg": multimap_agg,
    "reduce_agg": reduce_agg,
    "regr_intercept": _fitted("regr_intercept"),
    "regr_slope": _fitted("regr_slope"),
    "skewness": skewness,
    "stddev": _of_doubles("stddev_samp"),
    "stddev_pop": _of_doubles("stddev_pop"),
    "sum": sum_,
    "var_pop": _of_doubles("var_pop"),
    "variance": _of_doubles("var_samp"),
}
