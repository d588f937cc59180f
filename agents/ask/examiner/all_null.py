"""EXA002: a column holds nothing but NULL."""

from __future__ import annotations

from agents.ask.examiner.over_nothing import over_nothing
from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity


def all_null(seen: Seen) -> tuple[Finding, ...]:
    """Name the columns without any value; masked ones are NULL by design and are told elsewhere."""
    if seen.table.num_rows == 0 or over_nothing(seen):
        return ()
    pairs = zip(seen.rows.columns, seen.table.columns, strict=True)
    empty = [column.name for column, values in pairs if values.null_count == len(values) and not column.masked]
    if not empty:
        return ()
    names = ", ".join(f'"{name}"' for name in empty[:5])
    return (
        Finding(
            code="EXA002",
            severity=Severity.WARNING,
            message=f"Every value of {names} is NULL.",
            hint="The far side of a LEFT JOIN without a match is NULL, and so is an aggregate over no value.",
        ),
    )
