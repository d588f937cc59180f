"""Grants: given by a reviewer, alone or beside a decision, and seen by whom they concern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.review_sight import sight
from app.tables import did_you_mean, nearest_tables
from townlake.governance.deciding import owns
from townlake.governance.grants import covering

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.workspace import Workspace
    from townlake.domain.names import TableRef
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.grants import Grant


def grant_to(workspace: Workspace, info: TableInfo, group: str, by: Principal) -> None:
    """Grant the table, unless a grant holds: that one may end, or show more."""
    held = workspace.grants.of(str(info.ref), group)
    if held is None or not held.holds(workspace.grants.clock()):
        workspace.grants.add(str(info.ref), group, by=by)


def add_grant(
    workspace: Workspace, by: Principal, pattern: str, group: str, *, until: datetime | None, unmask: bool
) -> Grant:
    """Let a group read what a pattern covers, in place of what it could read of just that before.

    Raises:
        AccessDenied: `by` is not a person, or shows masked columns of a table of their own.
        BadInput: the pattern, the group or the end is not possible.
    """
    if not unmask:
        return workspace.grants.add(pattern, group, by=by, until=until)
    tables, four_eyes = workspace.catalog.tables(), workspace.settings.four_eyes
    return workspace.grants.add_unmasked(pattern, group, by=by, tables=tables, until=until, four_eyes=four_eyes)


def grants_in_sight(workspace: Workspace, caller: Principal, *, mine: bool = False) -> list[Grant]:
    """The grants that a caller may see, also those that have ended.

    Args:
        workspace: the home.
        caller: a reviewer, who sees all, or an owner, who sees those of their tables.
        mine: those of the caller's own tables alone.

    Raises:
        AccessDenied: the caller is no reviewer and owns no table.
    """
    seen = sight(workspace, caller)
    tables = (info for info in seen.tables if not mine or owns(caller, info))
    own = {pattern for info in tables for pattern in covering(info.ref)}
    return [grant for grant in workspace.grants.list() if (seen.is_everything and not mine) or grant.pattern in own]


def nothing_there(pattern: str, there: Sequence[TableRef]) -> str:
    """A word on a grant of what is not there yet, which may be a misspelt name."""
    if pattern == "*" or any(pattern in covering(ref) for ref in there):
        return ""
    table = pattern.removeprefix("lake.")
    near = nearest_tables(table.removesuffix(".*"), there)
    what = f"schema {table.removesuffix('.*')}" if table.endswith(".*") else f"table {table}"
    return f"There is no {what} yet; the grant holds once there is. {did_you_mean(near)}".rstrip()
