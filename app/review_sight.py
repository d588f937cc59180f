"""What of reviews and grants a caller may see: a reviewer all of it, an owner what concerns their own tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from townlake.domain.errors import NotFound
from townlake.governance.deciding import owns

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo


class Sight(NamedTuple):
    """The tables whose reviews a caller may see."""

    tables: tuple[TableInfo, ...]
    is_everything: bool
    """True for a reviewer: also what concerns tables that are gone."""

    def has(self, table_uuid: str) -> bool:
        """Whether what concerns a table may be seen."""
        return self.is_everything or any(info.uuid == table_uuid for info in self.tables)


def sight(workspace: Workspace, caller: Principal) -> Sight:
    """What a caller may see of the reviews of the lake.

    Raises:
        AccessDenied: they are no reviewer, and own no table.
    """
    tables = workspace.catalog.tables()
    if workspace.is_reviewer(caller):
        return Sight(tables, True)
    own = tuple(info for info in tables if owns(caller, info))
    if not own:
        workspace.reviewer(caller)
    return Sight(own, False)


def within_sight(workspace: Workspace, caller: Principal, find: Callable[[], Sequence[TableInfo]]) -> bool:
    """Check that a caller may see the reviews of tables that they name.

    Args:
        workspace: the home.
        caller: who asks.
        find: gives the tables of that name.

    Returns:
        Whether they are a reviewer, who may see what concerns other tables, too.

    Raises:
        AccessDenied: they are no reviewer, and a table is not theirs or is not there, which is not told apart.
        NotFound: a reviewer named what is not there.
    """
    is_reviewer = workspace.is_reviewer(caller)
    try:
        is_own = all(owns(caller, info) for info in find())
    except NotFound:
        if is_reviewer:
            raise
        is_own = False
    if not is_own:
        workspace.reviewer(caller)
    return is_reviewer
