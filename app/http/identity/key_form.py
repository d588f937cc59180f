"""How a key is written: `sk_<id>_<secret>`. The id names it, the secret proves it."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final, NamedTuple

PREFIX: Final = "sk_"
"""What all keys begin with, so that a scan for secrets finds one that went astray."""
KEY_ID: Final = re.compile(r"[0-9a-f]{12}")
_FORM: Final = re.compile(r"sk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_ID_BYTES, _SECRET_BYTES = 6, 32


class Key(NamedTuple):
    """A key in two parts."""

    id: str
    secret: str

    @property
    def digest(self) -> str:
        """What is kept of the secret: of 256 random bits nothing slower than SHA-256 is needed."""
        return digest_of(self.secret)


def digest_of(secret: str) -> str:
    """SHA-256 of a random secret, in hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_key() -> Key:
    """A key that nobody has."""
    return Key(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES))


def write_key(key: Key) -> str:
    """The key as its service sends it.

    >>> write_key(Key("0123456789ab", "x" * 43))[:20]
    'sk_0123456789ab_xxxx'
    """
    return f"{PREFIX}{key.id}_{key.secret}"


def read_key(text: str) -> Key | None:
    """The parts of a key; None for what is none.

    >>> read_key("sk_0123456789ab_half") is None
    True
    """
    found = _FORM.fullmatch(text)
    return None if found is None else Key(found[1], found[2])
