"""`skipper ingest`: bring data into the lake. It stays closed until somebody reviews it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace

ingest = typer.Typer(
    help="Bring data into the lake. It stays closed until somebody reviews it.",
    no_args_is_help=True,
    epilog=epilog("skipper ingest files orders.parquet --schema shop"),
)


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(ingest, name="ingest")


@ingest.command(
    "files", epilog=epilog("skipper ingest files exports/*.parquet --schema shop --describe exports/schema.json")
)
def files(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Parquet or CSV files, or folders of them.")],
    schema: Annotated[str, typer.Option("--schema", metavar="NAME", help="The schema to put the tables in.")],
    describe: Annotated[
        Path | None, typer.Option("--describe", metavar="schema.json", help="Types, comments and keys of the tables.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the rows of tables that are there already.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Load Parquet and CSV files, one table a file or folder."""

    def body(workspace: Workspace, output: Output) -> None:
        from ingestion.files import ingest_files

        workspace.make_home()
        with progress("Loading", quiet=as_json) as report:
            done = ingest_files(workspace.catalog, paths, schema, describe=describe, progress=report, replace=replace)
        output.value([table.model_dump(mode="json") for table in done])
        output.table(
            ("table", "rows", "columns", "note"),
            [
                (str(t.table), t.rows, t.columns, "unchanged: these files were loaded before" if t.skipped else "")
                for t in done
            ],
        )
        renamed = [f"{old} is now {new}" for table in done for old, new in table.renamed]
        if renamed:
            output.note("Renamed: " + "; ".join(renamed))
        if not done:
            output.note("Nothing to load.")
            return
        output.note(
            "Nobody can read them yet. `skipper review list` shows what waits; "
            f"`skipper review approve {done[0].table} --to everyone` opens one."
        )

    run_command(as_json, body)
