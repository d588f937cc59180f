"""The tables of webhooks and of what is to be sent."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import METADATA, Moment

WEBHOOKS: Final = sa.Table(
    "webhooks",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("old_salt", sa.String(64)),
    sa.Column("old_until", Moment),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("given_up", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("subscriber", sa.Text),
    sa.Index("webhooks_by_person", "person"),
)
"""No secret is in it: each is made from the salt and a key of the home."""

WEBHOOK_NOTICES: Final = sa.Table(
    "webhook_notices",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("table_uuid", sa.String(36), nullable=False),
    sa.Column("request", sa.Integer),
    sa.Column("at", Moment, nullable=False),
    sa.Index("webhook_notices_by_age", "at"),
)
"""What happened that somebody is to be told of, until a server has found out who may know it."""

WEBHOOK_DELIVERIES: Final = sa.Table(
    "webhook_deliveries",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("webhook_id", sa.String(16), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", Moment),
    sa.Column("claim", sa.String(40)),
    sa.Column("claimed_until", Moment),
    sa.Column("status", sa.Integer),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index("webhook_deliveries_by_due", "state", "due_at"),
    sa.Index("webhook_deliveries_by_webhook", "webhook_id", "at"),
)
"""What is to be sent, and what became of it. A body holds no value of the lake."""
