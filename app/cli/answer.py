"""How an answer reads on the terminal: the rows first, then everything needed to check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.cli.output import Output

if TYPE_CHECKING:
    from agents.ask.answer import Answer


def print_answer(answer: Answer, output: Output) -> None:
    """Print an answer; programs get the whole object."""
    record = answer.model_dump(mode="json")
    output.value(record, answer.summary)
    if record["columns"] and record["rows"]:
        output.table([_heading(column) for column in record["columns"]], record["rows"])
    output.note(_closing(record))
    _block(output, "SQL", [record["sql"]] if record["sql"] else [])
    _block(output, "From", [_table(table) for table in record["tables"]])
    _block(output, "Assumed", record["assumptions"])
    _block(output, "Found", [_finding(finding) for finding in record["findings"]])
    _block(output, "Choose", [f"{number}. {option}" for number, option in enumerate(record.get("options") or [], 1)])


def _heading(column: dict[str, Any]) -> str:
    return str(column["name"]) + (" (masked)" if column["masked"] else "")


def _closing(record: dict[str, Any]) -> str:
    count = len(record["rows"] or [])
    parts = [f"{count} row{'' if count == 1 else 's'}" + (" (cut: there are more)" if record["truncated"] else "")]
    parts = parts if record["columns"] else []
    if record["path"]:
        parts.append(f"path: {record['path'].replace('_', ' ')}")
    if record["model_calls"]:
        calls = record["model_calls"]
        parts.append(f"{calls} model call{'' if calls == 1 else 's'}, ${record['cost_usd']:.4f}")
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


def _block(output: Output, title: str, lines: list[str]) -> None:
    if not lines:
        return
    output.note(f"\n{title}")
    for line in lines:
        output.note("\n".join(f"  {part}" for part in line.splitlines()))
