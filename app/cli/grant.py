"""`skipper grant`: which groups may read which tables, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.governance.grants import Grant

grant = typer.Typer(
    help="Grant tables to groups, with an end if you like.",
    no_args_is_help=True,
    epilog=epilog("skipper grant add crm.contacts support"),
)

Pattern = Annotated[str, typer.Argument(metavar="TABLE|SCHEMA", help="A table (crm.contacts) or a whole schema (crm).")]
Group = Annotated[str, typer.Argument(metavar="GROUP", help="A group; `everyone` holds everybody.")]


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(grant, name="grant")


@grant.command("add", epilog=epilog("skipper grant add crm.contacts support --until 2027-01-31", Exit.REFUSED))
def add(
    pattern: Pattern,
    group: Group,
    until: Annotated[
        datetime | None,
        typer.Option("--until", metavar="DAY", formats=["%Y-%m-%d"], help="The last day, in UTC: 2027-01-31."),
    ] = None,
    unmask: Annotated[bool, typer.Option("--unmask", help="This group reads masked columns in the clear.")] = False,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Let a group read a table or a schema. Columns still need their review."""

    def body(workspace: Workspace, output: Output) -> None:
        from datetime import UTC, timedelta

        from app.granting import add_grant, nothing_there

        # Until the end of the day that was named.
        end = None if until is None else until.replace(tzinfo=UTC) + timedelta(days=1)
        by = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        before = workspace.grants.of(pattern, group)
        made = add_grant(workspace, by, pattern, group, until=end, unmask=unmask)
        output.value(made.model_dump(mode="json"), f"{made.group} may read {told(made)}.")
        if before is not None and told(before) != told(made):
            output.note(f"Before, it could read {told(before)}.")
        if nothing := nothing_there(made.pattern, [info.ref for info in workspace.catalog.tables()]):
            output.note(nothing)

    run_command(as_json, body)


@grant.command("remove", epilog=epilog("skipper grant remove crm.contacts support", Exit.REFUSED))
def remove(
    pattern: Pattern, group: Group, as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False
) -> None:
    """Take a grant back. It holds from the next statement on."""

    def body(workspace: Workspace, output: Output) -> None:
        gone = workspace.grants.remove(
            pattern, group, by=workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        )
        output.value(gone.model_dump(mode="json"), f"{gone.group} may no longer read {gone.pattern}.")

    run_command(as_json, body)


@grant.command("list", epilog=epilog("skipper grant list", Exit.REFUSED))
def list_grants(as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """List the grants, also those that have ended."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.granting import grants_in_sight

        found = grants_in_sight(workspace, workspace.principal(as_user, split_groups(groups)))
        output.value([g.model_dump(mode="json") for g in found])
        if not found:
            output.note("Nothing is granted to anybody.")
            return
        output.table(
            ("tables", "group", "until", "masked columns", "by"),
            [(g.pattern, g.group, _end(g), "in the clear" if g.unmask else "masked", g.granted_by) for g in found],
        )

    run_command(as_json, body)


def told(made: Grant) -> str:
    """What a grant lets its group read, in words."""
    clear = ", masked columns in the clear" if made.unmask else ""
    return f"{made.pattern}{clear}{f', until {_last(made)}' if made.until else ''}"


def _end(made: Grant) -> str:
    from datetime import UTC, datetime

    return _last(made) + ("" if made.holds(datetime.now(UTC)) else " (ended)")


def _last(made: Grant) -> str:
    """The day that was named: the last one on which it holds."""
    from datetime import timedelta

    return "" if made.until is None else moment(made.until - timedelta(minutes=1))[:10]
