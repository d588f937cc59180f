"""What models and statements took, by day and by question, and what is held of a day for calls that run."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the tables, and what sums over runs need. Of earlier runs neither seconds nor tokens are known."""
    op.create_table(
        "model_uses",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("model", sa.String(255), primary_key=True),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("input_tokens", sa.BigInteger, nullable=False),
        sa.Column("output_tokens", sa.BigInteger, nullable=False),
        sa.Column("micro_usd", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "model_holds",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
        sa.Column("micro_usd", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("model_holds_by_account", "model_holds", ["day", "kind", "subject"])
    op.create_table(
        "statement_uses",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("statements", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("milliseconds", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "run_reads",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("statements", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("milliseconds", sa.BigInteger, nullable=False),
    )
    op.create_index("run_reads_by_size", "run_reads", ["bytes"])
    op.create_index("run_reads_by_account", "run_reads", ["kind", "subject", "bytes"])
    op.add_column("runs", sa.Column("seconds", sa.Float, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("tokens", sa.BigInteger, nullable=False, server_default="0"))
    op.drop_index("runs_by_person", "runs")
    # Sums read the indexes alone: the records beside them are long.
    summed = ["subject", "status", "cost_usd", "seconds", "tokens", "run_id"]
    op.create_index("runs_by_person", "runs", ["person", "asked_at", *summed])
    op.create_index("runs_by_time", "runs", ["asked_at", "person", *summed])
    op.create_index("feedback_by_age", "feedback", ["at", "run_id"])
    op.create_index("feedback_by_person", "feedback", ["person", "at"])
    op.create_table(
        "question_uses",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("questions", sa.BigInteger, nullable=False),
        sa.Column("answered", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
    )
    op.create_index("question_uses_by_day", "question_uses", ["day"])
    for person, subject, by in (("person", "subject", "person, subject, "), ("''", "''", "")):
        op.execute(
            f"""
            INSERT INTO question_uses (person, subject, day, questions, answered, failed)
            SELECT {person}, {subject}, substr(asked_at, 1, 10), count(*),
                sum(CASE WHEN status IN ('answered', 'no_rows', 'drafted') THEN 1 ELSE 0 END),
                sum(CASE WHEN status IN ('failed', 'refused') THEN 1 ELSE 0 END)
            FROM runs WHERE status <> 'scan' GROUP BY {by}substr(asked_at, 1, 10)
            """  # noqa: S608
        )
