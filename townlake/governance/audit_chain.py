"""The arithmetic of the audit's chain: keys, canonical text, the link between two entries, the signed head."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from townlake.domain.errors import AuditUnavailable

GENESIS: Final = "0" * 64
"""Stands where the first entry has no predecessor."""

_KEY_BYTES: Final = 32
_STATEMENT: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


class ChainKey:
    """The key of a home's audit. Links, heads and tokens each use a key of their own, derived from it."""

    def __init__(self, key: bytes) -> None:
        self._link, self._head, self._token, self._sample = (
            hmac.digest(key, purpose, hashlib.sha256) for purpose in (b"link", b"head", b"token", b"sample")
        )

    def link(self, previous: str, entry: str) -> str:
        """The code of an entry: it depends on every entry before it."""
        return hmac.digest(self._link, f"{previous}\n{entry}".encode(), hashlib.sha256).hex()

    def sign_head(self, seq: int, mac: str) -> str:
        """The signature that the chain ends here."""
        return hmac.digest(self._head, f"{seq}\n{mac}".encode("ascii"), hashlib.sha256).hex()

    def token(self, literal: str) -> str:
        """A stand-in for a literal: equal ones look equal, and without the key nobody can try them all."""
        return "~" + hmac.digest(self._token, literal.encode("utf-8", "backslashreplace"), hashlib.sha256).hex()[:10]

    def sample_salt(self, table_uuid: str) -> bytes:
        """By what rows and values of a table are chosen: always the same, and nobody without the key can know them."""
        return hmac.digest(self._sample, table_uuid.encode(), hashlib.sha256)


def canonical(entry: Mapping[str, Any]) -> str:
    """The one text of an entry: equal entries give equal text.

    >>> canonical({"b": 1, "a": None})
    '{"a":null,"b":1}'
    """
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def filed_under(query_id: object) -> str | None:
    """The statement under which an entry is found again; None for what is not the id of one.

    >>> filed_under("0123456789abcdef"), filed_under("a b"), filed_under(None)
    ('0123456789abcdef', None, None)
    """
    return query_id if isinstance(query_id, str) and _STATEMENT.fullmatch(query_id) else None


def load_key(path: Path, *, may_create: bool) -> ChainKey:
    """Read the key file, which only its owner may read; make it when there is nothing to continue.

    Raises:
        AuditUnavailable: it is missing although there are entries, unreadable, or not a key.
    """
    try:
        if may_create and not path.exists():
            _create(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError as error:
        raise AuditUnavailable(
            f"The key of the audit, {path.name}, is missing, so the chain cannot be continued.",
            hint="Put it back from a copy of the home.",
        ) from error
    except (OSError, ValueError) as error:
        raise AuditUnavailable(
            f"The key of the audit, {path.name}, cannot be read.", hint="Put it back from a copy of the home."
        ) from error
    if len(key) != _KEY_BYTES:
        raise AuditUnavailable(
            f"The key of the audit, {path.name}, has a wrong length.", hint="Put it back from a copy of the home."
        )
    return ChainKey(key)


def _create(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link never replaces: of two commands that start at once, both then read the key of the first.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
