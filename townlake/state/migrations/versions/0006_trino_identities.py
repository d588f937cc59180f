"""Under which names callers run statements in Trino."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "trino_identities",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("until", sa.String(32), nullable=False),
    )
