"""How an answer reads on the terminal: the rows first, then everything needed to check them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.cli.output import Output
from app.cli.pretty import pretty_sql

if TYPE_CHECKING:
    from agents.ask.answer import Answer


_FEW = 20
"""Rows of an answer that a conversation shows at once: the question and the words stay in sight."""


def print_answer(answer: Answer, output: Output, *, briefly: bool = False) -> None:
    """Print an answer; programs get the whole object.

    Args:
        answer: what came of a question.
        output: where to.
        briefly: leave out most rows, the SQL and the tables: a conversation shows them when it is asked for them.
    """
    record = answer.model_dump(mode="json")
    output.value(record, answer.summary)
    print_rows(answer, output, most=_FEW if briefly else None)
    output.note(_closing(record))
    if not briefly:
        print_source(answer, output)
    _block(output, "Assumed", record["assumptions"])
    _block(output, "Found", [_finding(finding) for finding in record["findings"]])
    choose = "Choose" if briefly or answer.conversation else "Ask again with one of these"
    _block(output, choose, [f"{number}. {option}" for number, option in enumerate(record["options"], 1)])
    _block(output, "You can ask", record["suggestions"])


def print_rows(answer: Answer, output: Output, *, most: int | None = None) -> None:
    """Print the rows of an answer, or the first of them and how many there are."""
    rows = answer.rows or ()
    if not rows:
        return
    output.table([heading(column.model_dump()) for column in answer.columns], filled(rows[:most]))
    rest = len(rows[most:]) if most is not None else 0
    if rest:
        output.note(f"{rest:,} more row{'' if rest == 1 else 's'}: /rows")


def print_source(answer: Answer, output: Output) -> None:
    """Print the SQL of an answer and the tables that it reads."""
    record = answer.model_dump(mode="json", include={"sql", "rows", "tables"})
    _block(output, "SQL", [pretty_sql(record["sql"])] if record["sql"] else [], verbatim=True)
    _block(
        output, "From" if record["rows"] is not None else "Would read", [_table(table) for table in record["tables"]]
    )


def heading(column: dict[str, Any]) -> str:
    """The heading of a result's column."""
    return str(column["name"]) + (" (masked)" if column["masked"] else "")


def filled(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """The rows of a result with NULL written out, so that it is not taken for an empty text.

    >>> filled([[1, None]])
    [[1, 'NULL']]
    """
    return [["NULL" if value is None else value for value in row] for row in rows]


def _closing(record: dict[str, Any]) -> str:
    count = len(record["rows"] or [])
    parts = [f"{count:,} row{'' if count == 1 else 's'}" + (" (cut: there are more)" if record["truncated"] else "")]
    parts = parts if record["columns"] else []
    if record["path"]:
        parts.append(f"path: {record['path'].replace('_', ' ')}")
    if record["model_calls"]:
        calls = record["model_calls"]
        most = "at most " if record.get("estimated_calls") else ""
        parts.append(f"{calls} model call{'' if calls == 1 else 's'}, {most}${record['cost_usd']:.4f}")
    parts += [f"{record['seconds']:.2f} s", f"run {record['run_id']}"]
    return " · ".join(parts)


def _table(table: dict[str, Any]) -> str:
    parts = [table["table"], table["tier"]]
    parts += [f"owner {table['owner']}"] if table["owner"] else []
    parts += [f"fresh {str(table['fresh_at'])[:10]}"] if table["fresh_at"] else []
    parts += [f"snapshot {table['snapshot_id']}"] if table["snapshot_id"] else []
    return " · ".join(parts) + (f"\n  {table['why']}" if table["why"] else "")


def _finding(finding: dict[str, Any]) -> str:
    return f"{finding['code']} {finding['message']} {finding['hint']}".rstrip()


def _block(output: Output, title: str, lines: list[str], *, verbatim: bool = False) -> None:
    if not lines:
        return
    output.note(f"\n{title}")
    for line in lines:
        output.note("\n".join(f"  {part}" for part in line.splitlines()), verbatim=verbatim)
