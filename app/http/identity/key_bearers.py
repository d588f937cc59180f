"""Services that prove themselves with a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import Request

from app.http.identity.authorization import credential_of
from app.http.identity.identity import Identity
from app.http.identity.key_form import PREFIX, read_key
from app.http.identity.keys import ApiKeys
from app.http.identity.refusals import Fault, unproven


class KeyBearers:
    """Knows a service by the key in `Authorization: Bearer sk_...`.

    Args:
        keys: the registry.
        clock: the time.
    """

    def __init__(self, keys: ApiKeys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock

    def identify(self, request: Request) -> Identity | None:
        """The service; None where the request brings no key.

        Raises:
            Refusal: the key opens nothing.
        """
        text = _key_in(request)
        if text is None:
            return None
        key = read_key(text)
        found = None if key is None else self._keys.proven(key)
        if found is None:
            raise unproven(Fault.UNKNOWN_KEY, "The key is not known.", "Send it whole, as it was shown once.")
        if found.revoked_at is not None:
            raise unproven(Fault.REVOKED_KEY, "The key was revoked.", f"Ask {found.owner} for the new one.")
        if not found.holds(self._clock()):
            raise unproven(Fault.EXPIRED_KEY, "The key has ended.", f"Ask {found.owner} for a new one.")
        self._keys.note_use(found)
        return Identity(found.principal, found.scopes)


def _key_in(request: Request) -> str | None:
    if not any(
        value.partition(" ")[2].strip().startswith(PREFIX) for value in request.headers.getlist("authorization")
    ):
        return None
    return credential_of(request)
