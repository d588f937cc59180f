"""The answer in words, made without a model: the same rows always read alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from agents.ask.answer import AnswerTable
from townlake.domain.finding import Finding, Severity
from townlake.domain.verdict import OutputColumn

_SHOWN_COLUMNS: Final = 4
_SHOWN_CHARACTERS: Final = 60


def say_rows(
    reading: str, columns: Sequence[OutputColumn], rows: Sequence[Sequence[Any]], *, truncated: bool, unit: str = ""
) -> str:
    """One or two sentences on what came back.

    >>> columns = [OutputColumn(name="revenue", type="double")]
    >>> say_rows("Revenue in 2025", columns, [[1234567.5]], truncated=False, unit="EUR")
    'Revenue in 2025: 1,234,567.5 EUR.'
    >>> say_rows("", columns, [], truncated=False)
    'There are no rows.'
    """
    head = reading.strip().rstrip(".:?")
    if not rows:
        return f"{head}: there are no rows." if head else "There are no rows."
    if len(rows) == 1:
        body = _row(columns, rows[0], unit)
        return f"{head}: {body}." if head else f"{_capital(body)}."
    more = "more than " if truncated else ""
    body = f"{more}{len(rows):,} rows, the first is {_row(columns, rows[0], unit)}"
    return f"{head}: {body}." if head else f"{_capital(body)}."


def say_cautions(
    tables: Iterable[AnswerTable], findings: Iterable[Finding], until: date, since: date | None = None
) -> list[str]:
    """What a reader of the rows must know: samples, deprecated tables, data that is late, doubts.

    Args:
        tables: what was read.
        findings: of every check.
        until: the last day that the rows speak of. A table is late when it lacks more than that day.
        since: the first one, when there is one. A table that ends on it holds no whole day of the span.
    """
    said = [_sentence(f) for f in findings if f.severity is Severity.WARNING or f.code in _ALWAYS_SAID]
    for table in tables:
        if table.fresh_at is None:
            continue
        fresh = table.fresh_at.date()
        if (until - fresh).days > 1 or (since is not None and fresh <= since):
            said.append(f"{table.table} is complete up to {table.fresh_at:%Y-%m-%d %H:%M} only.")
    return list(dict.fromkeys(said))


_ALWAYS_SAID: Final = frozenset({"CAT002", "EXA006"})


def _sentence(finding: Finding) -> str:
    return f"{finding.message} {finding.hint}".strip()


def _row(columns: Sequence[OutputColumn], row: Sequence[Any], unit: str) -> str:
    if len(row) == 1:
        return f"{_cell(row[0])} {unit}".strip()
    pairs = [f"{column.name} {_cell(cell)}" for column, cell in zip(columns, row, strict=True)]
    rest = len(pairs) - _SHOWN_COLUMNS
    return ", ".join(pairs[:_SHOWN_COLUMNS]) + (f" and {rest} more" if rest > 0 else "")


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1 else f"{round(value, 2):,}"
    text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
