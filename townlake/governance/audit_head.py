"""The newest signed end of the audit's chain, kept in a file beside the key.

Who puts the database back to an older state, or cuts entries off, leaves a file that knows better.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa

from townlake.domain.errors import AuditUnavailable
from townlake.governance.audit_chain import GENESIS, ChainKey
from townlake.governance.tables import AUDIT, AUDIT_HEAD

HEAD_FILE: Final = "audit.head"
BREAK: Final = "break"
"""The kind of an entry that tells for ever that the end had been changed before the chain was continued."""


class Head(NamedTuple):
    """An end that the chain has or once had."""

    seq: int
    mac: str


START: Final = Head(0, GENESIS)


def published(path: Path, key: ChainKey) -> Head | None:
    """The end that the file tells; None when it is missing or not signed with this key."""
    try:
        found = json.loads(path.read_text(encoding="ascii"))
        head = Head(int(found["seq"]), str(found["mac"]))
        signed = found["signature"] == key.sign_head(*head)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return head if signed else None


def last_entry(connection: sa.Connection) -> Head:
    """The end of the entries themselves."""
    found = connection.execute(sa.select(AUDIT.c.seq, AUDIT.c.mac).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    return Head(found.seq, found.mac) if found else START


def fault_of(connection: sa.Connection, key: ChainKey, told: Head | None) -> str | None:
    """What is wrong with the end of the chain, in words; None when it may be continued.

    Args:
        connection: to the database, in the transaction that will add an entry.
        key: of the chain.
        told: what the file says.
    """
    end = last_entry(connection)
    kept = connection.execute(sa.select(AUDIT_HEAD)).first()
    as_signed = kept is not None and (kept.seq, kept.mac, kept.signature) == (*end, key.sign_head(*end))
    if not as_signed and (kept is not None or end != START):
        return "its last entry was not the signed end"
    if told is None:
        return f"{HEAD_FILE} was missing or not signed with this key"
    if told.seq > end.seq:
        return f"it had {told.seq} entries once and only {end.seq} were left"
    if told != START and _mac_at(connection, told.seq) != told.mac:
        return f"entry {told.seq} was not the one that was signed"
    return None


def _mac_at(connection: sa.Connection, seq: int) -> str | None:
    return connection.execute(sa.select(AUDIT.c.mac).where(AUDIT.c.seq == seq)).scalar()


class Draft:
    """A head on its way into the file: on the disk before the change is, in its place after it."""

    def __init__(self, path: Path, key: ChainKey, head: Head) -> None:
        self._path = path
        self._draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        text = json.dumps({"seq": head.seq, "mac": head.mac, "signature": key.sign_head(*head)})
        try:
            with self._draft.open("w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.drop()
            raise _unwritable(error) from error

    def publish(self) -> None:
        """Put it in place.

        Raises:
            AuditUnavailable: it cannot be; the file is then behind the chain, which is no fault of the chain.
        """
        try:
            self._draft.replace(self._path)
        except OSError as error:
            self.drop()
            raise _unwritable(error) from error

    def drop(self) -> None:
        """Forget it."""
        self._draft.unlink(missing_ok=True)


def _unwritable(error: OSError) -> AuditUnavailable:
    return AuditUnavailable(
        f"The head of the audit, {HEAD_FILE}, cannot be written: {error.strerror}.",
        hint="Check the disk and the rights of the home.",
    )
