"""Run the body of a command: settings, workspace, output form, exit code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.exits import Exit, guarded
from app.cli.interrupts import noticed_interrupts
from app.cli.logs import keep_fault, log_to
from app.cli.output import Output, output_for
from app.cli.streams import prepare_streams

if TYPE_CHECKING:
    from app.workspace import Workspace

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of words and tables.")]
AsUser = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="USER",
        help="Run as this person. The embedded lake trusts whoever can read its home; a server asks for a token.",
    ),
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="Ask this server instead of a lake on this machine."),
]
Groups = Annotated[str | None, typer.Option("--groups", metavar="G,...", help="The groups of that person.")]


def run_command(as_json: bool, body: Callable[[Workspace, Output], int | None], **overrides: Any) -> None:
    """Run `body` with a workspace and leave with its exit code.

    Args:
        as_json: the output form.
        body: gets the workspace and the output; gives an exit code, or None for success.
        overrides: settings from the command line.
    """
    prepare_streams()
    output = output_for(as_json)
    home = Path(".skipper")

    def work() -> int:
        nonlocal home
        from app.privacy import switch_off_telemetry
        from app.settings import load_settings
        from app.workspace import Workspace

        switch_off_telemetry()
        settings = load_settings(**{name: value for name, value in overrides.items() if value is not None})
        home = settings.home
        log_to(home)
        with Workspace(settings) as workspace:
            return body(workspace, output) or Exit.OK

    with noticed_interrupts() as interrupted:
        code = guarded(work, lambda error: keep_fault(home, error), output.error, interrupted)
    raise typer.Exit(int(code))


def run_without_home(as_json: bool, body: Callable[[Output], int | None]) -> None:
    """Run a `body` that needs neither settings nor a lake, and leave with its exit code."""
    prepare_streams()
    output = output_for(as_json)
    with noticed_interrupts() as interrupted:
        code = guarded(lambda: body(output) or Exit.OK, lambda _error: None, output.error, interrupted)
    raise typer.Exit(int(code))


def only_here(options: Mapping[str, object]) -> None:
    """Refuse options that a server does not take.

    Raises:
        BadInput: one of them was given.
    """
    given = next((name for name, value in options.items() if value), None)
    if given is not None:
        from townlake.domain.errors import BadInput

        raise BadInput(f"{given} goes with a lake on this machine.", hint="A server knows by your token who asks.")


def split_groups(text: str | None) -> frozenset[str] | None:
    """The groups of a `--groups` option, or None when it was not given.

    >>> sorted(split_groups("finance, sales"))
    ['finance', 'sales']
    """
    return None if text is None else frozenset(part.strip() for part in text.split(",") if part.strip())
