"""A comparison with NULL is never true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.conditions import bare
from townlake.sql.traps.view import View, rewrite, trap

CODE: Final = "TRP005"


def find(view: View) -> Iterator[Finding]:
    """`x = NULL` and `x <> NULL` let no row through."""
    for node in view.of_kind(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE):
        sides = [bare(node.this), bare(node.expression)]
        if not any(isinstance(side, exp.Null) for side in sides):
            continue
        other = sides[1] if isinstance(sides[0], exp.Null) else sides[0]
        test = "IS NOT NULL" if isinstance(node, exp.NEQ) else "IS NULL"
        message = "A comparison with NULL is neither true nor false, and lets no row through."
        yield trap(CODE, Severity.WARNING, message, f"Write {rewrite(other)} {test}.", node)
