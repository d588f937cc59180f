"""Texts are compared letter by letter, also where they look like numbers or dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare
from townlake.sql.traps.view import View, rewrite, trap
from townlake.sql.types import TEXTS

CODE: Final = "TRP006"
_NUMBER: Final = re.compile(r"\s*-?\d+(\.\d+)?\s*")
_YEAR: Final = re.compile(r"(1[5-9]|20)\d\d")
_RAGGED_DATE: Final = re.compile(r"\d{4}-(\d-\d{1,2}|\d{1,2}-\d)(\D.*)?")
_FORMATTED: Final = (exp.Literal, exp.TimeToStr, exp.Substring, exp.Pad)
"""What gives texts of one width, which sort as they should."""


def find(view: View) -> Iterator[Finding]:
    """`code > '5'` is false for '10', and `day >= '2024-1-5'` is true for '2024-02-01' and false for '2024-10-01'."""
    for node in view.of_kind(exp.LT, exp.LTE, exp.GT, exp.GTE):
        yield from _compared(view, node, node.this, [node.expression])
        yield from _compared(view, node, node.expression, [node.this])
    for node in view.of_kind(exp.Between):
        yield from _compared(view, node, node.this, [node.args["low"], node.args["high"]])


def _compared(view: View, node: exp.Expr, value: exp.Expr, bounds: list[exp.Expr]) -> Iterator[Finding]:
    value = bare(value)
    if view.type(value).name not in TEXTS or isinstance(value, _FORMATTED):
        return
    for bound in map(bare, bounds):
        if not isinstance(bound, exp.Literal) or not bound.is_string:
            continue
        if _NUMBER.fullmatch(bound.name):
            hint = f"Write TRY_CAST({rewrite(value)} AS double) and {bound.name.strip()} without quotes."
            # Years sort well as texts, as long as all have four digits.
            severity = Severity.NOTE if _YEAR.fullmatch(bound.name) else Severity.WARNING
            yield trap(CODE, severity, "The numbers are compared as texts: '10' < '9'.", hint, node)
            return
        if _RAGGED_DATE.fullmatch(bound.name):
            hint = "Write the day with two digits for month and day, or compare dates: TRY_CAST(x AS date)."
            yield trap(
                CODE, Severity.WARNING, "The dates are compared as texts: '2024-1-5' > '2024-02-01'.", hint, node
            )
            return
