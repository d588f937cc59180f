"""What the state database keeps of keys and sessions. No secret is in it, only what proves one."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import METADATA, Moment

API_KEYS: Final = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("service", sa.String(128), nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("member_of", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Column("used_at", Moment),
    sa.Column("revoked_at", Moment),
    sa.Index("api_keys_by_service", "service"),
)

SESSIONS: Final = sa.Table(
    "sessions",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("caller", sa.Text, nullable=False),
    sa.Column("begun_at", Moment, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Index("sessions_by_end", "until"),
)
"""Who has signed in, by the digest of what their browser holds."""

SIGN_INS: Final = sa.Table(
    "sign_ins",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("browser", sa.String(64), nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),
    sa.Index("sign_ins_by_end", "until"),
)
"""Who was sent to the identity provider and has not come back."""
