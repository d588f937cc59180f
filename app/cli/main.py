"""`skipper`: every command, one file each. Nothing heavy is imported before a command runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from app.cli import (
    approve,
    ask,
    audit,
    config,
    demo,
    doctor,
    drop,
    grant,
    harvest,
    index,
    ingest,
    key,
    limit,
    mcp,
    metrics,
    migrate,
    policy,
    review,
    row_filter,
    scan,
    serve,
    sql,
    stack,
    tables,
)
from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.interrupts import leave_at_once
from app.cli.streams import drop_output

skipper = typer.Typer(
    name="skipper",
    help="Ask a governed lake in plain words, or in Trino SQL, and check every answer.",
    epilog=epilog(
        'skipper ask "monthly recurring revenue by region last quarter"',
        *Exit,
        note="Everything lies in the home: SKIPPER_HOME, or `.skipper` in the folder that a command is run in.",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    ask,
    metrics,
    sql,
    tables,
    review,
    grant,
    row_filter,
    limit,
    key,
    approve,
    ingest,
    harvest,
    drop,
    scan,
    index,
    demo,
    doctor,
    audit,
    serve,
    mcp,
    policy,
    stack,
    migrate,
    config,
):
    module.add_to(skipper)


def _print_version(wanted: bool) -> None:
    if wanted:
        from app.version import program_version

        typer.echo(f"skipper {program_version()}")
        raise typer.Exit


@skipper.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of the program itself."""


def _for_programs() -> int:
    """Run the command; a wrong use of it is told as JSON, too."""
    try:
        return int(skipper(standalone_mode=False) or Exit.OK)
    except typer.Abort:
        return Exit.INTERRUPTED
    except TyperException as wrong:
        from app.cli.output import JsonOutput
        from townlake.domain.errors import BadInput

        said = str(getattr(wrong, "format_message", wrong.__str__)()).replace("Value error, ", "").rstrip(".")
        JsonOutput().error(BadInput(f"{said}.", hint="--help tells what the command takes."))
        return Exit.USAGE


def main() -> None:
    """The entry point of the command."""
    try:
        if "--json" in sys.argv:
            sys.exit(_for_programs())
        skipper()
    except BrokenPipeError:
        drop_output()
    except SystemExit as ended:
        if ended.code == Exit.INTERRUPTED:
            leave_at_once(Exit.INTERRUPTED)
        raise


if __name__ == "__main__":
    main()
