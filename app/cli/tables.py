"""`skipper tables`: what is in the lake, as the caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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
    from app.tables import findable_table, no_such_table

    if name and "." in name:
        found = findable_table(workspace, name, caller)
        return _show(found.info, found.access, output)
    every = workspace.lake.tables(caller)
    seen = [t for t in every if name is None or name.lower() in (t.info.ref.catalog, t.info.ref.namespace)]
    if name and not seen:
        raise no_such_table(name, (t.info.ref for t in every))
    output.value([_record(t.info, t.access) for t in seen])
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


def _record(info: TableInfo, access: TableAccess) -> dict[str, Any]:
    decisions = {column.column.column: column.decision for column in access.columns}
    return {
        "table": str(info.ref),
        "comment": info.comment,
        "owner": info.owner,
        "tier": info.tier,
        "fresh_at": info.fresh_at.isoformat() if info.fresh_at else None,
        "rows": info.row_count if access.visible else None,
        "readable": bool(access.visible),
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "comment": column.comment,
                "mask": decisions[column.name].mask,
            }
            for column in info.columns
            if column.name in access.visible
        ],
        "primary_key": [name for name in info.primary_key if name in access.visible],
        "partition_filter": [name for name in info.partition_filter if name in access.visible],
        "foreign_keys": [
            {"columns": list(key.columns), "table": str(key.ref_table), "ref_columns": list(key.ref_columns)}
            for key in info.foreign_keys
            if set(key.columns) <= set(access.visible)
        ],
        "replaced_by": str(info.replaced_by) if info.replaced_by else None,
        "row_filtered": bool(access.row_filters),
        "ask": access.ask,
    }


def _show(info: TableInfo, access: TableAccess, output: Output) -> None:
    record = _record(info, access)
    output.value(record, f"{info.ref}: {info.comment}" if info.comment else str(info.ref))
    fresh = f", fresh {info.fresh_at:%Y-%m-%d %H:%M} UTC" if info.fresh_at else ""
    rows = f", {info.row_count:,} rows" if info.row_count is not None and access.visible else ""
    output.note(f"{info.tier}, owner {info.owner or 'nobody yet'}{rows}{fresh}")
    if info.replaced_by:
        output.note(f"Deprecated: use {info.replaced_by}.")
    if record["columns"]:
        output.table(
            ("column", "type", "mask", "what it holds"),
            [(c["name"], c["type"], c["mask"], c["comment"]) for c in record["columns"]],
        )
    if record["primary_key"]:
        output.note("Key: " + ", ".join(record["primary_key"]))
    if record["partition_filter"]:
        output.note(f"Each statement must bound {' or '.join(record['partition_filter'])} with constants.")
    for key in record["foreign_keys"]:
        output.note(f"{', '.join(key['columns'])} -> {key['table']} ({', '.join(key['ref_columns'])})")
    if access.ask:
        output.note(access.ask)
