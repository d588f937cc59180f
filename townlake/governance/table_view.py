"""A table as one caller may see it."""

from __future__ import annotations

from collections.abc import Callable

from townlake.domain.decision import Effect, TableAccess
from townlake.domain.names import TableRef
from townlake.domain.table import ForeignKey, Sampling, TableInfo
from townlake.domain.value import Value


class TableView(Value):
    """What exists of a table for one caller; nothing in it speaks of what is hidden.

    Of a closed table that is not restricted there are the name, the description, and whom to ask.
    """

    info: TableInfo
    """Visible columns and keys only, no path; no sizes when some rows or all columns are hidden."""
    access: TableAccess
    """For the visible columns; `ask` says whom to ask for the rest."""


def view_table(
    table: TableInfo, access: TableAccess, access_to: Callable[[TableRef], TableAccess | None]
) -> TableView | None:
    """Narrow a table to what a caller may see.

    Args:
        table: the whole table.
        access: what policy says of it.
        access_to: the same caller's access to other tables; None for one whose name the caller may not find.

    Returns:
        None when the table does not exist for the caller.
    """
    visible = frozenset(access.visible)
    if not visible and table.restricted:
        return None
    sized = bool(visible) and not access.row_filters
    replaced_by = table.replaced_by
    info = table.model_copy(
        update={
            "columns": tuple(column for column in table.columns if column.name in visible),
            "metadata_location": "",
            "snapshot_id": table.snapshot_id if visible else None,
            "row_count": table.row_count if sized else None,
            "byte_count": table.byte_count if sized else None,
            "primary_key": table.primary_key if visible.issuperset(table.primary_key) else (),
            "foreign_keys": tuple(key for key in table.foreign_keys if _sees(key, visible, access_to)),
            "sampling": _sampling(table.sampling, visible),
            "replaced_by": replaced_by if replaced_by and access_to(replaced_by) is not None else None,
            "partition_filter": tuple(name for name in table.partition_filter if name in visible),
            "view_sql": None,
        }
    )
    columns = tuple(column for column in access.columns if column.decision.effect is not Effect.DENY)
    return TableView(info=info, access=access.model_copy(update={"columns": columns}))


def _sees(key: ForeignKey, visible: frozenset[str], access_to: Callable[[TableRef], TableAccess | None]) -> bool:
    other = access_to(key.ref_table)
    return other is not None and visible.issuperset(key.columns) and set(other.visible).issuperset(key.ref_columns)


def _sampling(sampling: Sampling | None, visible: frozenset[str]) -> Sampling | None:
    if sampling is None or not visible:
        return None
    shown = sampling.interval_column if sampling.interval_column in visible else None
    return sampling.model_copy(update={"interval_column": shown})
