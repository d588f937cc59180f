"""What the tables of the state database have in common: one metadata object, one way to keep a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()
"""Every room defines its own tables on it; a test holds it equal to the migrations."""


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, kept as text that sorts: SQLite would drop the time zone."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        """Refuse a moment without a time zone; it could mean anything."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:
        """Give the moment back with its time zone."""
        return None if value is None else datetime.fromisoformat(value)


VERSIONS: Final = sa.Table(
    "versions",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)
