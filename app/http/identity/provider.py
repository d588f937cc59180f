"""What an identity provider says of itself (OpenID Connect Discovery 1.0), and where its keys stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from app.http.identity.key_set import FRESH_SECONDS, KeySet, read_file
from app.http.identity.provider_calls import ProviderCalls, ProviderUnavailable, checked_url

_DISCOVERY: Final = "/.well-known/openid-configuration"


class Provider:
    """A provider. It is asked when it is first needed, so that a server starts without it.

    Args:
        calls: asks it.
        issuer: what it calls itself.
        clock: seconds that only grow.
    """

    def __init__(self, calls: ProviderCalls, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = checked_url(issuer, "oidc_issuer")
        self._calls = calls
        self._clock = clock
        self._found: Mapping[str, Any] = {}
        self._found_at = 0.0
        self.keys = KeySet(lambda: calls.get(self.place("jwks_uri")))

    def place(self, name: str) -> str:
        """An address that it names, such as `token_endpoint`.

        Raises:
            ProviderUnavailable: it does not answer, answers for another one, or names none that can be trusted.
        """
        if not self._found or self._clock() - self._found_at >= FRESH_SECONDS:
            found = self._calls.get(self.issuer.rstrip("/") + _DISCOVERY)
            if found.get("issuer") != self.issuer:
                raise ProviderUnavailable(
                    "The identity provider goes by another name than the settings say.",
                    code="IDENTITY_ISSUER",
                    hint="The setting must be exactly what it calls itself, with or without a slash at the end.",
                )
            self._found, self._found_at = found, self._clock()
        return checked_url(str(self._found.get(name)), "oidc_issuer")


def keys_at(calls: ProviderCalls, place: str) -> KeySet:
    """The keys at an address or in a file.

    Raises:
        SettingsError: the address cannot be trusted, or the file not be read.
    """
    if "://" in place:
        url = checked_url(place, "jwt_keys")
        return KeySet(lambda: calls.get(url))
    path = Path(place).expanduser()
    # What is wrong with it is told when the server starts.
    read_file(path)
    return KeySet(lambda: read_file(path))
