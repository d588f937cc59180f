"""The page of a table, as one caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.catalog import Beside, ColumnPage, Key, TableJoin, TablePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.workspace import Workspace
    from townlake.domain.principal import Principal
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


def whole_page(workspace: Workspace, view: TableView, caller: Principal) -> TablePage:
    """The page of one table, with what stands around it: labels, joins, metrics."""
    from app.askable import askable_by
    from townlake.catalog.knowledge.joins import joins_for

    page, ref = table_page(view), view.info.ref
    if not page.readable:
        return page
    reviews = workspace.reviews.of(view.info.uuid)
    found = (reviews.get(column.field_id) for column in view.info.columns)
    labels = [each.classification.label if each and each.classification else "" for each in found]
    metrics = askable_by(workspace, caller).metrics
    # Of the joins of a metric only those are told that it always makes: all that they read is open to the caller.
    made = {metric.name: joins_for(metric) for metric in metrics}
    by_metrics = (
        TableJoin(
            table=str(metric.table if join.table == ref else join.table),
            by=Beside.METRIC,
            on=join.on,
            metric=metric.name,
            points="in" if join.table == ref else "out",
        )
        for metric in metrics
        for join in made[metric.name]
        if ref in (metric.table, join.table)
    )
    return page.model_copy(
        update={
            "columns": tuple(
                column.model_copy(update={"label": label}) for column, label in zip(page.columns, labels, strict=True)
            ),
            "joins": (*_by_keys(workspace, view, caller), *by_metrics),
            "metrics": tuple(
                metric.name
                for metric in metrics
                if ref == metric.table or ref in {join.table for join in made[metric.name]}
            ),
        }
    )


def _by_keys(workspace: Workspace, view: TableView, caller: Principal) -> Iterator[TableJoin]:
    """Tables that this one points to or that point to it, by columns that the caller sees on both sides."""
    from memory.joins import EdgeKind, edges_of

    ref = view.info.ref
    for edge in edges_of([each.info for each in workspace.lake.tables(caller)], ()):
        if edge.kind is EdgeKind.LINEAGE or ref not in (edge.source, edge.target):
            continue
        mine = tuple(column.column for column in edge.sees if column.table == ref)
        other = tuple(column.column for column in edge.sees if column.table != ref)
        out = edge.source == ref
        yield TableJoin(
            table=str(edge.target if out else edge.source),
            by=Beside(edge.kind.value),
            columns=mine,
            other_columns=other,
            points="out" if out else "in",
        )
