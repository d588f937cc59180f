"""The tables of what callers save."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from townlake.state.schema import METADATA, Moment

SAVED: Final = sa.Table(
    "saved",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("reach", sa.String(16), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("saved_by_person", "person", "kind", "created_at"),
    sa.Index("saved_by_reach", "reach", "kind", "created_at"),
)
"""One row for each question and dashboard; the content is a value of its kind as JSON."""

SAVED_GROUPS: Final = sa.Table(
    "saved_groups",
    METADATA,
    sa.Column("saved_id", sa.String(16), primary_key=True),
    sa.Column("member_of", sa.String(128), primary_key=True),
    sa.Index("saved_groups_by_group", "member_of"),
)
"""Which groups find what is shared with groups."""
