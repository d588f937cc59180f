"""What a run is of: a question, or a statement that its caller wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the kind; what is there is of questions."""
    op.add_column("server_runs", sa.Column("kind", sa.String(16), nullable=False, server_default="question"))
