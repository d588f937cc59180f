"""Runs that a server was asked for, what they told, and the servers that work on them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "server_runs",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("thread", sa.String(64)),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("accepted_at", sa.String(32), nullable=False),
        sa.Column("ended_at", sa.String(32)),
        sa.Column("server", sa.String(32), nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
    )
    op.create_index("server_runs_by_person", "server_runs", ["person", "accepted_at"])
    op.create_index("server_runs_by_status", "server_runs", ["status", "server"])
    op.create_table(
        "run_events",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_table(
        "servers",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("seen_at", sa.String(32), nullable=False),
    )
