"""EXA008: only the first rows came back."""

from __future__ import annotations

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity


def cut_result(seen: Seen) -> tuple[Finding, ...]:
    """Rows that were cut must never be counted or summed by whoever reads them."""
    if not seen.rows.truncated:
        return ()
    return (
        Finding(
            code="EXA008",
            severity=Severity.NOTE,
            message=f"Only the first {seen.table.num_rows:,} rows are here; there are more.",
            hint="Ask for a total, a smaller span, or the top rows.",
        ),
    )
