"""The errors of Trino's analyzer as findings."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity, Span

CODES: Final = MappingProxyType(
    {
        "TYPE_MISMATCH": "TYP001",
        "FUNCTION_NOT_FOUND": "TYP002",
        "COLUMN_NOT_FOUND": "TYP003",
        "AMBIGUOUS_NAME": "TYP004",
        "EXPRESSION_NOT_AGGREGATE": "TYP005",
        "EXPRESSION_NOT_SCALAR": "TYP006",
        "NESTED_AGGREGATION": "TYP007",
        "NESTED_WINDOW": "TYP008",
        "INVALID_COLUMN_REFERENCE": "TYP009",
        "MISMATCHED_COLUMN_ALIASES": "TYP010",
        "INVALID_FUNCTION_ARGUMENT": "TYP011",
        "INVALID_ARGUMENTS": "TYP012",
        "NUMERIC_VALUE_OUT_OF_RANGE": "TYP013",
        "NOT_SUPPORTED": "TYP014",
        "MISSING_ORDER_BY": "TYP015",
        "MISSING_OVER": "TYP016",
        "DUPLICATE_NAMED_QUERY": "TYP017",
        "INVALID_LITERAL": "TYP018",
        "INVALID_CAST_ARGUMENT": "TYP019",
        "EXPRESSION_NOT_IN_DISTINCT": "TYP020",
        "TABLE_NOT_FOUND": "TYP021",
        "MISSING_SCHEMA_NAME": "TYP021",
        "FUNCTION_NOT_WINDOW": "TYP022",
        "FUNCTION_NOT_AGGREGATE": "TYP023",
        "AMBIGUOUS_FUNCTION_CALL": "TYP024",
        "SYNTAX_ERROR": "TYP025",
        "MISSING_GROUP_BY": "TYP026",
        "INVALID_WINDOW_REFERENCE": "TYP027",
        "INVALID_RECURSIVE_REFERENCE": "TYP028",
        "MISSING_COLUMN_ALIASES": "TYP028",
        "DIVISION_BY_ZERO": "TYP029",
        "INVALID_WINDOW_FRAME": "TYP030",
        "DUPLICATE_WINDOW_NAME": "TYP027",
        "INVALID_PARTITION_BY": "TYP027",
        "INVALID_ORDER_BY": "TYP027",
        "NULL_TREATMENT_NOT_ALLOWED": "TYP031",
        "INVALID_PARAMETER_USAGE": "TYP032",
        "DUPLICATE_COLUMN_NAME": "TYP033",
        "EXPRESSION_NOT_CONSTANT": "TYP011",
    }
)
"""The code of each error of Trino's that is found before a statement runs."""


def fault(error: str, message: str, hint: str = "", at: exp.Expr | None = None) -> Finding:
    """The finding for an error that Trino would raise.

    Args:
        error: Trino's name of it.
        message: what is wrong, with the types.
        hint: the rewrite.
        at: the node that is wrong.

    >>> fault("TYPE_MISMATCH", "A date is no number.").code
    'TYP001'
    """
    return Finding(
        code=CODES[error],
        severity=Severity.ERROR,
        message=message,
        hint=hint,
        span=None if at is None else place_of(at),
        error=error,
    )


def place_of(node: exp.Expr) -> Span | None:
    """Where a node was written, as far as the parser kept it: the first of its tokens that is known."""
    for part in node.walk(bfs=False):
        meta = part.meta
        if "line" in meta:
            # The parser counts the column of a token's last letter.
            return Span(line=meta["line"], column=max(1, meta["col"] - (meta["end"] - meta["start"])))
    return None


def quoted(name: str) -> str:
    """A name or a piece of the caller's statement, short enough for a message.

    >>> quoted("x" * 100) == '"' + "x" * 60 + '…"'
    True
    """
    return f'"{name}"' if len(name) <= 60 else f'"{name[:60]}…"'


def written(node: exp.Expr, limit: int = 60) -> str:
    """An expression of the caller's statement as a message shows it."""
    text = node.sql("trino", comments=False)
    return text if len(text) <= limit else f"{text[:limit]}…"
