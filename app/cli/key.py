"""`skipper key`: keys by which services prove themselves to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output, moment
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.http.identity.keys import ApiKey
    from app.workspace import Workspace

_EXAMPLE = "skipper key create reports --member-of analysts --scope ask --scope catalog --days 90"

key = typer.Typer(
    help="Make, list and revoke keys for bots, which ask `skipper serve` under names of their own.",
    no_args_is_help=True,
    epilog=epilog(_EXAMPLE),
)


def add_to(skipper: typer.Typer) -> None:
    """Put the command group under `skipper`."""
    skipper.add_typer(key, name="key")


@key.command("create", epilog=epilog(_EXAMPLE, Exit.REFUSED))
def create(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="What the bot is called; never a person.")],
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="WHO", help="Who answers for it; you, when not given.")
    ] = None,
    member_of: Annotated[
        str | None, typer.Option("--member-of", metavar="G,...", help="Groups whose rights the bot has.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope", metavar="SCOPE", help="ask, sql, catalog, review or admin; the first three when not given."
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="For so long it holds.")] = 90,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a key and show it, once. A service has two at most: the new one, and the old one until it is revoked."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.http.identity.keys import keys_of
        from app.http.identity.scopes import ORDINARY, parse_scopes

        by = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        made, text = keys_of(workspace).create(
            service,
            owner=owner or by.subject,
            member_of=split_groups(member_of) or (),
            scopes=ORDINARY if scope is None else parse_scopes(scope),
            days=days,
            by=by,
        )
        output.value(made.model_dump(mode="json") | {"key": text}, text)
        output.note(
            f"{made.service} sends it as `Authorization: Bearer ...`, until {moment(made.until)[:10]}. It is shown "
            "this once: keep it where secrets are kept."
        )

    run_command(as_json, body)


@key.command("revoke", epilog=epilog("skipper key revoke 0123456789ab", Exit.REFUSED))
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a key: what stands between `sk_` and `_`.")],
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """End a key. It opens nothing from the next request on, and with a service's last key its webhooks end."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.http.identity.keys import keys_of

        gone = keys_of(workspace).revoke(
            key_id, by=workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        )
        output.value(gone.model_dump(mode="json"), f"The key {gone.id} of {gone.service} opens nothing any more.")

    run_command(as_json, body)


@key.command("list", epilog=epilog("skipper key list", Exit.REFUSED))
def list_keys(as_user: AsUser = None, groups: Groups = None, as_json: JsonFlag = False) -> None:
    """List the keys, also those that have ended; of no key its secret."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.http.identity.keys import keys_of

        workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        found = keys_of(workspace).list()
        output.value([each.model_dump(mode="json") for each in found])
        if not found:
            output.note("There are no keys. `skipper key create` makes one.")
            return
        headings = ("id", "service", "owner", "groups", "scopes", "until", "last used")
        output.table(headings, [_line(each) for each in found])

    run_command(as_json, body)


def _line(each: ApiKey) -> tuple[str, ...]:
    from datetime import UTC, datetime

    ended = "" if each.holds(datetime.now(UTC)) else " (revoked)" if each.revoked_at else " (ended)"
    used = moment(each.used_at) if each.used_at else ""
    lists = (", ".join(sorted(names)) for names in (each.member_of, each.scopes))
    return (each.id, each.service, each.owner, *lists, moment(each.until)[:10] + ended, used)
