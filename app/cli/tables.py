"""`skipper tables`: what is in the lake, as the caller may see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.news import tell_news
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, Server, only_here, run_command, split_groups

if TYPE_CHECKING:
    from app.contract.catalog import TablePage
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command("tables", epilog=epilog("skipper tables billing.invoices"))(tables)


def tables(
    name: Annotated[
        str | None, typer.Argument(metavar="TABLE|SCHEMA", help="One table, or the tables of a schema.")
    ] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    server: Server = None,
    as_json: JsonFlag = False,
) -> None:
    """List the tables, or show one with its columns, keys, owner and freshness."""

    def body(workspace: Workspace, output: Output) -> None:
        if workspace.settings.server is not None:
            only_here({"--as": as_user, "--groups": groups})
            return _from_server(workspace, output, name)
        caller = workspace.principal(as_user, split_groups(groups))
        _from_here(workspace, output, name, caller)
        if not as_json:
            tell_news(workspace, caller, output)
        return None

    run_command(as_json, body, server=server)


def _from_here(workspace: Workspace, output: Output, name: str | None, caller: Principal) -> None:
    from app.table_page import table_page
    from app.tables import findable_table

    if name and "." in name:
        return _show(table_page(findable_table(workspace, name, caller)), output)
    return _list([table_page(view) for view in workspace.lake.tables(caller)], output, name)


def _from_server(workspace: Workspace, output: Output, name: str | None) -> None:
    from app.cli.remote import open_client

    with open_client(workspace.settings) as client:
        if name and "." in name:
            return _show(client.table(name), output)
        return _list(list(client.every_table()), output, name)


def _list(every: Sequence[TablePage], output: Output, name: str | None) -> None:
    from app.tables import no_such_table
    from townlake.domain.names import TableRef

    refs = [TableRef.parse(page.table) for page in every]
    wanted = [name is None or name.lower() in (ref.catalog, ref.namespace) for ref in refs]
    seen = [(ref, page) for ref, page, is_wanted in zip(refs, every, wanted, strict=True) if is_wanted]
    if name and not seen:
        raise no_such_table(name, refs)
    output.value([page.model_dump(mode="json") for _, page in seen])
    if not seen:
        output.note("The lake is empty: `skipper demo` builds one, `skipper ingest files` loads your own.")
        return
    output.table(
        ("table", "for you", "rows", "what it holds"),
        [(ref.short, _seen(page), page.rows, page.comment.split(". ")[0].rstrip(".")) for ref, page in seen],
    )


def _seen(page: TablePage) -> str:
    """What the caller gets of a table, in a few words."""
    from townlake.domain.table import Tier

    parts = [] if page.readable else ["closed"]
    masked = sum(column.mask is not None for column in page.columns)
    parts += [f"{masked} masked"] if masked else []
    parts += ["some rows"] if page.row_filtered else []
    parts += [page.tier.value] if page.tier is Tier.DEPRECATED else []
    return ", ".join(parts) or "open"


def _show(page: TablePage, output: Output) -> None:
    from app.tables import telling_source

    output.value(page.model_dump(mode="json"), f"{page.table}: {page.comment}" if page.comment else page.table)
    fresh = f", fresh {page.fresh_at:%Y-%m-%d %H:%M} UTC" if page.fresh_at else ""
    rows = f", {page.rows:,} rows" if page.rows is not None else ""
    output.note(f"{page.tier}, owner {page.owner or 'nobody yet'}{rows}{fresh}")
    if page.replaced_by:
        output.note(f"Deprecated: use {page.replaced_by}.")
    if page.columns:
        given = [telling_source(c.name, c.source_name) for c in page.columns]
        output.table(
            ("column", *(("in its source",) if any(given) else ()), "type", "mask", "what it holds"),
            [
                (c.name, *((source,) if any(given) else ()), c.type, c.mask, c.comment)
                for c, source in zip(page.columns, given, strict=True)
            ],
        )
    if page.primary_key:
        output.note("Key: " + ", ".join(page.primary_key))
    if page.partition_filter:
        output.note(f"Each statement must bound {' or '.join(page.partition_filter)} with constants.")
    for key in page.foreign_keys:
        output.note(f"{', '.join(key.columns)} -> {key.table} ({', '.join(key.ref_columns)})")
    if page.ask:
        output.note(page.ask)
