"""Which addresses are this machine's own: what goes there needs no proxy, and leaves no wire."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The hosts in such addresses."""


def is_loopback(url: str) -> bool:
    """Whether an address names this machine.

    >>> is_loopback("http://localhost:8181/api"), is_loopback("https://catalog.example")
    (True, False)
    """
    return urlsplit(url).hostname in LOOPBACK
