"""EXA005: a statement looks for a value that no row holds."""

from __future__ import annotations

from typing import Final

from agents.ask.examiner.filters import TextFilter
from agents.ask.examiner.seen import Seen
from townlake.domain.finding import Finding, Severity

_NEAREST: Final = 5


def unknown_value(seen: Seen) -> tuple[Finding, ...]:
    """Offer the nearest stored values. Only columns whose values the caller reads in full are looked at."""
    return tuple(
        finding
        for each in seen.text_filters
        if seen.outlook.sight.opens(each.column) and (finding := _finding(each, seen)) is not None
    )


def _finding(each: TextFilter, seen: Seen) -> Finding | None:
    nearest = tuple(seen.values.nearest(each.column, each.text, seen.outlook.sight))
    if not nearest or each.text in nearest:
        return None
    if each.any_case and each.text.casefold() in {value.casefold() for value in nearest}:
        return None
    offered = ", ".join("'" + value.replace("'", "''") + "'" for value in nearest[:_NEAREST])
    return Finding(
        code="EXA005",
        severity=Severity.WARNING,
        message=f"No row of {each.column.table.name} has {each.column.column} = '{each.text}'.",
        hint=f"Stored are, among others: {offered}.",
    )
