"""`skipper tables`: what is in the lake, as the caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.news import tell_news
from app.cli.output import Output
from app.cli.run import AsUser, Groups, JsonFlag, run_command, split_groups
from townlake.domain.table import Tier

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.decision import TableAccess
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.table_view import TableView


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command("tables", epilog=epilog("skipper tables billing.invoices"))(tables)


def tables(
    name: Annotated[
        str | None, typer.Argument(metavar="TABLE|SCHEMA", help="One table, or the tables of a schema.")
    ] = None,
    as_user: AsUser = None,
    groups: Groups = None,
    as_json: JsonFlag = False,
) -> None:
    """List the tables, or show one with its columns, keys, owner and freshness."""

    def body(workspace: Workspace, output: Output) -> None:
        caller = workspace.principal(as_user, split_groups(groups))
        _list(workspace, output, name, caller)
        if not as_json:
            tell_news(workspace, caller, output)

    run_command(as_json, body)


def _list(workspace: Workspace, output: Output, name: str | None, caller: Principal) -> None:
    from app.table_page import table_page
    from app.tables import findable_table, no_such_table

    if name and "." in name:
        found = findable_table(workspace, name, caller)
        return _show(found, output)
    every = workspace.lake.tables(caller)
    seen = [t for t in every if name is None or name.lower() in (t.info.ref.catalog, t.info.ref.namespace)]
    if name and not seen:
        raise no_such_table(name, (t.info.ref for t in every))
    output.value([table_page(t).model_dump(mode="json") for t in seen])
    if not seen:
        output.note("The lake is empty: `skipper demo` builds one, `skipper ingest files` loads your own.")
        return None
    output.table(
        ("table", "for you", "rows", "what it holds"),
        [_line(t.info, t.access) for t in seen],
    )
    return None


def _line(info: TableInfo, access: TableAccess) -> tuple[object, ...]:
    return (info.ref.short, _seen(info, access), info.row_count, info.comment.split(". ")[0].rstrip("."))


def _seen(info: TableInfo, access: TableAccess) -> str:
    """What the caller gets of a table, in a few words."""
    parts = [] if access.visible else ["closed"]
    masked = sum(column.decision.mask is not None for column in access.columns)
    parts += [f"{masked} masked"] if masked else []
    parts += ["some rows"] if access.row_filters else []
    parts += [info.tier.value] if info.tier is Tier.DEPRECATED else []
    return ", ".join(parts) or "open"


def _show(view: TableView, output: Output) -> None:
    from app.table_page import table_page
    from app.tables import telling_source

    page, info, access = table_page(view), view.info, view.access
    output.value(page.model_dump(mode="json"), f"{info.ref}: {info.comment}" if info.comment else str(info.ref))
    fresh = f", fresh {info.fresh_at:%Y-%m-%d %H:%M} UTC" if info.fresh_at else ""
    rows = f", {info.row_count:,} rows" if info.row_count is not None and access.visible else ""
    output.note(f"{info.tier}, owner {info.owner or 'nobody yet'}{rows}{fresh}")
    if info.replaced_by:
        output.note(f"Deprecated: use {info.replaced_by}.")
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
    if access.ask:
        output.note(access.ask)
