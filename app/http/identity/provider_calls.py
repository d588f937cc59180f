"""Talking to an identity provider: encrypted, bounded, to no other place than the one that was named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

from townlake.domain.errors import EngineUnavailable, SettingsError
from townlake.domain.loopback import is_loopback

if TYPE_CHECKING:
    import urllib3

_LONGEST: Final = 500_000
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0


class ProviderUnavailable(EngineUnavailable):
    """The identity provider does not answer, or not as one."""


def checked_url(url: str, setting: str) -> str:
    """An address that tokens and keys may come from.

    Raises:
        SettingsError: it is not encrypted, or holds a login.

    >>> checked_url("https://id.example/keys", "jwt_keys")
    'https://id.example/keys'
    """
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
        is_safe = is_safe and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_safe = False
    if not is_safe:
        raise SettingsError(
            f"`{setting}` is no address that can be trusted.",
            hint="Write one that begins with https and holds no login; http goes to this machine only.",
        )
    return url


class ProviderCalls:
    """Asks a provider.

    Args:
        certificate: a file with the authority of its certificate, when the system does not know it.
    """

    def __init__(self, certificate: str | None = None) -> None:
        self._certificate = certificate
        self._pool: urllib3.PoolManager | None = None

    def get(self, url: str) -> dict[str, Any]:
        """The JSON object that stands at an address.

        Raises:
            ProviderUnavailable: there is none.
        """
        status, found = self._ask("GET", url, None, {})
        if status != 200 or not found:
            raise _unavailable(f"HTTP {status}")
        return found

    def post(self, url: str, form: Mapping[str, str], login: tuple[str, str] | None) -> tuple[int, dict[str, Any]]:
        """(status, JSON object) of the answer to a form.

        Raises:
            ProviderUnavailable: it does not answer, or is broken.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if login is not None:
            from urllib3.util import make_headers

            # As RFC 6749, section 2.3.1 wants it.
            headers |= make_headers(basic_auth=":".join(map(quote_plus, login)))
        status, found = self._ask("POST", url, urlencode(form), headers)
        if status >= 500 or status == 429:
            raise _unavailable(f"HTTP {status}")
        return status, found

    def _ask(self, method: str, url: str, body: str | None, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        import urllib3

        if self._pool is None:
            timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
            # The certificate is always checked; without a file, as the system knows authorities.
            self._pool = urllib3.PoolManager(timeout=timeout, retries=False, ca_certs=self._certificate)
        try:
            answer = self._pool.request(
                method,
                url,
                body=body,
                headers={"Accept": "application/json", **headers},
                redirect=False,
                preload_content=False,
            )
            try:
                text = answer.read(_LONGEST + 1, decode_content=True)
            finally:
                answer.close()
        # Errors of sockets, of TLS and of urllib3 itself.
        except Exception as error:
            raise _unavailable(type(error).__name__) from None
        return answer.status, _object(text)


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _unavailable(detail: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        "The identity provider does not answer, so nobody's token can be verified.",
        code="IDENTITY_UNAVAILABLE",
        detail=detail,
        hint="Try again; if it stays so, the operator checks the settings of identity.",
    )
