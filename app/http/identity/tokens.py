"""Verifying a token: who signed it, how, for whom, and until when (RFC 7519, RFC 8725)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.http.identity.key_set import KINDS, KeySet
from app.http.identity.refusals import Fault, unproven

if TYPE_CHECKING:
    from app.http.problems import Refusal

LEEWAY_SECONDS: Final = 60
"""How far the clocks of issuer and server may be apart."""
_LONGEST: Final = 32_000
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt", "application/jwt"})
"""What a token may say that it is: not one that tells of a logout or proves a key."""
_ANOTHER: Final = "Get a new one from your identity provider, and send that."


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must be.

    Attributes:
        issuer: its `iss`.
        audiences: one of them must be in its `aud`.
        keys: those of the issuer.
        max_age_seconds: how long ago it may have been issued, however long it says that it lives.
    """

    issuer: str
    audiences: frozenset[str]
    keys: KeySet
    max_age_seconds: float

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a token.

        Raises:
            Refusal: it proves nothing; the kind of fault is told, nothing of its content.
            SkipperError: the keys cannot be had.
        """
        import jwt

        algorithm, kid = _header(token)
        key = self.keys.key(kid, algorithm)
        if key is None:
            raise unproven(Fault.UNKNOWN_SIGNER, "Nobody known has signed the token.", _ANOTHER)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self.audiences,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise _refusal(error) from None
        if time.time() - float(claims["iat"]) > self.max_age_seconds + LEEWAY_SECONDS:
            raise unproven(Fault.TOO_OLD, "The token was issued too long ago.", _ANOTHER)
        return claims


def _header(token: str) -> tuple[str, str]:
    """(algorithm, id of the key), both checked before anything is looked up for them."""
    header = _read_header(token)
    if header is None:
        raise unproven(Fault.MALFORMED, "This is no signed token.", "Send a JSON Web Token, whole.")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in KINDS:
        raise unproven(Fault.ALGORITHM, "The token is not signed as it must be.", f"Sign with {', '.join(KINDS)}.")
    if "crit" in header:
        raise unproven(Fault.CRITICAL, "The token asks for what is not understood here.", "Issue it without `crit`.")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise unproven(Fault.MALFORMED, "The token is of a kind for something else.", _ANOTHER)
    if not isinstance(kid, str):
        raise unproven(Fault.UNKNOWN_SIGNER, "The token does not name its key.", "Issue it with `kid`.")
    return algorithm, kid


def _read_header(token: str) -> Mapping[str, Any] | None:
    parts = token.split(".") if len(token) <= _LONGEST else ()
    if len(parts) != 3:
        return None
    try:
        header = json.loads(base64.b64decode(parts[0] + "=" * (-len(parts[0]) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def _refusal(error: Exception) -> Refusal:
    import jwt

    told: tuple[tuple[type[Exception], Fault, str], ...] = (
        (jwt.ExpiredSignatureError, Fault.EXPIRED, "The token has expired."),
        (jwt.InvalidAudienceError, Fault.AUDIENCE, "The token was issued for another service."),
        (jwt.InvalidIssuerError, Fault.ISSUER, "The token was issued by somebody else."),
        (jwt.ImmatureSignatureError, Fault.NOT_YET, "The token does not hold yet."),
        (jwt.MissingRequiredClaimError, Fault.CLAIM, "The token lacks one of `iss`, `aud`, `exp` and `iat`."),
        (jwt.InvalidSignatureError, Fault.SIGNATURE, "The token was not signed by who it says."),
        (Exception, Fault.MALFORMED, "The token cannot be read."),
    )
    fault, message = next((fault, message) for kind, fault, message in told if isinstance(error, kind))
    return unproven(fault, message, _ANOTHER)
