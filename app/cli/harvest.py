"""`skipper harvest`: look at what tables another source behind Trino has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.exits import Exit
from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups

if TYPE_CHECKING:
    from app.workspace import Workspace
    from ingestion.harvest import Difference, Harvest
    from townlake.domain.principal import Principal
    from townlake.engines.trino.information import Found

_MOST_TOLD = 50


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "harvest",
        epilog=epilog(
            "skipper harvest crm --schema public",
            Exit.REFUSED,
            note="It needs Trino, and a catalog in it beside the lake: docs/guide/federation.md tells how.",
        ),
    )(harvest)


def harvest(
    catalog: Annotated[str, typer.Argument(metavar="CATALOG", help="The catalog in Trino: crm.")],
    schema: Annotated[str | None, typer.Option("--schema", metavar="NAME", help="Only this schema of it.")] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """Find the tables of another source behind Trino. Every column starts closed; no row is read."""

    def body(workspace: Workspace, output: Output) -> None:
        from app.workspace import utc_now
        from ingestion.harvest import check_source, compare, gather

        caller = workspace.reviewer(workspace.principal(as_user, split_groups(groups)))
        name, part = catalog.strip().lower(), None if schema is None else schema.strip().lower()
        check_source(name, part)
        found = gather(name, _ask(workspace, caller, name, part))
        with workspace.audit.transaction() as work:
            looked = {"catalog": name, "schema": part, "found": len(found.tables)}
            work.record("catalog.harvested", caller, looked)
        before = workspace.catalog.harvested(name, found.tables, utc_now(), schema=part, by=workspace.loader(caller))
        _tell(found, compare(before, found.tables), output)

    run_command(as_json, body)


def _ask(workspace: Workspace, caller: Principal, catalog: str, schema: str | None) -> Found:
    from townlake.domain.errors import EngineUnavailable, SettingsError
    from townlake.engines.trino.information import find_tables
    from townlake.governance.trino_harvest import HARVESTER

    try:
        # Where each caller logs in with a token of their own, so does whoever harvests.
        who = HARVESTER.model_copy(update={"on_behalf_of": caller.subject})
        return find_tables(workspace.coordinator, workspace.identities.identify(who), catalog, schema, caller=who)
    except EngineUnavailable as error:
        if workspace.settings.engine == "trino":
            raise
        raise SettingsError(
            "Other sources are read by Trino, and the settings name none that answers.",
            hint="Set `engine` to trino, and `trino_url`; the settings of a stack are in stack/settings.env.",
        ) from error


def _tell(found: Harvest, difference: Difference, output: Output) -> None:
    output.value(
        {
            "tables": [str(table.ref) for table in found.tables],
            "left_out": [each.model_dump() for each in found.left_out],
            "as_text": [each.model_dump() for each in found.as_text],
            "as_bytes": [each.model_dump() for each in found.as_bytes],
            "new": [str(ref) for ref in difference.new],
            "gone": [str(ref) for ref in difference.gone],
            "changed": [each.model_dump() | {"table": str(each.table)} for each in difference.changed],
        },
        f"Found {len(found.tables)} tables: {len(difference.new)} new, {len(difference.gone)} gone, "
        f"{len(difference.changed)} changed.",
    )
    rows = [
        *((str(ref), "new", "closed until a review") for ref in difference.new),
        *((str(ref), "gone", "") for ref in difference.gone),
        *(
            (
                str(each.table),
                "changed",
                "; ".join([*(f"new: {c}" for c in each.new), *(f"gone: {c}" for c in each.gone)]),
            )
            for each in difference.changed
        ),
        *((each.name, "left out", each.why) for each in found.left_out),
        *((each.name, "as text", each.why) for each in found.as_text),
        *((each.name, "as bytes", each.why) for each in found.as_bytes),
    ]
    if rows:
        output.table(("name", "what", "more"), rows[:_MOST_TOLD])
    if len(rows) > _MOST_TOLD:
        output.note(f"And {len(rows) - _MOST_TOLD} more; --json tells all.")
    if difference.new or difference.changed:
        output.note("`skipper review list` shows what waits for a review.")
