"""Descriptions of tables, lineage, and what the lake says of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    op.execute("INSERT INTO versions (name, number) VALUES ('catalog', 0)")
    op.create_table(
        "table_descriptions",
        sa.Column("table_uuid", sa.String(36), primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
    )
    op.create_table(
        "lineage",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source_table", sa.Text, nullable=False),
        sa.Column("source_column", sa.Text, nullable=False),
        sa.Column("target_table", sa.Text, nullable=False),
        sa.Column("target_column", sa.Text, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.UniqueConstraint(
            "source_table", "source_column", "target_table", "target_column", "kind", name="lineage_once"
        ),
    )
    op.create_index("lineage_by_target", "lineage", ["target_table"])
    op.create_table(
        "lake_properties",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
