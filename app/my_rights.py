"""What one caller may read of a table, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.rights import TableRights
from townlake.governance.deciding import owns
from townlake.governance.grants import covering
from townlake.governance.rights import rights_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from townlake.domain.names import TableRef
    from townlake.domain.principal import Principal
    from townlake.governance.grants import Grant
    from townlake.governance.table_view import TableView


def rights_in(caller: Principal, view: TableView, held: Sequence[Grant]) -> TableRights:
    """A table that the caller may find, as they may read it.

    Args:
        caller: who asks.
        view: the table, as they see it.
        held: the grants that hold, of any table and any group.
    """
    columns = view.access.columns
    masked = {each.column.column: each.decision.mask for each in columns if each.decision.mask is not None}
    return TableRights(
        table=str(view.info.ref),
        readable=bool(view.access.visible),
        why=view.access.decision.reason,
        until=_end(caller, view.info.ref, held) if view.access.visible else None,
        open=len(columns) - len(masked),
        masked=masked,
        row_filtered=bool(view.access.row_filters),
        owned=owns(caller, view.info),
        ask=view.access.ask,
    )


def _end(caller: Principal, ref: TableRef, held: Sequence[Grant]) -> datetime | None:
    """Of a caller who acts for a person, the end of whichever right ends first."""
    covers = [grant for grant in held if grant.pattern in covering(ref)]
    ends = [[grant.until for grant in covers if rights.include(grant.group)] for rights in rights_of(caller)]
    last = [max(end for end in each if end) for each in ends if each and None not in each]
    return min(last, default=None)
