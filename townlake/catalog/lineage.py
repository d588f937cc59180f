"""Which column came from which."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal

import sqlalchemy as sa

from townlake.catalog.tables import LINEAGE
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.value import Value
from townlake.state.store import reading, writing
from townlake.state.versions import CATALOG, bump


class LineageEdge(Value):
    """One column that another was computed from. A source outside the lake has the source system as its catalog."""

    source: ColumnRef
    target: ColumnRef
    kind: str
    """How: `copy`, `expression`, `aggregate`, `filter`."""
    run: str = ""
    """The run of ingestion or transformation that made it."""


def list_edges(state: sa.Engine, table: TableRef | None = None) -> tuple[LineageEdge, ...]:
    """All edges, or those that start or end at a table, oldest first."""
    query = sa.select(LINEAGE).order_by(LINEAGE.c.id)
    if table is not None:
        query = query.where(sa.or_(LINEAGE.c.source_table == str(table), LINEAGE.c.target_table == str(table)))
    return _edges(state, query)


def edges_at(
    state: sa.Engine, tables: Collection[TableRef], side: Literal["source", "target"], most: int
) -> tuple[LineageEdge, ...]:
    """Edges that start (`source`) or end (`target`) at any of some tables, as many as asked for at most."""
    here = LINEAGE.c[f"{side}_table"].in_(sorted(map(str, tables)))
    return _edges(state, sa.select(LINEAGE).where(here).order_by(LINEAGE.c.id).limit(most))


def _edges(state: sa.Engine, query: sa.Select[Any]) -> tuple[LineageEdge, ...]:
    with reading(state) as connection:
        rows = connection.execute(query).all()
    return tuple(
        LineageEdge(
            source=ColumnRef(table=TableRef.parse(row.source_table), column=row.source_column),
            target=ColumnRef(table=TableRef.parse(row.target_table), column=row.target_column),
            kind=row.kind,
            run=row.run,
        )
        for row in rows
    )


def add_edges(state: sa.Engine, edges: Iterable[LineageEdge]) -> None:
    """Add edges; one that is there already only takes the newer run."""
    with writing(state) as connection:
        for edge in edges:
            key = {
                "source_table": str(edge.source.table),
                "source_column": edge.source.column,
                "target_table": str(edge.target.table),
                "target_column": edge.target.column,
                "kind": edge.kind,
            }
            same = sa.and_(*(LINEAGE.c[name] == value for name, value in key.items()))
            if not connection.execute(sa.update(LINEAGE).where(same).values(run=edge.run)).rowcount:
                connection.execute(sa.insert(LINEAGE).values(**key, run=edge.run))
        bump(connection, CATALOG)


def rename_edges(connection: sa.Connection, table: TableRef, old: str, new: str) -> None:
    """Let the edges of a column follow its rename."""
    for side in ("source", "target"):
        here = sa.and_(LINEAGE.c[f"{side}_table"] == str(table), LINEAGE.c[f"{side}_column"] == old)
        connection.execute(sa.update(LINEAGE).where(here).values({f"{side}_column": new}))


def drop_edges(connection: sa.Connection, table: TableRef, column: str | None = None) -> None:
    """Forget the edges of a table or of one of its columns."""
    for side in ("source", "target"):
        here = LINEAGE.c[f"{side}_table"] == str(table)
        if column is not None:
            here = sa.and_(here, LINEAGE.c[f"{side}_column"] == column)
        connection.execute(sa.delete(LINEAGE).where(here))
