"""EXA001: nothing came back."""

from __future__ import annotations

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity


def no_rows(seen: Seen) -> tuple[Finding, ...]:
    """Say so, and whether it may be the filters: of rows that the caller may not see, another check tells."""
    if seen.table.num_rows > 0:
        return ()
    return (
        Finding(
            code="EXA001",
            severity=Severity.NOTE,
            message="No row fits all conditions of the statement.",
            hint="Check the conditions and the joins; drop one at a time to see which empties it.",
        ),
    )
