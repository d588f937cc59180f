"""How fast a caller may send requests, to all servers together."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "paces",
        sa.Column("who", sa.String(64), primary_key=True),
        sa.Column("requests", sa.Float, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("paces_by_age", "paces", ["at"])
