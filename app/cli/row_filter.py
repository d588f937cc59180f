"""`skipper filter`: which rows of a table the members of a group see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups
from app.tables import find_table

if TYPE_CHECKING:
    from app.workspace import Workspace

_EXAMPLE = "skipper filter add crm.accounts emea-sales --where \"region = 'EMEA'\""

row_filter = typer.Typer(
    help="Show the members of a group only some rows of a table.", no_args_is_help=True, epilog=epilog(_EXAMPLE)
)


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(row_filter, name="filter")


@row_filter.command("add", epilog=epilog(_EXAMPLE, Exit.REFUSED))
def add(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table: lake.crm.accounts or crm.accounts.")],
    group: Annotated[str, typer.Argument(metavar="GROUP", help="Whom it narrows; `everyone` holds everybody.")],
    where: Annotated[
        str,
        typer.Option("--where", metavar="PREDICATE", help="Comparisons of columns of the table with literals."),
    ],
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a group see only the rows for which a predicate is true, whatever other groups its members are in."""

    def body(workspace: Workspace, output: Output) -> None:
        by = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        info = find_table(workspace, table)
        made = workspace.row_filters.add(info, group, where, by=by)
        output.value(made.model_dump(mode="json"), f"{made.group} sees only rows of {info.ref} where {made.predicate}.")
        output.note(f"It is filter {made.id}; `skipper filter remove {made.id}` takes it away.")

    run_command(as_json, body)


@row_filter.command("remove", epilog=epilog("skipper filter remove 3", Exit.REFUSED))
def remove(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Its number, from `skipper filter list`.")],
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a filter away. It holds from the next statement on."""

    def body(workspace: Workspace, output: Output) -> None:
        gone = workspace.row_filters.remove(
            number,
            by=workspace.reviewer(workspace.principal(as_user, split_groups(groups))),
            tables=workspace.catalog.tables(),
            four_eyes=workspace.settings.four_eyes,
        )
        output.value(gone.model_dump(mode="json"), f"{gone.group} sees all rows of {gone.table} again.")

    run_command(as_json, body)


@row_filter.command("list", epilog=epilog("skipper filter list", Exit.REFUSED))
def list_filters(as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """List the filters that hold."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.review_sight import sight

        seen = sight(workspace, workspace.principal(as_user, split_groups(groups)))
        found = [one for one in workspace.row_filters.list() if seen.has(one.table_uuid)]
        output.value([f.model_dump(mode="json") for f in found])
        if not found:
            output.note("Nobody's rows are filtered.")
            return
        output.table(
            ("number", "table", "group", "by", "rows where"),
            [(f.id, str(f.table), f.group, f.added_by, f.predicate) for f in found],
        )

    run_command(as_json, body)
