"""EXA003: the same row comes back several times."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity

_LOOKED_THROUGH: Final = 2_000
"""Longer results are listings, and comparing their rows would take longer than reading them."""


def repeated_rows(seen: Seen) -> tuple[Finding, ...]:
    """A join that multiplies shows as rows that repeat. One table alone may well hold equal rows."""
    if not 1 < seen.table.num_rows <= _LOOKED_THROUGH or not seen.tree.find(exp.Join):
        return ()
    rows = [tuple(map(repr, row.values())) for row in seen.table.to_pylist()]
    extra = len(rows) - len(set(rows))
    if extra == 0:
        return ()
    return (
        Finding(
            code="EXA003",
            severity=Severity.NOTE,
            message=f"{extra} of {len(rows)} rows repeat another one: a join gives some of them several times.",
            hint="Ask for different ones, or aggregate before the join.",
        ),
    )
