"""The average of decimals has no more digits than they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from townlake.domain.finding import Finding, Severity
from townlake.sql.traps.view import View, digits, rewrite, trap

CODE: Final = "TRP002"


def find(view: View) -> Iterator[Finding]:
    """`avg(price)` over `decimal(10,2)` is rounded to cents."""
    for node in view.of_kind(exp.Avg):
        kind = view.type(node)
        if kind.name == "decimal" and kind.numbers[1] < 4:
            message = f"The average is a {kind}: it is rounded to {digits(kind.numbers[1])} after the point."
            yield trap(CODE, Severity.WARNING, message, f"Write avg(CAST({rewrite(node.this)} AS double)).", node)
