"""A verified query with some value for each parameter, so that it can be checked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from townlake.catalog.knowledge.expressions import parse_query
from townlake.catalog.knowledge.model import Parameter, TimeType, VerifiedQuery

if TYPE_CHECKING:
    from sqlglot import exp


def with_any_values(query: VerifiedQuery, today: date) -> str:
    """The statement that a question for the query becomes, but for the values that it asks for."""
    from sqlglot import exp

    tree = parse_query(query.sql)
    parameters = {parameter.name: parameter for parameter in query.parameters}
    for hole in list(tree.find_all(exp.Placeholder)):
        hole.replace(_any_value(parameters[str(hole.this)], today))
    return tree.sql("trino")


def _any_value(parameter: Parameter, today: date) -> exp.Expr:
    """Some literal of the parameter's type."""
    from sqlglot import exp

    from agents.ask.cover.compose.literals import day, text

    match parameter.type.partition("(")[0].strip().lower():
        case "varchar":
            return text("")
        case "boolean":
            return exp.true()
        case "date":
            return day(today)
        case "timestamp":
            return day(today, TimeType.TIMESTAMP)
        case _:
            return exp.Literal.number("1")
