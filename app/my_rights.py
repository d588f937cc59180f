"""What one caller may read of a table, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.rights import TableRights
from townlake.governance.deciding import owns

if TYPE_CHECKING:
    from townlake.domain.principal import Principal
    from townlake.governance.table_view import TableView


def rights_in(caller: Principal, view: TableView) -> TableRights:
    """A table that the caller may find, as they may read it."""
    columns = view.access.columns
    masked = {each.column.column: each.decision.mask for each in columns if each.decision.mask is not None}
    return TableRights(
        table=str(view.info.ref),
        readable=bool(view.access.visible),
        why=view.access.decision.reason,
        open=len(columns) - len(masked),
        masked=masked,
        row_filtered=bool(view.access.row_filters),
        owned=owns(caller, view.info),
        ask=view.access.ask,
    )
