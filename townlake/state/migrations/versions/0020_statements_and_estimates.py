"""Under which statement an entry of the audit is filed, and how many calls of models are counted by an estimate."""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_BATCH = 2_000
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def upgrade() -> None:
    """Add the columns, and file what is there."""
    op.add_column("audit", sa.Column("query_id", sa.String(64)))
    connection, seq, entry = op.get_bind(), sa.column("seq", sa.Integer), sa.column("entry", sa.Text)
    audit = sa.table("audit", seq, entry, sa.column("query_id"))
    filing = sa.update(audit).where(seq == sa.bindparam("at")).values(query_id=sa.bindparam("found"))
    newer = sa.select(seq, entry).where(seq > sa.bindparam("after")).order_by(seq).limit(_BATCH)
    after = -1
    while rows := connection.execute(newer, {"after": after}).all():
        after = rows[-1].seq
        filed = [{"at": row.seq, "found": found} for row in rows if (found := _query_id(row.entry)) is not None]
        if filed:
            connection.execute(filing, filed)
    op.create_index("audit_by_statement", "audit", ["query_id", "seq"])
    op.add_column("model_uses", sa.Column("estimated_calls", sa.BigInteger, nullable=False, server_default="0"))


def _query_id(text: str) -> str | None:
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = entry.get("query_id") if isinstance(entry, dict) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else None
