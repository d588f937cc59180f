"""`skipper sql`: checked Trino SQL, one statement or a batch."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.exits import Exit
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace

_EXITS = {"allow": Exit.OK, "deny": Exit.REFUSED, "error": Exit.FAILED, "limit": Exit.LIMIT}


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "sql",
        epilog="Example: skipper sql --as ada --groups finance "
        '"SELECT region, count(*) FROM crm.accounts GROUP BY region". A batch reads lines {"id", "sql"} and writes a '
        'line for each: {"id", "decision", "stage", "columns", "rows", "error", "findings", "seconds"}.',
    )(sql)


def sql(
    statement: Annotated[
        str | None, typer.Argument(metavar="SQL", help="A Trino query; - reads standard input.")
    ] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    schema: Annotated[
        str | None, typer.Option("--schema", metavar="NAME", help="Where names without a schema are.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check the statement and show what would run; run nothing.")
    ] = False,
    batch: Annotated[Path | None, typer.Option("--batch", metavar="IN.jsonl", help="Run every line of a file.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a Trino query and run it as the caller. What is closed does not exist; what is masked reads masked."""

    def body(workspace: Workspace, output: Output) -> int:
        from app.statement import check_statement, run_statement
        from townlake.domain.errors import BadInput

        caller = workspace.principal(as_user, split_groups(groups))
        if batch is not None:
            return _batch(workspace, batch, caller, schema)
        text = sys.stdin.read() if statement == "-" else statement
        if text is None:
            raise BadInput(
                "No statement was given.", hint="Write one in quotes, `-` for standard input, or --batch FILE."
            )
        run = check_statement if check else run_statement
        record = run(workspace.lake, text, caller, namespace=schema)
        _print(record, output)
        return _EXITS[record["decision"]]

    run_command(as_json, body)


def _print(record: dict[str, Any], output: Output) -> None:
    output.value(record)
    if record["rows"] is not None:
        columns = record["columns"]
        output.table([c["name"] + (" (masked)" if c["masked"] else "") for c in columns], record["rows"])
        output.note(_closing(record))
    elif record["sql"]:
        output.note(record["sql"])
    for finding in record["findings"]:
        output.note(f"{finding['code']} {finding['severity']}: {finding['message']} {finding['hint']}".rstrip())
    if record["error"] and not any(f["message"] == record["error"]["message"] for f in record["findings"]):
        output.note(f"{record['error']['code']}: {record['error']['message']} {record['error']['hint']}".rstrip())


def _closing(record: dict[str, Any]) -> str:
    count = len(record["rows"])
    cut = ", cut at the limit: there are more" if record["truncated"] else ""
    return f"{count} row{'' if count == 1 else 's'}{cut} in {record['seconds']:.2f} s"


def _batch(workspace: Workspace, path: Path, caller: Any, schema: str | None) -> int:
    from app.statement import run_statement

    keys = ("decision", "stage", "columns", "rows", "truncated", "error", "findings", "seconds")
    for entry in _entries(path):
        if "error" in entry:
            record = {"decision": "error", "stage": "guard", "columns": None, "rows": None, "truncated": False} | {
                "error": entry["error"],
                "findings": [],
                "seconds": 0.0,
            }
        else:
            record = run_statement(workspace.lake, entry["sql"], caller, namespace=entry.get("schema", schema))
        line = {"id": entry.get("id")} | {key: record[key] for key in keys}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return Exit.OK


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a batch; a line that cannot be read becomes an entry with an error."""
    from townlake.domain.errors import BadInput

    try:
        lines = (sys.stdin if str(path) == "-" else path.open(encoding="utf-8", errors="replace")).read().splitlines()
    except OSError as error:
        raise BadInput(
            f"The batch file {str(path)!r} cannot be read.", hint="Check the path and its rights."
        ) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fault = {"code": "BAD_LINE", "message": f"Line {number} is not an object with `id` and `sql`.", "hint": ""}
        try:
            entry = json.loads(line)
        except ValueError:
            yield {"id": None, "error": fault}
            continue
        if isinstance(entry, dict) and isinstance(entry.get("sql"), str):
            yield {key: entry[key] for key in ("id", "sql", "schema") if key in entry}
        else:
            yield {"id": entry.get("id") if isinstance(entry, dict) else None, "error": fault}
