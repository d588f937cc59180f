"""The header in which a caller brings a key or a token."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from app.http.identity.refusals import Fault, unproven

_SCHEME: Final = "bearer"


def credential_of(request: Request) -> str | None:
    """What stands in `Authorization: Bearer ...`; None where there is no such header.

    Raises:
        Refusal: there are several, or one of another scheme.
    """
    given = request.headers.getlist("authorization")
    if not given:
        return None
    scheme, _, credential = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != _SCHEME or not credential.strip():
        raise unproven(
            Fault.NO_PROOF, "The header `Authorization` holds no key and no token.", "Send one `Bearer ...` in it."
        )
    return credential.strip()
