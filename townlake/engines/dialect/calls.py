"""Function calls as the mappings read them.

`townlake.sql` knows which function a node is; here its second names are made one, and what
the parser has turned into forms of its own (units) is turned back into literals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from townlake.engines.dialect.build import Node, text
from townlake.sql.functions import Call, names

__all__ = ["Call", "call_of"]

_SAME: Final = {
    "arbitrary": "any_value",
    "ceiling": "ceil",
    "day_of_month": "day",
    "dow": "day_of_week",
    "doy": "day_of_year",
    "every": "bool_and",
    "now": "current_timestamp",
    "pow": "power",
    "rand": "random",
    "stddev_samp": "stddev",
    "substring": "substr",
    "var_samp": "variance",
    "week_of_year": "week",
    "yow": "year_of_week",
}
"""Second names of functions."""
_WITH_UNIT: Final = frozenset({"date_add", "date_diff", "date_trunc"})


def call_of(node: Node) -> Call | None:
    """The call that a node stands for, or None when it is no function.

    >>> from sqlglot import parse_one
    >>> call = call_of(parse_one("date_diff('day', a, b)", read="trino"))
    >>> call.name, [argument.sql() for argument in call.arguments]
    ('date_diff', ["'day'", 'a', 'b'])
    """
    found = names.call_of(node)
    if found is None:
        return None
    name, arguments = found.name, found.arguments
    if name == "extract":
        name, arguments = node.name.lower(), (node.expression,)
    elif name == "log" and isinstance(node, exp.Log):
        name, arguments = _logarithm(arguments)
    elif name in _WITH_UNIT:
        arguments = (_unit(arguments[0]), *arguments[1:])
    return replace(found, name=_SAME.get(name, name), arguments=arguments)


def _logarithm(arguments: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]]:
    base = arguments[0]
    if len(arguments) == 2 and isinstance(base, exp.Literal) and base.name in {"2", "10"}:
        return f"log{base.name}", arguments[1:]
    return "log", arguments


def _unit(node: Node) -> Node:
    return text(node.name.lower()) if isinstance(node, exp.Var | exp.Literal) else node
