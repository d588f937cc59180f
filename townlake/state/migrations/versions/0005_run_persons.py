"""Whom a run was for, in a column of its own: a service keeps the runs of the people it acts for apart."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column. Until now nobody acted for another."""
    op.add_column("runs", sa.Column("person", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE runs SET person = subject")
    op.drop_index("runs_by_subject", "runs")
    op.create_index("runs_by_person", "runs", ["person", "asked_at"])
