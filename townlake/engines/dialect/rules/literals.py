"""Literals: the type that Trino reads, spelled for DuckDB."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from townlake.engines.dialect.build import Node, NodeClass, call, cast, number, text
from townlake.engines.dialect.lower import Lowering, NodeRule
from townlake.engines.dialect.types import INTEGERS, duckdb_type


def literal(node: Node, lower: Lowering) -> Node:
    """A number or a string. A decimal is given its type, which counts no leading zero."""
    if node.is_string:
        return text(node.name)
    plain = exp.Literal.number(node.name)
    return cast(plain, duckdb_type(name)) if lower.kind(node) == "decimal" and (name := lower.type(node)) else plain


def hexadecimal(node: Node, lower: Lowering) -> Node:
    """`X'41'` is bytes, `0x41` a number; the parser keeps both alike, the type tells."""
    if lower.kind(node) in INTEGERS:
        return number(int(node.name, 16))
    return call("unhex", text(node.name))


RULES: Final[dict[NodeClass, NodeRule]] = {exp.Literal: literal, exp.HexString: hexadecimal}
