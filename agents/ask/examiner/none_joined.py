"""EXA010: a count of 0 over tables that are joined."""

from __future__ import annotations

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity


def none_joined(seen: Seen) -> tuple[Finding, ...]:
    """Keys that are written in two ways never meet, and a count hides it: 0 looks like an answer."""
    from sqlglot import exp

    joined = seen.table.num_rows == 1 and seen.is_empty and seen.tree.find(exp.Join) is not None
    if not joined or not any(0 in column.to_pylist() for column in seen.table.columns):
        return ()
    return (
        Finding(
            code="EXA010",
            severity=Severity.NOTE,
            message="The count is 0: no row fits all conditions and joins.",
            hint="Look at how both sides of each join are written: spaces and case count.",
        ),
    )
