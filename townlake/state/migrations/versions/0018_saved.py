"""Questions and dashboards that callers save."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "saved",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("reach", sa.String(16), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("saved_by_person", "saved", ["person", "kind", "created_at"])
    op.create_index("saved_by_reach", "saved", ["reach", "kind", "created_at"])
    op.create_table(
        "saved_groups",
        sa.Column("saved_id", sa.String(16), primary_key=True),
        sa.Column("member_of", sa.String(128), primary_key=True),
    )
    op.create_index("saved_groups_by_group", "saved_groups", ["member_of"])
