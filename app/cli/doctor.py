"""`skipper doctor`: is everything in order, and if not, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command("doctor", epilog=epilog("skipper doctor", note="It fails when something must be repaired."))(doctor)


def doctor(
    tidy: Annotated[
        bool,
        typer.Option(
            "--tidy",
            help="Delete what killed loads left, folders without rows that no table owns, and the questions that "
            "nobody went on with for a week.",
        ),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check the home, the lake, the audit, the engine, the index, the knowledge and the model."""

    def body(workspace: Workspace, output: Output) -> int:
        from app.health import check_all

        gone, forgotten = _tidied(workspace) if tidy else (0, 0)
        checks = []
        with progress("Checking", quiet=as_json) as report:
            for check in check_all(workspace):
                checks.append(check)
                report(0, 0, check.part)
        output.value([check.model_dump(mode="json") for check in checks])
        output.table(
            ("", "part", "found"),
            [(c.level, c.part, f"{c.state}. {c.advice}" if c.advice else c.state) for c in checks],
        )
        for check in checks:
            if check.details:
                output.note("\n".join([f"{check.part}:", *(f"  {line}" for line in check.details)]))
        if tidy:
            if workspace.catalog.is_shared:
                output.note("No folder was deleted: others may be loading, or hide tables, in this catalog service.")
            output.note(f"Leftovers deleted: {gone}. Unfinished questions forgotten: {forgotten}.")
        return Exit.FAILED if any(c.level == "fail" for c in checks) else Exit.OK

    run_command(as_json, body)


def _tidied(workspace: Workspace) -> tuple[int, int]:
    """(folders that were deleted, questions that were forgotten)."""
    from contextlib import closing

    from agents.ask.checkpoints import Checkpoints
    from app.leftovers import tidy
    from app.workspace import utc_now

    with closing(Checkpoints(workspace.checkpoints_path)) as checkpoints:
        return tidy(workspace.catalog), checkpoints.forget_stale(utc_now())
