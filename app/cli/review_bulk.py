"""`skipper review approve --below-threshold`: what needs no look at each column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.output import Output, some
from app.tables import targets

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


def approve_clear(
    workspace: Workspace,
    output: Output,
    target: str | None,
    reviewer: Principal,
    note: str,
    to: str | None,
    *,
    dry_run: bool,
) -> None:
    """List the columns that are clear, of some tables or of all, and open them unless it is a dry run."""
    from app.bulk_review import clear_columns, open_clear, own_tables
    from app.granting import grant_to
    from townlake.domain.errors import BadInput

    meant = [(info, None) for info in workspace.catalog.tables()] if target is None else targets(workspace, target)
    if any(names is not None for _, names in meant):
        raise BadInput(f"{target} is one column.", hint="Name a table or a schema, or approve it without the option.")
    clear = {info.ref: clear_columns(workspace, info) for info, _ in meant}
    tables = [info for info, _ in meant if clear[info.ref]]
    own = own_tables(workspace, reviewer, tables)
    others = [info for info in tables if info not in own]
    rows = [row for info in others for row in clear[info.ref]]
    opened = []
    for info in () if dry_run else others:
        opened += [f"{info.ref}.{review.column}" for review in open_clear(workspace, reviewer, info, note)]
        if to is not None:
            grant_to(workspace, info, to, reviewer)
    output.value(
        {
            "dry_run": dry_run,
            "below": workspace.settings.review_open_below,
            "columns": [row.model_dump(mode="json") for row in rows],
            "opened": opened,
            "own": [str(info.ref) for info in own],
        }
    )
    if rows:
        output.table(
            ("table", "column", "label", "personal", "evidence"),
            [(r.table, r.column, r.label, f"{r.personal:.1%}", "; ".join(r.evidence)) for r in rows],
        )
    output.note(_bulk_told(len(rows), len(opened), dry_run=dry_run))
    if own:
        names = some(str(info.ref) for info in own)
        output.note(f"Left for somebody else, since you own or loaded them: {names}.")


def _bulk_told(found: int, opened: int, *, dry_run: bool) -> str:
    if not found:
        return "Nothing that waits is that clear."
    count = found if dry_run else opened
    columns = f"{count} column{'s' if count != 1 else ''}"
    return f"{columns} would be opened; nothing was changed." if dry_run else f"{columns} now open."
