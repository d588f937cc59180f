"""`skipper mcp`: tools for the models of other programs on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.cli.help import epilog
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.cli.output import Output
    from app.workspace import Workspace


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "mcp",
        epilog=epilog(
            "skipper mcp",
            note="A program starts it and speaks with it over standard input and output; docs/guide/mcp.md tells "
            "how to set that up. `skipper serve` answers the same at /mcp.",
        ),
    )(mcp)


def mcp(as_json: JsonFlag = False) -> None:
    """Serve the Model Context Protocol over standard input and output, as you."""

    def body(workspace: Workspace, _output: Output) -> None:
        import anyio

        from app.mcp.stdio import serve_stdio
        from app.serving import open_desk

        desk = open_desk(workspace)
        workspace.engine.warm()
        desk.runner.start()
        try:
            anyio.run(serve_stdio, desk, workspace.principal())
        finally:
            desk.runner.stop()

    run_command(as_json, body)
