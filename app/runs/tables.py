"""The tables of runs that a server brings to their end."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import METADATA, Moment

SERVER_RUNS: Final = sa.Table(
    "server_runs",
    METADATA,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("caller", sa.Text, nullable=False),
    sa.Column("thread", sa.String(64)),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("reply", sa.Text),
    sa.Column("trace_id", sa.String(32), nullable=False),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("ending", sa.Text, nullable=False),
    sa.Column("accepted_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("server", sa.String(32), nullable=False),
    sa.Column("cancel_asked", sa.Boolean, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False, server_default="question"),
    sa.Index("server_runs_by_person", "person", "accepted_at"),
    sa.Index("server_runs_by_status", "status", "server"),
)

RUN_EVENTS: Final = sa.Table(
    "run_events",
    METADATA,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)

THREAD_TITLES: Final = sa.Table(
    "thread_titles",
    METADATA,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
)
"""What callers call their conversations; of one that is not here, the first question is its title."""

SERVERS: Final = sa.Table(
    "servers",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("seen_at", Moment, nullable=False),
)
"""One row for each process that works on runs."""

FEEDBACK: Final = sa.Table(
    "feedback",
    METADATA,
    sa.Column("run_id", sa.String(64), primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("corrected_sql", sa.Text),
    sa.Column("at", Moment, nullable=False),
    sa.Index("feedback_by_age", "at", "run_id"),
    sa.Index("feedback_by_person", "person", "at"),
)
"""The newest word of each caller on each of their runs."""

IDEMPOTENCY_KEYS: Final = sa.Table(
    "idempotency_keys",
    METADATA,
    sa.Column("caller", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("run_id", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("idempotency_keys_by_age", "at"),
)
