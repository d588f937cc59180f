"""Row predicates that say with literals which rows a group sees.

A filter that joins or computes can be made to fail on a hidden row, and the error tells its value. So a predicate may
only compare columns with literals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from townlake.domain.errors import BadInput

MAX_CHARACTERS: Final = 2_000
_MAX_NESTING: Final = 20

_ALLOWED: Final[frozenset[type[exp.Expression]]] = frozenset(
    {
        exp.And,
        exp.Or,
        exp.Not,
        exp.Paren,
        exp.EQ,
        exp.NEQ,
        exp.LT,
        exp.LTE,
        exp.GT,
        exp.GTE,
        exp.Between,
        exp.In,
        exp.Is,
        exp.Like,
        exp.NullSafeEQ,
        exp.NullSafeNEQ,
        exp.Null,
        exp.Boolean,
        exp.Literal,
        exp.Neg,
        exp.Column,
        exp.Identifier,
        exp.Lower,
        exp.Upper,
        exp.Cast,
        exp.DataType,
        exp.DataTypeParam,
    }
)
_HINT: Final = "Compare columns with literals: region IN ('EU', 'US') AND created >= DATE '2026-01-01'."


def check_predicate(text: str, columns: Sequence[str]) -> exp.Expression:
    """Parse a predicate and prove that it only compares the table's columns with literals.

    Args:
        text: a Trino predicate.
        columns: the table's columns, by name.

    Returns:
        The tree, with every column quoted, so that no name can be read as a keyword.

    Raises:
        BadInput: it is not such a predicate; the message says which part is not allowed.
    """
    tree = _parsed(text)
    for node in tree.walk():
        if type(node) not in _ALLOWED:
            raise BadInput(f"A row filter cannot use {_word(node)}.", hint=_HINT)
        if isinstance(node, exp.Cast) and not isinstance(node.this, exp.Literal):
            # The cast of a column can fail on a row, and the error would tell its value.
            raise BadInput("A row filter can only cast literals.", hint=_HINT)
        if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest")):
            raise BadInput("A row filter cannot use a subquery.", hint=_HINT)
        if isinstance(node, exp.Column):
            _check_column(node, columns)
    return tree


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A checked predicate in the columns' newer names.

    >>> renamed('"size" > 3', {"size": "length"})
    '"length" > 3'
    """
    tree = check_predicate(text, tuple(names))
    for column in tree.find_all(exp.Column):
        column.set("this", exp.to_identifier(names[column.name], quoted=True))
    return predicate_sql(tree)


def predicate_sql(tree: exp.Expression) -> str:
    """The text of a checked predicate, without comments."""
    return tree.sql("trino", comments=False)


def column_names(tree: exp.Expression) -> tuple[str, ...]:
    """The columns that a predicate speaks of, each once."""
    return tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


def _parsed(text: str) -> exp.Expression:
    if len(text) > MAX_CHARACTERS or text.count("(") > _MAX_NESTING or set("[{;") & set(text):
        raise BadInput("This row filter is too long or holds signs that none needs.", hint=_HINT)
    try:
        found = sqlglot.parse(text, read="trino")
    except (SqlglotError, RecursionError) as error:
        raise BadInput("This row filter is not a predicate.", hint=_HINT) from error
    if len(found) != 1 or found[0] is None or not isinstance(found[0], exp.Expression):
        raise BadInput("This row filter is not one predicate.", hint=_HINT)
    tree = found[0]
    if not isinstance(tree, exp.Predicate | exp.Connector | exp.Not | exp.Paren | exp.Boolean):
        raise BadInput("This row filter is not a condition that is true or false.", hint=_HINT)
    return tree


def _check_column(node: exp.Column, columns: Sequence[str]) -> None:
    if node.table:
        raise BadInput("A row filter names columns without their table.", hint=_HINT)
    name = node.name.lower()
    if name not in columns:
        raise BadInput(f"The table has no column {node.name}.", hint=f"Its columns are: {', '.join(columns)}.")
    node.set("this", exp.to_identifier(name, quoted=True))


def _word(node: object) -> str:
    return type(node).__name__.upper()
