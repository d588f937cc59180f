"""The tables that the catalog keeps in the state database."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import METADATA, Moment

TABLE_DESCRIPTIONS: Final = sa.Table(
    "table_descriptions",
    METADATA,
    sa.Column("table_uuid", sa.String(36), primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
)

LINEAGE: Final = sa.Table(
    "lineage",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_table", sa.Text, nullable=False),
    sa.Column("source_column", sa.Text, nullable=False),
    sa.Column("target_table", sa.Text, nullable=False),
    sa.Column("target_column", sa.Text, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.UniqueConstraint("source_table", "source_column", "target_table", "target_column", "kind", name="lineage_once"),
    sa.Index("lineage_by_target", "target_table"),
)

LAKE_PROPERTIES: Final = sa.Table(
    "lake_properties",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

FEDERATED_TABLES: Final = sa.Table(
    "federated_tables",
    METADATA,
    sa.Column("catalog_name", sa.Text, primary_key=True),
    sa.Column("schema_name", sa.Text, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("columns", sa.Text, nullable=False),
    sa.Column("harvested_at", Moment, nullable=False),
)
