"""`skipper migrate`: move an embedded lake into the PostgreSQL of its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from pathlib import Path

    from app.migrate.move import Moved
    from app.workspace import Workspace

_STAYS = (
    "The files of the tables, unfinished questions, the search index, knowledge, models, and the key of the audit stay "
    "in the home as they are."
)
_SHOWN_OF_A_CHECKSUM = 12


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "migrate",
        epilog=epilog(
            "skipper migrate --to stack --check",
            Exit.HOME,
            note="`skipper stack up` comes first. docs/guide/stack.md tells more, and the way back.",
        ),
    )(migrate)


def migrate(
    to: Annotated[
        Literal["stack"],
        typer.Option("--to", metavar="stack", help="The PostgreSQL that `skipper stack up` starts for this home."),
    ],
    engine: Annotated[
        Literal["trino", "duckdb"],
        typer.Option("--engine", help="What runs statements afterwards: the Trino of the stack, or DuckDB as before."),
    ] = "trino",
    check: Annotated[bool, typer.Option("--check", help="Tell what would be moved, and change nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Move what this home's own databases hold to PostgreSQL, prove that it arrived, and go on there."""

    def body(workspace: Workspace, output: Output) -> None:
        import os

        from app.migrate.plan import Stage, config_after, must_be_ready, stage_of
        from app.settings import CONFIG_FILE
        from app.stack.stack import Stack

        stack = Stack(workspace.settings.home, os.environ)
        addresses, config = stack.addresses, workspace.settings.home / CONFIG_FILE
        stage = stage_of(workspace.settings, config, addresses)
        if stage is not Stage.EMBEDDED:
            _finish(workspace, output, stage.value, check=check)
            return
        text = config_after(config, addresses, engine)
        must_be_ready(workspace.settings.home, stack, engine)
        with progress("Moving", quiet=as_json) as report:
            from app.migrate.move import look, move

            def say(what: str) -> None:
                report(0, 0, what)

            moved = look(workspace, addresses, say) if check else move(workspace, addresses, config, text, say)
        _tell(output, moved, config, engine, check=check)

    run_command(as_json, body)


def _finish(workspace: Workspace, output: Output, stage: str, *, check: bool) -> None:
    from app.migrate.move import finish
    from app.migrate.plan import Stage

    late: tuple[Path, ...] = ()
    if stage == Stage.SWITCHED and not check:
        late = finish(workspace, lambda _: None)
    value = {"moved": False, "done_before": True, "late": [str(path) for path in late]}
    output.value(value, "This home was moved to its stack before; there is nothing more to do.")
    for path in late:
        output.fault(
            f"Something was written into {path.name.removesuffix('.late')} in the moment when the move was killed.",
            f"It is kept in {path}, and is not in PostgreSQL: do it again there.",
        )


def _tell(output: Output, moved: Moved, config: Path, engine: str, *, check: bool) -> None:
    from app.migrate.old_files import kept_path
    from app.migrate.plan import files_of

    kept = [kept_path(file) for file in files_of(config.parent)]
    value: dict[str, Any] = {
        "moved": not check,
        "done_before": False,
        "tables": [table.model_dump() for table in moved.tables],
        "audit": {"entries": moved.entries, "sound": moved.sound},
        "engine": engine,
        "config": str(config),
        "kept": [] if check else [str(path) for path in kept],
    }
    title = "This would be moved; nothing was changed." if check else "Moved. Both sides hold the same."
    output.value(value, title)
    output.table(
        ("database", "table", "rows", "SHA-256"),
        [(t.database, t.table, t.rows, t.sha256[:_SHOWN_OF_A_CHECKSUM]) for t in moved.tables],
    )
    if moved.sound:
        output.note(f"The audit is unbroken: {moved.entries} entries, verified.")
    else:
        output.fault(
            "The audit of this home was changed before, and is moved as it is.", "`skipper audit verify` says where."
        )
    if not check:
        output.note(f"The settings stand in {config}; {engine} runs statements from now on.")
        output.note(f"What the home held is kept in {kept[0].name} and {kept[1].name}.")
    output.note(_STAYS)
