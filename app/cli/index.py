"""`skipper index`: bring the search index up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command("index", epilog=epilog("skipper index"))(index)


def index(
    again: Annotated[
        bool, typer.Option("--rebuild", help="Build it anew, even when it is up to date and sound.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring the search index up to date. `skipper ask` does it by itself when something changed."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.indexing import damaged, rebuild, refresh

        anew = again or damaged(workspace)
        report = (rebuild if anew else refresh)(workspace, quiet=as_json)
        output.value(report.model_dump(mode="json"), report.words)

    run_command(as_json, body)
