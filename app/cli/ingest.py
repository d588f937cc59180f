"""`skipper ingest`: bring data into the lake. It stays closed until somebody reviews it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.help import epilog
from app.cli.output import Output, some
from app.cli.progress import progress
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace
    from ingestion.ingested import Ingested
    from townlake.domain.principal import Principal

ingest = typer.Typer(
    help="Bring data into the lake. It stays closed until somebody reviews it.",
    no_args_is_help=True,
    epilog=epilog("skipper ingest files orders.parquet --schema shop"),
)
_STATES: Final = {"open": "open", "masked": "masked", "denied": "closed"}
"""What a review decided, in words; a column in any other state waits for one."""
WAITING: Final = "waiting"


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(ingest, name="ingest")


@ingest.command(
    "files",
    epilog=epilog(
        "skipper ingest files exports/*.parquet --schema shop --describe exports/schema.json",
        note="A file is a table; so is a folder of parts. Files that were loaded before are not loaded again; others "
        "add their rows. With --describe and no files, the tables that are there get new words and no new rows. "
        "docs/ingestion.md has the format of schema.json, with a whole example.",
    ),
)
def files(
    schema: Annotated[str, typer.Option("--schema", metavar="NAME", help="The schema to put the tables in.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Parquet or CSV files, or folders of them.")
    ] = None,
    describe: Annotated[
        Path | None,
        typer.Option(
            "--describe", metavar="schema.json", help="Types, comments, keys, owners and tiers of the tables."
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the rows in place of those that a table has.")
    ] = False,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Load Parquet and CSV files, one table a file or folder, or describe tables that are there."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.describing_rights import allow_description
        from app.knowledge_folder import make_knowledge_folder

        caller = workspace.principal(as_user, split_groups(groups))
        if describe is not None and workspace.settings.home.is_dir():
            allow_description(workspace, schema, describe, as_user, split_groups(groups))
        done = _bring(workspace, paths or [], schema, describe, caller, replace=replace, quiet=as_json)
        review = {table.table: _reviewed(workspace, table) for table in done}
        output.value([table.model_dump(mode="json") | {"review": review[table.table]} for table in done])
        output.table(
            ("table", "loaded", "columns", "now"),
            [(str(t.table), t.rows, t.columns, "; ".join(_now(t, review[t.table]))) for t in done],
        )
        waiting = [table for table in done if review[table.table][WAITING]]
        _tell(done, waiting, output)
        _tell_others(workspace, caller, waiting, output)
        knowledge = workspace.settings.knowledge_path
        if make_knowledge_folder(knowledge):
            output.note(f"Metrics and verified queries are files in {knowledge}; its README.md says how.")

    run_command(as_json, body)


def _bring(
    workspace: Workspace,
    paths: Sequence[Path],
    schema: str,
    describe: Path | None,
    caller: Principal,
    *,
    replace: bool,
    quiet: bool,
) -> tuple[Ingested, ...]:
    from ingestion.files import describe_tables, ingest_files
    from townlake.domain.errors import BadInput

    if not paths:
        if describe is None or replace:
            raise BadInput("No file was given.", hint="Name Parquet or CSV files, or folders of them.")
        return describe_tables(workspace.catalog, schema, describe)
    workspace.make_home()
    with progress("Loading", quiet=quiet) as report:
        return ingest_files(
            workspace.catalog, paths, schema, describe, progress=report, replace=replace, by=workspace.loader(caller)
        )


def _reviewed(workspace: Workspace, done: Ingested) -> dict[str, int]:
    """How many columns of the table are open, masked, closed, and waiting for a review."""
    info = workspace.catalog.table(done.table)
    states = workspace.reviews.states(info).values() if info is not None else ()
    found = Counter(_STATES.get(state.value, WAITING) for state in states)
    return {words: found[words] for words in (*_STATES.values(), WAITING)}


def _now(done: Ingested, review: Mapping[str, int]) -> Iterator[str]:
    """What holds for a table now, in a few words each."""
    if done.described:
        yield "described anew" if done.skipped else "described"
    elif done.skipped:
        yield "unchanged"
    yield ", ".join(f"{count} {state}" for state, count in review.items() if count)


def _tell_others(workspace: Workspace, caller: Principal, waiting: Sequence[Ingested], output: Output) -> None:
    """Say that the commands that were just told are for another person."""
    from townlake.governance.deciding import part_in

    infos = [workspace.catalog.table(done.table) for done in waiting]
    if workspace.settings.four_eyes and any(info is not None and part_in(caller, info) for info in infos):
        output.note(
            f"Somebody other than {caller.subject} must open it (`--as`), since nobody opens what they loaded or own. "
            "In a lake of one person, set four_eyes to false."
        )


def _tell(done: Sequence[Ingested], waiting: Sequence[Ingested], output: Output) -> None:
    renamed = [f"{old} is now {new}" for table in done for old, new in table.renamed]
    if renamed:
        output.note(f"Renamed: {some(renamed, apart='; ')}.")
    for table in done:
        for change in table.widened:
            output.note(f"{table.table}.{change.column} was {change.before} and is {change.now} now: review it again.")
        for note in table.notes:
            output.note(f"{table.table}: {note}.")
    if waiting:
        output.note(
            f"What waits exists for nobody yet. `skipper scan {waiting[0].table}` finds out what it holds, "
            f"`skipper review show {waiting[0].table}` tells; then "
            f"`skipper review approve {waiting[0].table} --to everyone` opens it, as proposed."
        )
