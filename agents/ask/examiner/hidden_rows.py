"""EXA006: rows that the caller may not see."""

from __future__ import annotations

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity


def hidden_rows(seen: Seen) -> tuple[Finding, ...]:
    """Tell "no rows" from "rows that you may not see": below a row filter, nothing is said of the whole."""
    findings = []
    for table in seen.checked.row_filtered:
        findings.append(
            Finding(
                code="EXA006",
                severity=Severity.NOTE,
                message=f"You see only some rows of {table.short}: the answer is about those.",
                hint=seen.outlook.ask_for(table) or "Ask the table's owner when you need the others.",
            )
        )
    return tuple(findings)
