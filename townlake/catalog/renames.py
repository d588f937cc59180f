"""A rename reaches two databases. What is noted before lets the next writer finish it when this one was killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from townlake.catalog.description import keep, read_record, references_renamed
from townlake.catalog.lineage import drop_edges, rename_edges
from townlake.catalog.tables import LAKE_PROPERTIES, TABLE_DESCRIPTIONS
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.state.store import writing
from townlake.state.versions import CATALOG, bump

_NOTE: Final = "rename"


class Rename(Value):
    """A column that gets another name. Its field id tells afterwards whether it did."""

    table: TableRef
    uuid: str
    field_id: int
    old: str
    new: str


def noted(properties: Mapping[str, str]) -> Rename | None:
    """The rename that was begun and not yet finished, of the lake's properties."""
    text = properties.get(_NOTE)
    return None if text is None else Rename.model_validate_json(text)


def note(state: sa.Engine, rename: Rename) -> None:
    """Write down what is about to be done."""
    with writing(state) as connection:
        _forget(connection)
        connection.execute(sa.insert(LAKE_PROPERTIES).values(name=_NOTE, value=rename.model_dump_json()))
        bump(connection, CATALOG)


def finish(state: sa.Engine, rename: Rename, table: TableInfo | None) -> None:
    """Let lineage and foreign keys follow, if the column has its new name, and forget the note.

    Args:
        state: the state database.
        rename: what was noted.
        table: the table as it is now; None when it was dropped.
    """
    done = table is not None and table.uuid == rename.uuid and _id(table, rename.new) == rename.field_id
    with writing(state) as connection:
        if done:
            _follow(connection, rename)
        _forget(connection)
        bump(connection, CATALOG)


def _follow(connection: sa.Connection, rename: Rename) -> None:
    drop_edges(connection, rename.table, rename.new)
    rename_edges(connection, rename.table, rename.old, rename.new)
    for row in connection.execute(sa.select(TABLE_DESCRIPTIONS)).all():
        record = read_record(row.record)
        renamed = references_renamed(record, rename.table, rename.old, rename.new)
        if renamed != record:
            keep(connection, row.table_uuid, renamed)


def _forget(connection: sa.Connection) -> None:
    connection.execute(sa.delete(LAKE_PROPERTIES).where(LAKE_PROPERTIES.c.name == _NOTE))


def _id(table: TableInfo, name: str) -> int | None:
    column = table.column(name)
    return None if column is None else column.field_id
