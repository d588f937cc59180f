"""Which tables are moved: those that the program knows, and no database may hold another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Final

import sqlalchemy as sa

from townlake.domain.errors import HomeError
from townlake.state.schema import METADATA, VERSIONS

ALEMBIC: Final = "alembic_version"
"""Alembic's own: both sides have the same, and it is not copied."""
_FOR_A_WHILE: Final = "trino_identities"
"""Names that live for minutes: nothing is lost with them, and a stack makes one when it tries its fence."""
_ROOMS: Final = (
    "agents.runs",
    "app.http.identity.tables",
    "app.http.tables",
    "app.runs.tables",
    "app.saved.tables",
    "app.webhooks.tables",
    "townlake.catalog.tables",
    "townlake.governance.tables",
)
_CATALOG: Final = sa.MetaData()
ICEBERG_TABLES: Final = sa.Table(
    "iceberg_tables",
    _CATALOG,
    sa.Column("catalog_name", sa.String(255), primary_key=True),
    sa.Column("table_namespace", sa.String(255), primary_key=True),
    sa.Column("table_name", sa.String(255), primary_key=True),
    sa.Column("metadata_location", sa.String(1000)),
    sa.Column("previous_metadata_location", sa.String(1000)),
    sa.Column("iceberg_type", sa.String(5)),
)
_PROPERTIES: Final = sa.Table(
    "iceberg_namespace_properties",
    _CATALOG,
    sa.Column("catalog_name", sa.String(255), primary_key=True),
    sa.Column("namespace", sa.String(255), primary_key=True),
    sa.Column("property_key", sa.String(255), primary_key=True),
    sa.Column("property_value", sa.String(1000), nullable=False),
)
CATALOG_TABLES: Final = (ICEBERG_TABLES, _PROPERTIES)
"""Iceberg's two, as `townlake.catalog.pointers` makes them; a test holds them equal."""


def state_tables() -> tuple[sa.Table, ...]:
    """All tables of the state database that are moved, by name."""
    # Each room defines its own on the shared metadata when it is imported.
    for room in _ROOMS:
        import_module(room)
    return tuple(METADATA.tables[name] for name in sorted(METADATA.tables) if name != _FOR_A_WHILE)


def must_be_known(connection: sa.Connection, tables: Sequence[sa.Table], where: str) -> None:
    """Refuse a database with tables or columns that would be left behind, or without some that are expected.

    Raises:
        HomeError: it names them.
    """
    inspector = sa.inspect(connection)
    found = set(inspector.get_table_names()) - {ALEMBIC, _FOR_A_WHILE}
    _compare(found, {table.name for table in tables}, f"{where} holds tables", f"{where} has no tables")
    for table in tables:
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        place = f"The table {table.name} of {where}"
        _compare(columns, set(table.columns.keys()), f"{place} has columns", f"{place} has no columns")


def _compare(found: Collection[str], known: Collection[str], too_many: str, too_few: str) -> None:
    for names, what in ((set(found) - set(known), too_many), (set(known) - set(found), too_few)):
        if names:
            raise HomeError(
                f"{what} {', '.join(sorted(names))}, and this release would not know how to move that.",
                hint="Another release or another program made it. Take what is yours elsewhere, or upgrade; nothing "
                "was changed.",
            )


def is_untouched(connection: sa.Connection, table: sa.Table) -> bool:
    """Whether a table is as the migrations leave it: empty, or counters that have counted nothing."""
    query = sa.select(sa.literal(1)).select_from(table).limit(1)
    if table is VERSIONS:
        query = query.where(VERSIONS.c.number != 0)
    return connection.execute(query).first() is None
