"""Literals and the text of a finished statement."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlglot import exp

from townlake.catalog.knowledge.model import TimeType

_TYPES = {
    TimeType.DATE: exp.DType.DATE,
    TimeType.TIMESTAMP: exp.DType.TIMESTAMP,
    TimeType.ZONED: exp.DType.TIMESTAMPTZ,
}
_PRINTED = tuple(_TYPES.values())


def day(value: date, kind: TimeType = TimeType.DATE) -> exp.Expr:
    """Midnight of a day, as a literal of the column's type.

    >>> printed(day(date(2026, 7, 1), TimeType.ZONED), pretty=False)
    "TIMESTAMP '2026-07-01 00:00:00 UTC'"
    """
    text = {
        TimeType.DATE: str(value),
        TimeType.TIMESTAMP: f"{value} 00:00:00",
        TimeType.ZONED: f"{value} 00:00:00 UTC",
    }[kind]
    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType(this=_TYPES[kind]))


def number(value: Decimal) -> exp.Expr:
    """A number, without an exponent."""
    return exp.Literal.number(f"{value:f}")


def text(value: str) -> exp.Expr:
    """A text, quoted."""
    return exp.Literal.string(value)


def double(value: exp.Expr) -> exp.Expr:
    """The value as a DOUBLE, since Trino rounds a division of decimals to the scale of its operands."""
    return exp.cast(value, exp.DType.DOUBLE)


def printed(tree: exp.Expr, *, pretty: bool = True) -> str:
    """The SQL of a tree in Trino's dialect, with `DATE '...'` where sqlglot would write a cast. The tree is used up."""
    return tree.transform(_introduced, copy=False).sql("trino", pretty=pretty, copy=False)


def _introduced(node: exp.Expr) -> exp.Expr:
    if (
        type(node) is exp.Cast
        and isinstance(node.this, exp.Literal)
        and node.this.is_string
        and node.to.this in _PRINTED
    ):
        word = "DATE" if node.to.this is exp.DType.DATE else "TIMESTAMP"
        return exp.Introducer(this=exp.var(word), expression=node.this.copy())
    return node
