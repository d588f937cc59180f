"""Who brought a table's rows: kept beside its description, and by no description taken away."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from townlake.catalog.description import StoredDescription, keep, read_record
from townlake.catalog.federated import FederatedTable, table_uuid
from townlake.catalog.tables import TABLE_DESCRIPTIONS
from townlake.state.store import writing
from townlake.state.versions import CATALOG, bump


def note_loader(state: sa.Engine, uuid: str, by: str) -> None:
    """Write down that somebody brings rows into a table.

    Raises:
        HomeError: what is kept of the table is damaged, or it cannot be written.
    """
    with writing(state) as connection:
        if _add(connection, uuid, by):
            bump(connection, CATALOG)


def _add(connection: sa.Connection, uuid: str, by: str) -> bool:
    here = TABLE_DESCRIPTIONS.c.table_uuid == uuid
    record = read_record(connection.execute(sa.select(TABLE_DESCRIPTIONS.c.record).where(here)).scalar())
    told = with_loader(record, by)
    if told != record:
        keep(connection, uuid, told)
    return told != record


def with_loader(record: StoredDescription, by: str) -> StoredDescription:
    """The record with one more who brought rows; each name once.

    >>> with_loader(with_loader(StoredDescription(), "ada"), "Ada").loaded_by
    ('ada',)
    """
    if not by or by.casefold() in {name.casefold() for name in record.loaded_by}:
        return record
    return record.model_copy(update={"loaded_by": (*record.loaded_by, by)})


def add_harvester(
    connection: sa.Connection, before: Iterable[FederatedTable], after: Iterable[FederatedTable], by: str
) -> None:
    """Write down who brought tables and columns of another source to light; what was known before is nobody's news."""
    known = {table.ref: {(column.name, column.type) for column in table.columns} for table in before}
    for table in after:
        if {(column.name, column.type) for column in table.columns} - known.get(table.ref, set()):
            _add(connection, table_uuid(table.ref), by)
