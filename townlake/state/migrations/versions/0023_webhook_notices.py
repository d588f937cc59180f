"""Whose webhooks are told of reviews and requests, and what they are to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Create the table; webhooks from before are told of runs, as they were."""
    op.add_column("webhooks", sa.Column("subscriber", sa.Text))
    op.create_table(
        "webhook_notices",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("table_uuid", sa.String(36), nullable=False),
        sa.Column("request", sa.Integer),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("webhook_notices_by_age", "webhook_notices", ["at"])
