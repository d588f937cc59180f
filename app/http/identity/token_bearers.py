"""People and services that prove themselves with a token: their own, or one that a trusted proxy sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import Request

from app.http.identity.authorization import credential_of
from app.http.identity.claims import ClaimNames, identity_in
from app.http.identity.refusals import Fault, unproven

if TYPE_CHECKING:
    from app.http.identity.identity import Identity
    from app.http.identity.tokens import TokenRules

Remember = Callable[["Identity", str, float], None]
"""Takes whom a token proved, the token, and until when it holds, in seconds since 1970."""


def forget(_identity: Identity, _token: str, _until: float) -> None:
    """Remember nothing."""


class TokenBearers:
    """Knows whom a verified token names.

    Args:
        rules: what a token must be.
        names: which claims name somebody.
        remember: is given each token that holds.
    """

    def __init__(self, rules: TokenRules, names: ClaimNames, remember: Remember = forget) -> None:
        self._rules = rules
        self._names = names
        self._remember = remember

    def identify(self, request: Request) -> Identity | None:
        """Whom the token in `Authorization: Bearer ...` names; None where there is none.

        Raises:
            Refusal: the token proves nobody.
        """
        token = credential_of(request)
        return None if token is None else self.named_by(token)

    def named_by(self, token: str) -> Identity:
        """Whom a token names.

        Raises:
            Refusal: it proves nobody.
        """
        claims: dict[str, Any] = self._rules.verify(token)
        found = identity_in(claims, self._names)
        self._remember(found, token, float(claims["exp"]))
        return found


class BehindProxy:
    """Knows whom the token names that a trusted proxy sets in a header of its own.

    That the header is there proves nothing: the signature does.
    """

    def __init__(self, header: str, tokens: TokenBearers) -> None:
        self._header = header
        self._tokens = tokens

    def identify(self, request: Request) -> Identity | None:
        """The caller; None where the header is not there.

        Raises:
            Refusal: the token proves nobody, or there are several.
        """
        given = request.headers.getlist(self._header)
        if len(given) > 1:
            raise unproven(Fault.NO_PROOF, f"There are several headers `{self._header}`.", "The proxy must set one.")
        return self._tokens.named_by(given[0].strip()) if given else None


class NoTokens:
    """Refuses what nobody here can verify, instead of passing it over."""

    def identify(self, request: Request) -> None:
        """Nobody.

        Raises:
            Refusal: there is something in `Authorization`.
        """
        if credential_of(request) is not None:
            raise unproven(
                Fault.NOT_TAKEN, "No tokens are taken here.", "Send a key, or have `jwt_issuer` and `jwt_audience` set."
            )
