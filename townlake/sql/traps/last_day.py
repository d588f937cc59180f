"""A date as the upper bound of a timestamp leaves out its day but for midnight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare
from townlake.sql.traps.view import View, rewrite, trap

CODE: Final = "TRP007"
_MIDNIGHT: Final = re.compile(r"\d+-\d+-\d+(\s+0{1,2}:00(:00(\.0+)?)?)?")


def find(view: View) -> Iterator[Finding]:
    """`t BETWEEN DATE '2024-01-01' AND DATE '2024-01-31'` holds nothing of 31 January after midnight."""
    for node in view.of_kind(exp.Between):
        yield from _bounded(view, node, node.this, node.args["high"])
    for node in view.of_kind(exp.LTE):
        yield from _bounded(view, node, node.this, node.expression)
    for node in view.of_kind(exp.GTE):
        yield from _bounded(view, node, node.expression, node.this)


def _bounded(view: View, node: exp.Expr, value: exp.Expr, bound: exp.Expr) -> Iterator[Finding]:
    if not view.type(value).name.startswith("timestamp") or not _is_day(view, bound):
        return
    message = "The bound is the first moment of its day: the rest of that day is left out."
    hint = f"Write {rewrite(bare(value))} < the day after, as in t < DATE '2024-02-01'."
    yield trap(CODE, Severity.WARNING, message, hint, node)


def _is_day(view: View, bound: exp.Expr) -> bool:
    bound = bare(bound)
    kind = view.type(bound)
    if isinstance(bound, exp.Cast) and isinstance(bound.this, exp.Literal):
        return kind.name in ("date", "timestamp") and _MIDNIGHT.fullmatch(bound.this.name.strip()) is not None
    return kind.name == "date"
