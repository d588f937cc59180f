"""Small builders of DuckDB expressions."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from sqlglot import exp

Node: TypeAlias = exp.Expr
NodeClass: TypeAlias = type[exp.Expr]


def call(name: str, *arguments: Node) -> Node:
    """A call that is printed as it stands.

    >>> call("trino_slice", exp.column("a"), number(1)).sql("duckdb")
    'TRINO_SLICE(a, 1)'
    """
    return exp.Anonymous(this=name, expressions=list(arguments))


def text(value: str) -> Node:
    """A string literal."""
    return exp.Literal.string(value)


def number(value: int) -> Node:
    """An integer literal; a negative one in parentheses, so that it may stand anywhere."""
    literal = exp.Literal.number(abs(value))
    return exp.Paren(this=exp.Neg(this=literal)) if value < 0 else literal


def null() -> Node:
    """NULL."""
    return exp.Null()


def true() -> Node:
    """TRUE."""
    return exp.Boolean(this=True)


def false() -> Node:
    """FALSE."""
    return exp.Boolean(this=False)


@lru_cache(maxsize=1024)
def _data_type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")


def cast(node: Node, name: str, *, safe: bool = False) -> Node:
    """A cast to a DuckDB type.

    >>> cast(exp.column("a"), "DECIMAL(5,2)").sql("duckdb")
    'CAST(a AS DECIMAL(5, 2))'
    """
    return (exp.TryCast if safe else exp.Cast)(this=node, to=_data_type(name).copy())


def failure(code: str, name: str = "INTEGER") -> Node:
    """An expression of a type that fails with one of Trino's errors when it is evaluated.

    A cast that cannot succeed, since `error()` must not stand inside TRY.

    >>> failure("DIVISION_BY_ZERO").sql("duckdb")
    "CAST('!DIVISION_BY_ZERO' AS INT)"
    """
    failing = cast(text(f"!{code}"), "INTEGER")
    return failing if name == "INTEGER" else cast(failing, name)


def when(condition: Node, result: Node, otherwise: Node | None = None) -> Node:
    """CASE WHEN condition THEN result ELSE otherwise END.

    >>> when(exp.column("a"), number(1), number(2)).sql("duckdb")
    'CASE WHEN a THEN 1 ELSE 2 END'
    """
    return exp.Case(ifs=[exp.If(this=condition, true=result)], default=otherwise)


def both(left: Node, right: Node) -> Node:
    """`(left AND right)`."""
    return exp.Paren(this=exp.And(this=left, expression=right))


def either(left: Node, right: Node) -> Node:
    """`(left OR right)`."""
    return exp.Paren(this=exp.Or(this=left, expression=right))


def negated(node: Node) -> Node:
    """`(NOT node)`."""
    return exp.Paren(this=exp.Not(this=node))


def binary(kind: NodeClass, left: Node, right: Node) -> Node:
    """A binary operation in parentheses, so that it may stand anywhere."""
    return exp.Paren(this=kind(this=left, expression=right))


def is_null(node: Node) -> Node:
    """`node IS NULL` in parentheses."""
    return exp.Paren(this=exp.Is(this=node, expression=exp.Null()))


def function(parameters: list[str], body: Node) -> Node:
    """A lambda. DuckDB's old arrow form is refused by newer versions, so the keyword form is printed."""
    return exp.Lambda(this=body, expressions=[exp.to_identifier(name) for name in parameters])


def struct(fields: list[tuple[str, Node]]) -> Node:
    """A struct with named fields."""
    pairs = [exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value) for name, value in fields]
    return exp.Struct(expressions=pairs)


def field(node: Node, place: int) -> Node:
    """The field of a struct at a 1-based place."""
    return call("struct_extract_at", node, number(place))
