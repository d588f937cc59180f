"""`skipper sql`: checked Trino SQL, one statement or a batch."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.answer import filled, heading
from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.pretty import pretty_sql
from app.cli.progress import progress
from app.cli.run import AsUser, Groups, JsonFlag, Server, only_here, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace

_EXITS = {"allow": Exit.OK, "deny": Exit.REFUSED, "error": Exit.FAILED, "limit": Exit.LIMIT}


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "sql",
        epilog=epilog(
            'skipper sql --as ada --groups finance "SELECT region, count(*) FROM crm.accounts GROUP BY region"',
            Exit.REFUSED,
            Exit.LIMIT,
            note='A batch reads lines {"id", "sql"} and writes a line for each, in their order: '
            '{"id", "decision", "stage", "columns", "rows", "truncated", "error", "findings", "seconds"}. '
            "It ends with 0 when every line has its answer, be that `deny` or `error`: each line tells its decision, "
            "and their count stands on standard error.",
        ),
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
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the rows to a .csv, .jsonl, .parquet or .arrow file."),
    ] = None,
    batch: Annotated[Path | None, typer.Option("--batch", metavar="IN.jsonl", help="Run every line of a file.")] = None,
    server: Server = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a Trino query and run it as the caller. What is closed does not exist; what is masked reads masked."""

    def body(workspace: Workspace, output: Output) -> int:
        from app.batch import run_batch
        from app.cli.remote_sql import remote_statement
        from app.statement import check_statement, run_statement
        from townlake.domain.errors import BadInput

        is_far = workspace.settings.server is not None
        if is_far:
            only_here({"--as": as_user, "--groups": groups, "--out": out, "--batch": batch})
        caller = workspace.principal(as_user, split_groups(groups))
        if out is not None and (check or batch is not None):
            raise BadInput("--out takes the rows of one statement that runs.", hint="Leave --check and --batch out.")
        if batch is not None:
            _count(run_batch(workspace.lake, batch, caller, schema))
            return Exit.OK
        text = _read_statement() if statement == "-" else statement
        if text is None:
            raise BadInput(
                "No statement was given.", hint="Write one in quotes, `-` for standard input, or --batch FILE."
            )
        with progress("Running", quiet=as_json) as report:
            report(0, 0, "")
            if is_far:
                record = remote_statement(workspace.settings, text, schema, check=check)
            elif check:
                record = check_statement(workspace.lake, text, caller, namespace=schema)
            else:
                limits = None if out is None else workspace.export_limits
                record = run_statement(workspace.lake, text, caller, namespace=schema, limits=limits, out=out)
        _print(record, output)
        return _exit_of(record)

    run_command(as_json, body, server=server)


def _count(decisions: Counter[str]) -> None:
    """Say on standard error what came of a batch; a program reads the lines."""
    told = [f"{decisions[decision]:,} {decision}" for decision in _EXITS if decisions[decision]]
    lines = decisions.total()
    sys.stderr.write(f"{lines:,} line{'' if lines == 1 else 's'}{': ' if told else ''}{', '.join(told)}\n")


def _exit_of(record: dict[str, Any]) -> int:
    from app.statement import HOME_CODE

    unusable = record["error"] is not None and record["error"]["code"] == HOME_CODE
    return Exit.HOME if unusable else _EXITS[record["decision"]]


def _print(record: dict[str, Any], output: Output) -> None:
    output.value(record)
    error = record["error"]
    if "written" in record:
        output.note(_closing(record["written"], record))
    elif record["rows"] is not None:
        output.table([heading(column) for column in record["columns"]], filled(record["rows"]))
        output.note(_closing(len(record["rows"]), record))
    elif error is None and record["sql"]:
        output.note(pretty_sql(record["sql"]), verbatim=True)
    for finding in record["findings"]:
        say = output.fault if finding["severity"] == "error" else output.note
        say(f"{finding['code']} {finding['message']} {finding['hint']}".rstrip())
    if error and all(finding["message"] != error["message"] for finding in record["findings"]):
        output.fault(f"{error['code']}: {error['message']}", error["hint"])


def _closing(count: int, record: dict[str, Any]) -> str:
    cut = ", cut at the limit: there are more" if record["truncated"] else ""
    return f"{count:,} row{'' if count == 1 else 's'}{cut} in {record['seconds']:.2f} s"


def _read_statement() -> str:
    from townlake.domain.errors import BadInput

    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("Standard input is not UTF-8 text.", hint="Save the statement as UTF-8.") from error
