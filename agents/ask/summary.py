"""The answer in words, made without a model: the same rows always read alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from agents.ask.answer import AnswerTable
from agents.ask.figures import figure
from townlake.domain.finding import Finding, Severity
from townlake.domain.verdict import OutputColumn

_SHOWN_COLUMNS: Final = 4
_NONE: Final[Mapping[str, str]] = {}


def say_rows(
    reading: str,
    columns: Sequence[OutputColumn],
    rows: Sequence[Sequence[Any]],
    *,
    truncated: bool,
    unit: str = "",
    titles: Mapping[str, str] = _NONE,
) -> str:
    """One or two sentences on what came back.

    Args:
        reading: what the rows are.
        columns: the columns of the result.
        rows: JSON values.
        truncated: whether there are more.
        unit: of the number, where there is one.
        titles: what columns are called, where that is not their name.

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
        body = _row(columns, rows[0], unit, titles)
        return f"{head}: {body}." if head else f"{_capital(body)}."
    more = "more than " if truncated else ""
    body = f"{more}{len(rows):,} rows, the first is {_row(columns, rows[0], unit, titles)}"
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


def _row(columns: Sequence[OutputColumn], row: Sequence[Any], unit: str, titles: Mapping[str, str]) -> str:
    told = [figure(cell, column.type, column.name) for column, cell in zip(columns, row, strict=True)]
    if len(row) == 1:
        return f"{told[0]} {unit if row[0] is not None else ''}".strip()
    names = [titles.get(column.name, column.name.replace("_", " ")) for column in columns]
    pairs = [f"{name} {cell}" for name, cell in zip(names, told, strict=True)]
    rest = len(pairs) - _SHOWN_COLUMNS
    return ", ".join(pairs[:_SHOWN_COLUMNS]) + (f" and {rest} more" if rest > 0 else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
