"""What a run cost, in a column of its own: the budget of a day is one sum."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    op.add_column("runs", sa.Column("cost_usd", sa.Float, nullable=False, server_default="0"))
