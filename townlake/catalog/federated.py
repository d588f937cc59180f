"""Tables that lie in other sources behind Trino, as a harvest found them.

A source tells no ids, so a table is its name, and a column is its name and its type: under another type it is another
column, which starts closed. What was dropped and made again in between looks the same, and nobody can tell (decision
0011).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from townlake.catalog.metadata import Metadata
from townlake.catalog.tables import FEDERATED_TABLES
from townlake.domain.errors import BadInput, HomeError
from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo
from townlake.domain.value import Value

_SPACE: Final = uuid.UUID("5b0e6f0c-8d1e-5c63-9d39-6f1f2f6f2a70")
"""Never to change: the decisions of reviewers hang on what is made with it."""
_NAMES: Final = FEDERATED_TABLES.c.catalog_name, FEDERATED_TABLES.c.schema_name, FEDERATED_TABLES.c.table_name


class FederatedColumn(Value):
    """A column as its source has it."""

    name: str
    type: str
    """As Trino writes it."""
    nullable: bool = True
    comment: str = ""


class FederatedTable(Value):
    """A table as its source has it."""

    ref: TableRef
    columns: tuple[FederatedColumn, ...]
    comment: str = ""


class _Told(Value):
    """What is kept of a table beside its name."""

    columns: tuple[FederatedColumn, ...]
    comment: str = ""


def table_uuid(ref: TableRef) -> str:
    """What stands for the table in reviews, filters and descriptions: always the same for one name.

    >>> table_uuid(TableRef.parse("pg.public.orders"))
    '2ac812a6-bbd6-5927-bdd9-5a763d5d9205'
    """
    return str(uuid.uuid5(_SPACE, str(ref)))


def column_id(name: str, kind: str) -> int:
    """What stands for the column: positive, below 2**31, and another one for another type.

    >>> column_id("amount", "integer") == column_id("amount", "bigint")
    False
    """
    digest = hashlib.sha256(f"{name}\n{kind}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1


def metadata_of(table: FederatedTable) -> Metadata:
    """The table as the catalog knows tables: without files, snapshots or counts."""
    return Metadata(
        location="",
        uuid=table_uuid(table.ref),
        columns=tuple(
            ColumnInfo(
                name=column.name,
                type=column.type,
                field_id=column_id(column.name, column.type),
                comment=column.comment,
                nullable=column.nullable,
            )
            for column in table.columns
        ),
        snapshot_id=None,
        schema_is_newer=False,
        row_count=None,
        byte_count=None,
        snapshots={},
        batches=frozenset(),
        comment=table.comment,
    )


def read_federated(connection: sa.Connection) -> Mapping[TableRef, FederatedTable]:
    """Every table that was harvested, by name.

    Raises:
        HomeError: what was kept is damaged.
    """
    rows = connection.execute(sa.select(FEDERATED_TABLES).order_by(*_NAMES))
    return {table.ref: table for table in map(_table, rows)}


def keep_harvest(
    connection: sa.Connection, catalog: str, schema: str | None, tables: Iterable[FederatedTable], at: datetime
) -> tuple[FederatedTable, ...]:
    """Put what was found in a catalog, or in one schema of it, in place of what was known; gives what was known."""
    here = FEDERATED_TABLES.c.catalog_name == catalog
    if schema is not None:
        here = sa.and_(here, FEDERATED_TABLES.c.schema_name == schema)
    before = connection.execute(sa.select(FEDERATED_TABLES).where(here).order_by(*_NAMES)).all()
    connection.execute(sa.delete(FEDERATED_TABLES).where(here))
    rows = [_row(table, at) for table in tables]
    if rows:
        connection.execute(sa.insert(FEDERATED_TABLES), rows)
    return tuple(map(_table, before))


def must_be_own(ref: TableRef) -> None:
    """Refuse to write into another source.

    Raises:
        BadInput: it is not a table of the lake.
    """
    if ref.is_federated:
        raise BadInput(
            f"{ref} lies in another source, which Skipper only reads.",
            hint=f"Change it there; then `skipper harvest {ref.catalog}` looks at it again.",
        )


def must_be_no_catalog(ref: TableRef, federated: Iterable[TableRef]) -> None:
    """Refuse a schema of the lake that is called like another source.

    Raises:
        BadInput: there is such a source.
    """
    if any(other.catalog == ref.namespace for other in federated):
        raise BadInput(
            f"{ref.namespace} is the catalog of another source, and cannot be a schema of the lake, too.",
            hint="Choose another schema.",
        )


def must_be_no_schema(catalog: str, own: Iterable[TableRef]) -> None:
    """Refuse another source that is called like a schema of the lake.

    Raises:
        BadInput: there is such a schema.
    """
    if any(ref.namespace == catalog for ref in own):
        raise BadInput(
            f"The lake has a schema {catalog}, so that names of the catalog {catalog} could mean either.",
            hint="Call the catalog by another name in Trino.",
        )


def _row(table: FederatedTable, at: datetime) -> dict[str, object]:
    return {
        "catalog_name": table.ref.catalog,
        "schema_name": table.ref.namespace,
        "table_name": table.ref.name,
        "columns": _Told(columns=table.columns, comment=table.comment).model_dump_json(),
        "harvested_at": at,
    }


def _table(row: sa.Row[tuple[object, ...]]) -> FederatedTable:
    ref = TableRef(catalog=row.catalog_name, namespace=row.schema_name, name=row.table_name)
    try:
        told = _TOLD.validate_json(row.columns)
    except ValidationError as error:
        raise HomeError(
            f"What is known of the tables of the catalog {ref.catalog} is damaged.",
            hint=f"`skipper harvest {ref.catalog}` reads it again from the source.",
        ) from error
    if isinstance(told, tuple):
        return FederatedTable(ref=ref, columns=told)
    return FederatedTable(ref=ref, columns=told.columns, comment=told.comment)


_TOLD: Final[TypeAdapter[_Told | tuple[FederatedColumn, ...]]] = TypeAdapter(_Told | tuple[FederatedColumn, ...])
"""Columns alone are what earlier harvests kept."""
