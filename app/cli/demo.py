"""`skipper demo`: the lake of an invented network company."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command("demo", epilog="Example: SKIPPER_HOME=/tmp/try skipper demo")(demo)


def demo(
    force: Annotated[
        bool, typer.Option("--force", help="Delete the demo lake of this home and build it again.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Build the demo lake, review it, and index it."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.indexing import refresh
        from ingestion.demo.build import build_demo, clear_demo

        started = time.perf_counter()
        workspace.make_home()
        if force:
            clear_demo(workspace.catalog, workspace.settings.knowledge_path)
        with progress("Writing the demo lake", quiet=as_json) as report:
            built = build_demo(
                workspace.catalog, workspace.reviews, workspace.grants, workspace.settings.knowledge_path, report
            )
        indexed = refresh(workspace, quiet=as_json)
        seconds = time.perf_counter() - started
        output.value(
            built.model_dump(mode="json") | {"index": indexed.model_dump(mode="json"), "seconds": round(seconds, 2)},
            f"The demo lake is ready: {built.tables} tables, {built.rows:,} rows, in {seconds:.0f} s. "
            f"Its today is {built.as_of}.",
        )
        output.note('Ask it: skipper ask "monthly recurring revenue by region last quarter"')

    run_command(as_json, body)
