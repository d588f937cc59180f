"""What the description of a table says to whoever reads its rows."""

from __future__ import annotations

from townlake.domain.finding import Finding, Severity
from townlake.domain.table import Sampling, TableInfo, Tier


def cautions(table: TableInfo) -> tuple[Finding, ...]:
    """The findings that a table brings into every statement that reads it.

    Args:
        table: as the caller may see it, so that a hint names nothing hidden.
    """
    found = []
    if table.tier is Tier.DEPRECATED:
        hint = f"Use {table.replaced_by}." if table.replaced_by else "Ask its owner what took its place."
        message = f"{table.ref} is deprecated."
        found.append(Finding(code="CAT001", severity=Severity.WARNING, message=message, hint=hint))
    if table.sampling is not None:
        message = f"{table.ref} holds a sample of the events."
        found.append(Finding(code="CAT002", severity=Severity.NOTE, message=message, hint=_scale(table.sampling)))
    return tuple(found)


def _scale(sampling: Sampling) -> str:
    """How to get from rows to events.

    >>> _scale(Sampling(interval=100))
    'One row stands for 100 events: multiply counts and sums by it.'
    """
    if sampling.interval_column:
        return f"Count with sum({sampling.interval_column}) instead of count(*), and weigh other sums with it."
    if sampling.interval:
        return f"One row stands for {sampling.interval} events: multiply counts and sums by it."
    return "Counts and sums are too low by an interval that you may not see."
