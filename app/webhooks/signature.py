"""Signatures as Standard Webhooks wants them: HMAC-SHA256 over id, moment and body."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final

from townlake.domain.errors import HomeError

_KEY_BYTES: Final = 32
_PREFIX: Final = "whsec_"


class SecretKey:
    """The key of a home from which all secrets are made, so that the state database alone forges no message.

    Args:
        path: its file, which only its owner may read; made when it is first needed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def secret(self, webhook_id: str, salt: str) -> bytes:
        """The secret of a webhook.

        Raises:
            HomeError: the key cannot be read or made.
        """
        return hmac.digest(self._key, f"webhook/{webhook_id}/{salt}".encode(), "sha256")

    @cached_property
    def _key(self) -> bytes:
        try:
            if not self._path.exists():
                self._make()
            key = bytes.fromhex(self._path.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            key = b""
        if len(key) != _KEY_BYTES:
            raise HomeError(
                f"The key of webhooks, {self._path.name}, cannot be used.", hint="Put it back from a copy of the home."
            )
        return key

    def _make(self) -> None:
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(_KEY_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
            # Of two servers that make one at the same time, the first one's holds.
            os.link(draft, self._path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)


def shown(secret: bytes) -> str:
    """A secret as its owner is told it.

    >>> shown(b"0" * 32)
    'whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA='
    """
    return _PREFIX + base64.b64encode(secret).decode()


def signature(secrets_: Iterable[bytes], message_id: str, moment: int, body: bytes) -> str:
    """What `webhook-signature` says: one signature for each secret, so that one can be changed for another.

    Args:
        secrets_: the newest first.
        message_id: without a dot in it.
        moment: of this try, in seconds since 1970.
        body: as it goes out.
    """
    signed = f"{message_id}.{moment}.".encode() + body
    return " ".join("v1," + base64.b64encode(hmac.digest(each, signed, "sha256")).decode() for each in secrets_)
