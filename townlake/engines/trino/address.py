"""What an address says, before anything is sent there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from townlake.domain.loopback import is_loopback

if TYPE_CHECKING:
    import requests


def split_address(url: str) -> SplitResult | None:
    """The parts of an http or https address; None of a text that is none, or one that holds a login.

    >>> split_address("https://trino.example:8443").port
    8443
    >>> [split_address(text) for text in ("https://[", "https://x:99999", "trino.example", "https://ann:pw@x")]
    [None, None, None, None]
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    is_plain = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None
    return parts if is_plain and parts.password is None else None


def prepare(session: requests.Session, url: str, certificate: str | None) -> None:
    """Have a session believe the authority in the file, or those of the system, and pass by no proxy on this machine.

    Args:
        session: a new one.
        url: where it will ask.
        certificate: a file with the authority of the server's certificate.
    """
    if certificate is not None:
        # Else a variable of the environment could name other authorities to believe.
        session.trust_env, session.verify = False, certificate
    elif split_address(url) is not None and is_loopback(url):
        session.trust_env = False
