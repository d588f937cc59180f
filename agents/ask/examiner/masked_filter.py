"""EXA007: nothing was found by a column that the caller sees masked."""

from __future__ import annotations

from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity


def masked_filter(seen: Seen) -> tuple[Finding, ...]:
    """A mask is put in before a condition is tested, so a condition on the real value never holds."""
    if not seen.is_empty:
        return ()
    masked = {use.column for use in seen.checked.masks}
    used = dict.fromkeys(each.column for each in seen.text_filters if each.column in masked)
    return tuple(
        Finding(
            code="EXA007",
            severity=Severity.WARNING,
            message=f"{column.table.name}.{column.column} is masked for you: a value is never found in it.",
            hint=seen.outlook.ask_for(column.table) or "Ask the table's owner for a group that reads it unmasked.",
        )
        for column in used
    )
