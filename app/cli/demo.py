"""`skipper demo`: the lake of an invented network company."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.progress import progress
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command("demo", epilog=epilog("SKIPPER_HOME=/tmp/try skipper demo"))(demo)


def demo(
    force: Annotated[
        bool, typer.Option("--force", help="Delete the demo lake of this home and build it again.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Build the demo lake, review it, and index it. Where it is already, only the index is brought up to date."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.indexing import refresh

        workspace.make_home()
        began = time.perf_counter()
        found = _lake(workspace, force=force, quiet=as_json)
        indexing = time.perf_counter()
        indexed = refresh(workspace, quiet=as_json)
        ended = time.perf_counter()
        seconds = {
            "lake_seconds": round(indexing - began, 2),
            "index_seconds": round(ended - indexing, 2),
            "seconds": round(ended - began, 2),
        }
        state = f"is ready, in {ended - began:.0f} s" if found["built"] else "is in this home already"
        output.value(
            found | {"index": indexed.model_dump(mode="json")} | seconds,
            f"The demo lake {state}: {found['tables']} tables, {found['rows']:,} rows. Its today is {found['as_of']}.",
        )
        if found["kept_files"]:
            output.note(f"Kept as you changed them: {', '.join(found['kept_files'])}")
        output.note('Ask it: skipper ask "monthly recurring revenue by region last quarter"')

    run_command(as_json, body)


def _lake(workspace: Workspace, *, force: bool, quiet: bool) -> dict[str, Any]:
    """The demo lake as it is there in the end, built when it was not whole."""
    from app.leftovers import tidy
    from ingestion.demo.build import build_demo, clear_demo
    from ingestion.demo.days import AS_OF
    from ingestion.demo.described import demo_tables

    catalog, knowledge = workspace.catalog, workspace.settings.knowledge_path
    # Of two commands at once, the second waits here and then finds the lake.
    with catalog.writing():
        there = [catalog.table(table.ref) for table in demo_tables().values()]
        tables = [table for table in there if table is not None]
        if not force and len(tables) == len(there) and catalog.as_of() == AS_OF:
            rows = sum(table.row_count or 0 for table in tables)
            kept = {"tables": len(tables), "rows": rows, "as_of": AS_OF.isoformat()}
            return {"built": False} | kept | {"knowledge_files": 0, "kept_files": []}
        # What a killed build left behind would lie on the disk for ever.
        tidy(catalog)
        if force:
            clear_demo(catalog, knowledge)
        with progress("Writing the demo lake", quiet=quiet) as report:
            built = build_demo(catalog, workspace.reviews, workspace.grants, knowledge, report)
    return {"built": True} | built.model_dump(mode="json")
