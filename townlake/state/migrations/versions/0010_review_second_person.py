"""Decisions that wait for a second person, what each was made on, disputes, answers to askers, and incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table of incidents and add the columns."""
    op.add_column("reviews", sa.Column("first", sa.Text))
    op.add_column("reviews", sa.Column("told", sa.Text, nullable=False, server_default=""))
    op.add_column("reviews", sa.Column("labelled_by", sa.Text, nullable=False, server_default=""))
    op.add_column("reviews", sa.Column("co_reviewers", sa.Text, nullable=False, server_default="[]"))
    op.add_column("review_history", sa.Column("how", sa.String(16), nullable=False, server_default=""))
    op.add_column("review_history", sa.Column("wanted", sa.String(16)))
    op.add_column("review_history", sa.Column("classification", sa.Text))
    op.add_column("review_requests", sa.Column("field_id", sa.Integer))
    op.add_column("review_requests", sa.Column("column_name", sa.Text))
    op.add_column("review_requests", sa.Column("seen_at", sa.String(32)))
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("table_uuid", sa.String(36), nullable=False),
        sa.Column("field_id", sa.Integer, nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("column_name", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("closed_at", sa.String(32)),
        sa.Column("closed_by", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
    )
    op.create_index("incidents_by_column", "incidents", ["table_uuid", "field_id"])
