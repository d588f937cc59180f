"""What callers may take, what they took of a day, and what was approved beyond that."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "allowances",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.UniqueConstraint("kind", "name", name="allowances_once"),
    )
    op.create_table(
        "day_uses",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("milliseconds", sa.BigInteger, nullable=False),
        sa.Column("held_bytes", sa.BigInteger, nullable=False),
        sa.Column("held_milliseconds", sa.BigInteger, nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("tables", sa.Text, nullable=False),
        sa.Column("codes", sa.Text, nullable=False),
        sa.Column("estimate", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("until", sa.String(32), nullable=False),
        sa.Column("runs_left", sa.Integer, nullable=False),
        sa.Column("bounds", sa.Text, nullable=False),
        # The audit names requests by number: none is given twice.
        sqlite_autoincrement=True,
    )
    op.create_index("approvals_by_digest", "approvals", ["digest", "id"])
