"""Tables by the names that an operator types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from townlake.domain.errors import NotFound
from townlake.domain.names import TableRef

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.table import TableInfo


def find_table(workspace: Workspace, name: str) -> TableInfo:
    """The table of that name, open or closed: whoever reviews must see what is closed.

    Raises:
        NotFound: there is none.
        InvalidName: it cannot be the name of a table.
    """
    info = workspace.catalog.table(TableRef.parse(name))
    if info is None:
        raise NotFound(f"There is no table {name}.", hint="`skipper tables` lists them.")
    return info
