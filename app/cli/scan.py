"""`skipper scan`: what columns hold, whose it is, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import JsonFlag, run_without_home

_MOST_TOLD = 10
"""Bad lines that are told one by one."""


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "scan",
        epilog=epilog(
            "skipper scan --columns columns.jsonl --out findings.jsonl",
            note='A line holds a column: {"uid", "table", "column_name", "sql_type", "values"} and perhaps "comment", '
            '"table_columns", "n_null"; a line comes out for each. Columns of one table are judged together. '
            "No home and no lake are needed. docs/skimmer.md tells how it decides.",
        ),
    )(scan)


def scan(
    columns: Annotated[
        Path,
        typer.Option(
            "--columns", metavar="IN.jsonl", help="Columns with sampled values, one a line; - for standard input."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="OUT.jsonl", help="Where the findings go; - for standard output.")
    ] = Path("-"),
    no_model: Annotated[
        bool, typer.Option("--no-model", help="Rules alone. Nothing else is there yet: no model is ever called.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Tell what columns hold, whose it is, how sure that is and why, without a model.

    No finding quotes a value.
    """

    def body(output: Output) -> int:
        from app.cli.progress import progress
        from app.cli.streams import write_utf8
        from app.column_scan import opened, scan_columns, written

        write_utf8()
        with opened(columns) as source, written(out) as write, progress("Scanning", quiet=as_json) as report:
            scanned = scan_columns(source, write, report)
        for number, why in list(scanned.bad.items())[:_MOST_TOLD]:
            output.fault(f"Line {number} was left out. {why}")
        if len(scanned.bad) > _MOST_TOLD:
            output.fault(f"{len(scanned.bad) - _MOST_TOLD} more lines were left out.")
        if str(out) != "-":
            told = {"columns": scanned.columns, "tables": scanned.tables, "personal": scanned.personal}
            output.value(
                told | {"left_out": sorted(scanned.bad)},
                f"{scanned.columns} columns of {scanned.tables} tables; "
                f"{scanned.personal} hold personal data or secrets.",
            )
        return Exit.FAILED if scanned.bad else Exit.OK

    run_without_home(as_json, body)
