"""`skipper drop`: take a table out of the lake."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.names import TableRef


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command("drop", epilog=epilog("skipper drop shop.orders --yes"))(drop)


def drop(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table: lake.shop.orders or shop.orders.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Delete a table with its rows, description and lineage; a damaged one, too. It cannot be undone."""

    def body(workspace: Workspace, output: Output) -> None:
        from townlake.catalog.federated import must_be_own
        from townlake.domain.errors import BadInput, NotFound
        from townlake.domain.names import TableRef

        ref = TableRef.parse(table)
        caller = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        if not _is_there(workspace, ref):
            raise NotFound(f"There is no table {table}.", hint="`skipper tables` lists them.")
        must_be_own(ref)
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise BadInput(f"{ref} would be deleted for good.", hint="Say --yes when that is meant.")
            if not typer.confirm(f"Delete {ref} with its rows for good?"):
                output.note("Nothing was changed.")
                return
        with workspace.audit.transaction() as work:
            work.record("table.dropped", caller, {"table": str(ref)})
        workspace.catalog.drop(ref)
        output.value({"dropped": str(ref)}, f"{ref} is gone.")

    run_command(as_json, body)


def _is_there(workspace: Workspace, ref: TableRef) -> bool:
    from townlake.domain.errors import HomeError

    try:
        return workspace.catalog.table(ref) is not None
    except HomeError:
        # A damaged table is there, and this command takes it away.
        return True
