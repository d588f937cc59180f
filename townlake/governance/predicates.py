"""Row predicates that say with literals which rows a group sees.

A filter that joins or computes can be made to fail on a hidden row, and the error tells its value. So a predicate only
compares columns with literals of their own kind; what it may hold is decided node by node, everything else is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from sqlglot import exp
from sqlglot.errors import SqlglotError

from townlake.domain.errors import BadInput
from townlake.sql.text import TRINO, read
from townlake.sql.types import parse_type
from townlake.sql.typing.constant_casts import is_readable
from townlake.sql.typing.literals import number_type

MAX_CHARACTERS: Final = 2_000
_MAX_NESTING: Final = 20
_HINT: Final = "Compare columns with literals: region IN ('EU', 'US') AND created >= DATE '2026-01-01'."

_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("varchar", "char"), "text"),
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double"), "number"),
    **dict.fromkeys(("date", "timestamp"), "moment"),
    "boolean": "boolean",
}
_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_MOMENTS: Final[Mapping[object, Callable[[str], object]]] = {
    exp.DataType.Type.DATE: date.fromisoformat,
    exp.DataType.Type.TIMESTAMP: datetime.fromisoformat,
    exp.DataType.Type.TIMESTAMPTZ: lambda text: datetime.fromisoformat(text.replace(" UTC", "+00:00")),
}


def check_predicate(text: str, columns: Mapping[str, str]) -> exp.Expression:
    """Parse a predicate and prove that it only compares the table's columns with literals.

    Args:
        text: a Trino predicate.
        columns: the table's columns, Trino's name of the type by name.

    Returns:
        The tree, with every column quoted, so that no name can be read as a keyword.

    Raises:
        BadInput: it is not such a predicate; the message says which part is not allowed.
    """
    tree = _parsed(text)
    if _kind(tree, columns) != "boolean":
        raise BadInput("This row filter is not a condition that is true or false.", hint=_HINT)
    return tree


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A checked predicate in the columns' newer names.

    >>> renamed('"size" > 3', {"size": "length"})
    '"length" > 3'
    """
    tree = _parsed(text)
    for column in tree.find_all(exp.Column):
        column.set("this", exp.to_identifier(names[column.name], quoted=True))
    return predicate_sql(tree)


def predicate_sql(tree: exp.Expression) -> str:
    """The text of a checked predicate, without comments."""
    return tree.sql(TRINO, comments=False)


def column_names(tree: exp.Expression) -> tuple[str, ...]:
    """The columns that a predicate speaks of, each once."""
    return tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


@lru_cache(maxsize=1024)
def predicate_columns(text: str) -> frozenset[str]:
    """The columns that the text of a checked predicate speaks of.

    >>> sorted(predicate_columns("region = 'EU' OR country LIKE 'F%'"))
    ['country', 'region']
    """
    return frozenset(column_names(_parsed(text)))


def _parsed(text: str) -> exp.Expression:
    if len(text) > MAX_CHARACTERS or text.count("(") > _MAX_NESTING or set("[{;") & set(text):
        raise BadInput("This row filter is too long or holds signs that none needs.", hint=_HINT)
    try:
        found = read(text)
    except (SqlglotError, RecursionError) as error:
        raise BadInput("This row filter is not a predicate.", hint=_HINT) from error
    if len(found) != 1 or not isinstance(found[0], exp.Expression):
        raise BadInput("This row filter is not one predicate.", hint=_HINT)
    return found[0]


def _kind(node: object, columns: Mapping[str, str]) -> str:
    """What a part gives: text, number, moment, boolean or null. Checks all parts below it."""
    if isinstance(node, exp.Null):
        return "null"
    if isinstance(node, exp.Boolean):
        return "boolean"
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else _number(node)
    if isinstance(node, exp.Column):
        return _column(node, columns)
    if isinstance(node, exp.Cast):
        return _moment(node)
    if isinstance(node, exp.Paren):
        return _kind(node.this, columns)
    if isinstance(node, exp.Neg):
        return _alike("number", node.this, columns=columns)
    if isinstance(node, exp.Lower | exp.Upper):
        return _alike("text", node.this, columns=columns)
    _condition(node, columns)
    return "boolean"


def _condition(node: object, columns: Mapping[str, str]) -> None:
    if isinstance(node, exp.And | exp.Or):
        _alike("boolean", node.this, node.expression, columns=columns)
    elif isinstance(node, exp.Not):
        _alike("boolean", node.this, columns=columns)
    elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        _kind(node.this, columns)
    elif isinstance(node, _COMPARISONS):
        _alike(None, node.this, node.expression, columns=columns)
    elif isinstance(node, exp.Like):
        _alike("text", node.this, node.expression, columns=columns)
    elif isinstance(node, exp.Between):
        _alike(None, node.this, node.args["low"], node.args["high"], columns=columns)
    elif isinstance(node, exp.In) and node.expressions:
        _alike(None, node.this, *node.expressions, columns=columns)
    else:
        raise BadInput(f"A row filter cannot use {type(node).__name__.upper()}.", hint=_HINT)


def _alike(wanted: str | None, *parts: object, columns: Mapping[str, str]) -> str:
    """Check that all parts give one kind, so that the comparison cannot fail on any row."""
    kinds = {_kind(part, columns) for part in parts} - {"null"} | ({wanted} if wanted else set())
    if len(kinds) > 1:
        raise BadInput(f"A row filter cannot compare {' with '.join(sorted(kinds))}.", hint=_HINT)
    return kinds.pop() if kinds else "null"


def _column(node: exp.Column, columns: Mapping[str, str]) -> str:
    if node.table:
        raise BadInput("A row filter names columns without their table.", hint=_HINT)
    name = node.name.lower()
    if name not in columns:
        raise BadInput(f"The table has no column {node.name}.", hint=f"Its columns are: {', '.join(columns)}.")
    node.set("this", exp.to_identifier(name, quoted=True))
    column_type = columns[name]
    return _KINDS.get(column_type.partition("(")[0].partition(" ")[0], column_type)


def _number(node: exp.Literal) -> str:
    if number_type(node.name) is None:
        raise BadInput(f"{node.name} has more digits than Trino reads.", hint=_HINT)
    return "number"


def _moment(node: exp.Cast) -> str:
    """A date or a timestamp that is written out. The cast of a column could fail on a row."""
    read = _MOMENTS.get(node.to.this)
    if read is None or not (isinstance(node.this, exp.Literal) and node.this.is_string):
        raise BadInput("A row filter can only cast texts to a date or a timestamp.", hint=_HINT)
    try:
        read(node.this.name)
        can_be_read = is_readable(node.this.name, parse_type(node.to.sql(TRINO)))
    except ValueError:
        can_be_read = False
    if not can_be_read:
        raise BadInput(f"{node.this.name!r} is not a date or a timestamp.", hint=_HINT)
    return "moment"
