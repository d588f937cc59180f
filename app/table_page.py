"""The page of a table, as one caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.catalog import ColumnPage, Key, TablePage

if TYPE_CHECKING:
    from townlake.governance.table_view import TableView


def table_page(view: TableView) -> TablePage:
    """What the caller of a view is told of its table."""
    info, access = view.info, view.access
    decisions = {column.column.column: column.decision for column in access.columns}
    visible = frozenset(access.visible)
    return TablePage(
        table=str(info.ref),
        comment=info.comment,
        owner=info.owner,
        tier=info.tier,
        fresh_at=info.fresh_at,
        rows=info.row_count if visible else None,
        readable=bool(visible),
        columns=tuple(
            ColumnPage(
                name=c.name,
                type=c.type,
                comment=c.comment,
                mask=decisions[c.name].mask,
                source_name=c.source_name,
            )
            for c in info.columns
            if c.name in visible
        ),
        primary_key=tuple(name for name in info.primary_key if name in visible),
        partition_filter=tuple(name for name in info.partition_filter if name in visible),
        foreign_keys=tuple(
            Key(columns=key.columns, table=str(key.ref_table), ref_columns=key.ref_columns)
            for key in info.foreign_keys
            if set(key.columns) <= visible
        ),
        replaced_by=str(info.replaced_by) if info.replaced_by else None,
        row_filtered=bool(access.row_filters),
        ask=access.ask,
    )
