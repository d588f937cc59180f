"""A lowered tree into DuckDB's text."""

from __future__ import annotations

from typing import Final

from sqlglot import ErrorLevel, exp
from sqlglot.dialects.duckdb import DuckDB

from townlake.engines.dialect.build import Node

DIALECT: Final = DuckDB()


def write(tree: Node) -> str:
    """The text of a tree; the tree is used up.

    Raises:
        SqlglotError: DuckDB has no such form.
    """
    return DIALECT.generate(tree, copy=False, comments=False, identify=True, unsupported_level=ErrorLevel.RAISE)


def ignoring_nulls(argument: Node) -> Node:
    """An argument with IGNORE NULLS behind it, which sqlglot writes only for functions that it knows.

    >>> ignoring_nulls(exp.column("x")).sql("duckdb")
    '"x" IGNORE NULLS'
    """
    return exp.Var(this=f"{write(argument)} IGNORE NULLS")
