"""A slice as text for a model: short, regular, and inert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from agents.ask.schema_slice import SchemaSlice, SliceColumn, SliceNote, SliceTable
from agents.ask.state import Turn
from agents.inert import inert, unmarked
from townlake.domain.finding import Finding
from townlake.domain.table import Tier

_COMMENT: Final = 110
_SOURCE_NAME: Final = 60
_VALUE: Final = 32


def slice_text(slice_: SchemaSlice) -> str:
    """All of a slice."""
    parts = [table_text(table) for table in slice_.tables]
    if slice_.others:
        parts.append(f"Other tables, not shown: {', '.join(slice_.others)}")
    if slice_.closed:
        closed = ", ".join(ref.short for ref in slice_.closed)
        parts.append(f"Closed to the person who asks, never to be read: {closed}")
    parts += _notes("Metrics that the company agreed upon; use their definition", slice_.metrics)
    parts += _notes("Queries that a person verified", slice_.queries)
    parts += _notes("Notes on the data", (*slice_.pages, *slice_.terms))
    return "\n".join(parts)


def table_text(table: SliceTable) -> str:
    """A table, one column a line; on one line when it is among the less likely ones."""
    about = _marks(table)
    if table.brief:
        columns = ", ".join(_brief_column(column, table) for column in table.columns)
        return f"table {table.label}({columns})" + (f" -- {'; '.join(about)}" if about else "") + "\n"
    about = ([f"{table.row_count} rows"] if table.row_count is not None else []) + about
    about += [inert(table.comment, 2 * _COMMENT)] if table.comment else []
    head = f"table {table.label}" + (f" -- {'; '.join(about)}" if about else "")
    lines = [head, *(_column(column) for column in table.columns)]
    if table.left_out:
        lines.append(f"  ({table.left_out} more columns)")
    return "\n".join(lines) + "\n"


def _marks(table: SliceTable) -> list[str]:
    """What must be known of a table before it is read at all."""
    marks = []
    if table.tier is Tier.DEPRECATED:
        marks.append("deprecated" + (f", use {table.replaced_by}" if table.replaced_by else ""))
    return marks + [words for words in (table.sampling, table.parts) if words]


def turns_text(turns: Sequence[Turn]) -> str:
    """The conversation so far, without any row."""
    lines = []
    for number, turn in enumerate(turns, 1):
        lines.append(f"{number}. asked: {inert(turn.question, 500)}")
        if turn.sql:
            lines.append(f"   SQL: {inert(turn.sql, 1200)}")
            lines.append(f"   gave {turn.row_count} rows: {', '.join(turn.columns)}")
        elif turn.asked_back:
            lines.append(f"   was asked back: {inert(turn.asked_back, 300)}")
    return "\n".join(lines)


def findings_text(findings: Sequence[Finding]) -> str:
    """Findings, one a line."""
    return "\n".join(f"- {f.code} {f.severity}: {inert(f'{f.message} {f.hint}', 600)}" for f in findings)


def _column(column: SliceColumn) -> str:
    marks = [column.type]
    marks += ["key"] if column.is_key else []
    marks += [f"= {column.references}"] if column.references else []
    marks += ["masked"] if column.masked else []
    text = f"  {column.name} {' '.join(marks)}"
    if column.source_name:
        text += f" called {inert(column.source_name, _SOURCE_NAME)} by its source"
    if column.comment:
        text += f" -- {inert(column.comment, _COMMENT)}"
    if column.matches:
        text += f" | the question names: {_values(column.matches)}"
    if column.values:
        text += f" | {'all values' if column.whole else 'e.g.'} {_values(column.values)}"
    return text


def _brief_column(column: SliceColumn, table: SliceTable) -> str:
    text = column.name if column.type == "varchar" else f"{column.name} {column.type}"
    if column.references:
        text += f" = {column.references.removeprefix(table.table.namespace + '.')}"
    text += " masked" if column.masked else ""
    return text + (f" has {_values(column.matches)}" if column.matches else "")


def _values(values: Iterable[str]) -> str:
    """Values as SQL has them: space around them counts, so it stays."""
    return ", ".join("'" + _short(unmarked(value)).replace("'", "''") + "'" for value in values)


def _short(value: str) -> str:
    return value if len(value) <= _VALUE else value[: _VALUE - 1] + "…"


def _notes(title: str, notes: Sequence[SliceNote]) -> list[str]:
    if not notes:
        return []
    return [f"{title}:", *(f"- {inert(note.title, 120)}: {inert(note.text, 700)}" for note in notes)]
