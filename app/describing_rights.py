"""Who may say whom a table belongs to, and that it shows itself: both decide who sees what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.workspace import Workspace
    from ingestion.schema_file import DescribedTable
    from townlake.domain.table import TableInfo


def allow_description(
    workspace: Workspace, schema: str, describe: Path, user: str | None = None, groups: frozenset[str] | None = None
) -> None:
    """Let a description change the owner of a table that is there, or show a restricted one, and write it down.

    Raises:
        AccessDenied: the caller is no reviewer, or owns or loaded the table.
        BadInput: the description cannot be read.
    """
    from ingestion.names import lake_name
    from ingestion.schema_reading import read_schema_file
    from townlake.domain.names import TableRef
    from townlake.governance.deciding import may_open

    for told in read_schema_file(describe).tables:
        info = workspace.catalog.table(TableRef.parse(f"{schema}.{lake_name(told.name)}"))
        changes = _changes(told, info) if info is not None else {}
        if info is None or not changes:
            continue
        by = workspace.reviewer(workspace.principal(user, groups))
        may_open(by, (info,), four_eyes=workspace.settings.four_eyes)
        with workspace.audit.transaction() as work:
            work.record("table.described", by, {"table": str(info.ref), **changes})


def _changes(told: DescribedTable, info: TableInfo) -> dict[str, object]:
    """What it was and what it is to be; the first owner of a table is nobody's loss."""
    changes: dict[str, object] = {}
    if told.owner is not None and info.owner and told.owner != info.owner:
        changes["owner"] = [info.owner, told.owner]
    if told.restricted is False and info.restricted:
        changes["restricted"] = [True, False]
    return changes
