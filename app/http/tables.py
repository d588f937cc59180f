"""The table of requests that were answered."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import METADATA, Moment

ANSWERED_REQUESTS: Final = sa.Table(
    "answered_requests",
    METADATA,
    sa.Column("caller", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("at", Moment, nullable=False),
    sa.Index("answered_requests_by_age", "at"),
)
"""By caller and Idempotency-Key; without an answer as long as it is being worked on, and when its server died."""

PACES: Final = sa.Table(
    "paces",
    METADATA,
    sa.Column("who", sa.String(64), primary_key=True),
    sa.Column("requests", sa.Float, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("paces_by_age", "at"),
)
"""How many requests a caller could send at a moment, by a digest of their name; whoever is not there, all of them."""
