"""Makers of rules for functions that only change their name."""

from __future__ import annotations

from townlake.engines.dialect import refusal
from townlake.engines.dialect.build import Node, call, cast
from townlake.engines.dialect.calls import Call
from townlake.engines.dialect.lower import FunctionRule, Lowering
from townlake.engines.dialect.types import duckdb_type


def renamed(name: str, *arities: int) -> FunctionRule:
    """A function of another name and the same arguments.

    Args:
        name: DuckDB's name, or that of a macro or a Python function.
        arities: how many arguments are mapped; any number when none is given.
    """

    def rule(call_: Call, lower: Lowering) -> Node:
        if arities and len(call_.arguments) not in arities:
            raise refusal.argument(call_.name, f"{len(call_.arguments)} arguments")
        return call(name, *lower.all(call_.arguments))

    return rule


def typed(name: str, *arities: int) -> FunctionRule:
    """The same, with the result cast to Trino's type of it."""
    plain = renamed(name, *arities)

    def rule(call_: Call, lower: Lowering) -> Node:
        return cast(plain(call_, lower), duckdb_type(lower.type(call_.node)))

    return rule


def doubled(name: str) -> FunctionRule:
    """A function of doubles: every argument becomes one."""

    def rule(call_: Call, lower: Lowering) -> Node:
        return call(name, *(cast(lower(argument), "DOUBLE") for argument in call_.arguments))

    return rule


def texts(name: str, *arities: int) -> FunctionRule:
    """A function of strings; a NULL literal among the arguments is a string."""

    def rule(call_: Call, lower: Lowering) -> Node:
        if arities and len(call_.arguments) not in arities:
            raise refusal.argument(call_.name, f"{len(call_.arguments)} arguments")
        return call(name, *(as_text(argument, lower) for argument in call_.arguments))

    return rule


def as_text(node: Node, lower: Lowering) -> Node:
    """A lowered argument, with NULL of no type made a string."""
    lowered = lower(node)
    return cast(lowered, "VARCHAR") if lower.kind(node) in {"unknown", "json"} else lowered
