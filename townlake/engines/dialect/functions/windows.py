"""Window functions that are no aggregates."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, cast
from townlake.engines.dialect.functions.aggregates import AggregateRule
from townlake.engines.dialect.rules.aggregates import Aggregate
from townlake.engines.dialect.rules.casts import coerced
from townlake.engines.dialect.types import duckdb_type


def _needs_window(aggregate: Aggregate) -> None:
    if aggregate.window is None:
        raise refusal.form(f"{aggregate.call.name} without OVER")


def _numbered(name: str) -> AggregateRule:
    def rule(aggregate: Aggregate) -> Node:
        _needs_window(aggregate)
        return aggregate.leaf(name, *aggregate.lower.all(aggregate.call.arguments))

    return rule


def _neighbour(name: str) -> AggregateRule:
    """`lag` and `lead`: the default in the type of the value."""

    def rule(aggregate: Aggregate) -> Node:
        _needs_window(aggregate)
        value, *rest = aggregate.call.arguments
        lowered = [aggregate.lower(value)]
        if rest:
            offset = rest[0]
            if not isinstance(offset, exp.Literal):
                raise refusal.argument(name, "an offset that is not a literal from 0 on")
            lowered.append(aggregate.lower(offset))
        if len(rest) > 1:
            lowered.append(coerced(rest[1], aggregate.lower, aggregate.lower.type(value)))
        return aggregate.leaf(name, *lowered)

    return rule


def _framed(name: str) -> AggregateRule:
    """`first_value` and its kin."""

    def rule(aggregate: Aggregate) -> Node:
        _needs_window(aggregate)
        return aggregate.leaf(name, *aggregate.lower.all(aggregate.call.arguments))

    return rule


def nth_value(aggregate: Aggregate) -> Node:
    """`nth_value` at a literal place from 1 on."""
    _needs_window(aggregate)
    place = aggregate.call.arguments[1]
    if not isinstance(place, exp.Literal) or int(place.name) < 1:
        raise refusal.argument("nth_value", "a place that is not a literal from 1 on")
    return aggregate.leaf("nth_value", *aggregate.lower.all(aggregate.call.arguments))


def ntile(aggregate: Aggregate) -> Node:
    """`ntile`."""
    _needs_window(aggregate)
    return aggregate.leaf("ntile", cast(aggregate.lower(aggregate.call.arguments[0]), duckdb_type("bigint")))


WINDOWS: Final = {
    "cume_dist": _numbered("cume_dist"),
    "dense_rank": _numbered("dense_rank"),
    "first_value": _framed("first_value"),
    "lag": _neighbour("lag"),
    "last_value": _framed("last_value"),
    "lead": _neighbour("lead"),
    "nth_value": nth_value,
    "ntile": ntile,
    "percent_rank": _numbered("percent_rank"),
    "rank": _numbered("rank"),
    "row_number": _numbered("row_number"),
}
