"""What Skimmer scanned and found: which state of each table, what in each column, and how its values looked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "scans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run", sa.String(16), nullable=False),
        sa.Column("table_uuid", sa.String(36), nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("snapshot_id", sa.BigInteger),
        sa.Column("sequence_number", sa.BigInteger),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("taxonomy", sa.Integer, nullable=False),
        sa.Column("rows_seen", sa.BigInteger, nullable=False),
        sa.Column("rows_read", sa.BigInteger, nullable=False),
        sa.Column("files_read", sa.Integer, nullable=False),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("scans_by_table", "scans", ["table_uuid", "id"])
    op.create_table(
        "scan_findings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scan_id", sa.Integer, nullable=False),
        sa.Column("table_uuid", sa.String(36), nullable=False),
        sa.Column("field_id", sa.Integer, nullable=False),
        sa.Column("column_name", sa.Text, nullable=False),
        sa.Column("column_type", sa.Text, nullable=False),
        sa.Column("finding", sa.Text, nullable=False),
        sa.Column("sketch", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("scan_findings_by_column", "scan_findings", ["table_uuid", "field_id", "id"])
    op.create_table(
        "scan_runs",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("wanted", sa.Text, nullable=False),
        sa.Column("began_at", sa.String(32), nullable=False),
        sa.Column("ended_at", sa.String(32)),
    )
