"""`skipper stack`: the servers of a grown lake, on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.settings import Settings
    from app.stack.lake_trino import Tables
    from app.stack.stack import ServerStatus, Stack
    from app.workspace import Workspace

_EXAMPLE = "skipper stack up"

stack = typer.Typer(
    help="Start and stop the servers of this lake: PostgreSQL, the policy service, Trino, object storage.",
    no_args_is_help=True,
    epilog=epilog(_EXAMPLE),
)


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(stack, name="stack")


@stack.command(
    "up",
    epilog=epilog(
        _EXAMPLE,
        note="Needs Java 24 or newer and PostgreSQL; Maven brings Trino the first time (820 MB). "
        "docs/guide/stack.md tells more.",
    ),
)
def up(
    s3: Annotated[
        bool,
        typer.Option(
            "--s3",
            help="Keep the tables in an object storage of the stack. For a home without tables; it stays so.",
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Start what does not run yet. The servers go on when this command ends."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.stack.fence import stack_fence_must_stand
        from townlake.domain.errors import SettingsError, SkipperError

        if workspace.settings.catalog_uri is not None:
            raise SettingsError(
                "The catalog of this home is an Iceberg REST service, and a stack has a catalog of its own.",
                hint="Name another home with SKIPPER_HOME, or remove `catalog_uri` from the settings.",
            )
        if s3:
            # A home without tables may well be a new one.
            workspace.make_home()
        found = _stack(workspace)

        def report(title: str, what: str, seconds: float) -> None:
            output.note(f"{title} {what}" + (f" in {seconds:.1f} s" if seconds else ""))

        started = found.up(report, storage=s3)
        began = time.monotonic()
        try:
            stack_fence_must_stand(workspace.settings, found.addresses)
        except SkipperError:
            # The others go on: nobody reads a table by them.
            found.down(report, only="trino")
            raise
        report("Trino's own fence", "stands", time.monotonic() - began)
        shown = found.shown_addresses.settings()
        value = {"started": started, "settings": shown, "settings_file": str(found.settings_file)}
        output.value(value, "The stack runs. It is used with these settings:")
        output.note("\n".join(f"  {name}={setting}" for name, setting in shown.items()), verbatim=True)
        output.note(f"With their passwords they stand in {found.settings_file}, which only you can read.")
        if not found.has_storage and workspace.settings.s3_access_key and not workspace.settings.trino_s3_access_key:
            output.note(
                "Trino reads the bucket with Skipper's own key, which may write. Set `trino_s3_access_key` and "
                "`trino_s3_secret_key` to one that may only read, then `skipper stack down` and `skipper stack up`."
            )
        from app.migrate.old_files import holds_a_lake

        if holds_a_lake(workspace.settings.home):
            output.note("This home's lake is still in its own files: `skipper migrate --to stack` moves it there.")
        output.note("`skipper stack status` tells how the servers are, `skipper stack down` stops them.")

    run_command(as_json, body)


@stack.command("status", epilog=epilog("skipper stack status", note="It is done only when all servers run."))
def status(as_json: JsonFlag = False) -> None:
    """Tell how each server is."""

    def body(workspace: Workspace, output: Output) -> int:
        servers = _stack(workspace).status()
        output.value([_record(server) for server in servers])
        if not servers:
            output.note("The stack of this home was never started; `skipper stack up` starts it.")
            return Exit.FAILED
        output.table(
            ("server", "state", "pid", "address", "since (UTC)"),
            [(s.name, s.state, s.pid, s.address, moment(s.since)) for s in servers],
        )
        for server in servers:
            if server.died:
                output.note(f"{server.name} ended by itself; `skipper stack logs {server.name}` may tell why.")
        if all(server.state == "running" for server in servers):
            return Exit.OK
        output.note("`skipper stack up` starts what does not run.")
        return Exit.FAILED

    run_command(as_json, body)


@stack.command("logs", epilog=epilog("skipper stack logs trino -n 50"))
def logs(
    server: Annotated[
        str | None, typer.Argument(metavar="[SERVER]", help="postgres, storage, policy or trino; all when not given.")
    ] = None,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, metavar="LINES", help="How many of each.")] = 20,
    follows: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what they say until Ctrl-C.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show what the servers said since they were last started."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.stack.log_files import follow, last_lines
        from townlake.domain.errors import BadInput

        found = _stack(workspace)
        if server is not None and server not in found.names:
            raise BadInput(f"There is no server {server!r}.", hint=f"They are called {', '.join(found.names)}.")
        if follows and as_json:
            raise BadInput("One JSON value has an end, and --follow has none.", hint="Leave one of them out.")
        paths = {name: found.log(name) for name in found.names if server in {None, name}}
        said = {name: last_lines(path, lines) for name, path in paths.items()}
        output.value(said)
        for name, shown in said.items():
            if len(paths) > 1:
                output.note(f"{name}:")
            _print(output, shown or ["(nothing)"])
        for name, line in follow(paths) if follows else ():
            _print(output, [line if server else f"{name}: {line}"])

    run_command(as_json, body)


@stack.command("down", epilog=epilog("skipper stack down"))
def down(as_json: JsonFlag = False) -> None:
    """Stop the servers. Their data stay."""

    def body(workspace: Workspace, output: Output) -> None:
        def report(title: str, what: str, seconds: float) -> None:
            output.note(f"{title} {what} in {seconds:.1f} s")

        stopped = _stack(workspace).down(report)
        words = "The stack is down; its data stay." if stopped else "Nothing was running."
        output.value({"stopped": stopped}, words)

    run_command(as_json, body)


def _stack(workspace: Workspace) -> Stack:
    import os

    from app.stack.stack import Stack

    return Stack(workspace.settings.home, os.environ, tables_of(workspace.settings))


def tables_of(settings: Settings) -> Tables | None:
    """Where the tables lie by the settings, and how Trino reaches them; None when they say nothing."""
    from app.stack.lake_trino import Tables
    from app.storage import s3_store
    from townlake.domain.location import is_s3

    place, key, secret = settings.warehouse, settings.trino_s3_access_key, settings.trino_s3_secret_key
    if place is None or not is_s3(place):
        return None if place is None else Tables(place)
    own = {} if key is None or secret is None else {"s3_access_key": key, "s3_secret_key": secret}
    return Tables(place, s3_store(settings.model_copy(update=own)))


def _print(output: Output, lines: list[str]) -> None:
    output.note("\n".join(lines), verbatim=True)


def _record(server: ServerStatus) -> dict[str, Any]:
    return {
        "server": server.name,
        "state": server.state.value,
        "pid": server.pid,
        "address": server.address,
        "since": server.since and server.since.isoformat(),
    }
