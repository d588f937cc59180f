"""Who asked for a review, exactly, what a person answered, and which answers a repeated request gets again."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the columns and the table. A request of before is one of a person."""
    op.add_column("review_requests", sa.Column("kind", sa.String(16)))
    op.add_column("review_requests", sa.Column("behalf", sa.Text))
    op.add_column("review_requests", sa.Column("word", sa.Text))
    op.add_column("review_requests", sa.Column("answered_by", sa.Text))
    op.create_table(
        "answered_requests",
        sa.Column("caller", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_index("answered_requests_by_age", "answered_requests", ["at"])
    if op.get_bind().dialect.name == "sqlite":
        # Else the number of what was taken away is given again, and whoever takes it away twice hits another one.
        for name in ("grants", "row_filters"):
            with op.batch_alter_table(name, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
                pass
