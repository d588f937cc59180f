"""Signing in at an identity provider: OpenID Connect, code flow with PKCE (RFC 6749, 7636, 9207)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from app.http.identity.claims import ClaimNames, identity_in
from app.http.identity.identity import Identity
from app.http.identity.provider import Provider
from app.http.identity.provider_calls import ProviderCalls
from app.http.identity.sessions import Begun, Sessions
from app.http.identity.token_bearers import Remember
from app.http.identity.tokens import TokenRules
from app.http.problems import Refusal
from townlake.domain.principal import PrincipalKind

_TARGET: Final = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f]{0,1000}")
_WORD: Final = re.compile(r"[a-z_]{1,40}")
_AGAIN: Final = "Sign in again: /auth/login."


@dataclass(frozen=True, slots=True)
class Client:
    """Skipper as the provider knows it."""

    issuer: str
    id: str
    secret: str | None = field(repr=False)
    scope: str
    callback: str
    """Where browsers come back to."""


class SignIn:
    """The flow.

    Args:
        client: Skipper at the provider.
        calls: asks the provider.
        provider: where to.
        rules: what its identity tokens must be.
        names: which claims name somebody.
        sessions: where it leads to.
        remember: is given the access token of whoever signs in.
    """

    def __init__(
        self,
        client: Client,
        calls: ProviderCalls,
        provider: Provider,
        rules: TokenRules,
        names: ClaimNames,
        sessions: Sessions,
        remember: Remember,
    ) -> None:
        self._client = client
        self._calls = calls
        self._provider = provider
        self._rules = rules
        self._names = names
        self._sessions = sessions
        self._remember = remember

    def begin(self, target: str) -> tuple[str, str]:
        """(where to send the browser, what it holds until it comes back).

        Raises:
            Refusal: the target is no page of the server, or too many are on their way.
            ProviderUnavailable: it does not answer.
        """
        if not _TARGET.fullmatch(target):
            raise Refusal(400, "`to` is no page of this server.", hint="Give a path such as /.")
        place = self._provider.place("authorization_endpoint")
        begun = self._sessions.begin_sign_in(target)
        wanted = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self._client.callback,
            "scope": self._client.scope,
            "state": begun.state,
            "nonce": _derived("nonce", begun),
            "code_challenge": _encoded(hashlib.sha256(_derived("verifier", begun).encode()).digest()),
            "code_challenge_method": "S256",
        }
        return f"{place}{'&' if '?' in place else '?'}{urlencode(wanted)}", begun.browser

    def finish(self, told: Mapping[str, str], browser: str | None) -> tuple[str, str]:
        """(where the person wanted to go, their session) when they come back.

        Args:
            told: what stands in the address that the provider sent them to.
            browser: what their browser holds since they began.

        Raises:
            Refusal: they did not begin it here, it was used before, or the provider let nobody in.
            ProviderUnavailable: it does not answer.
        """
        begun = Begun(told.get("state", ""), browser or "")
        target = self._sessions.end_sign_in(begun)
        if target is None:
            raise Refusal(400, "This sign-in did not begin in this browser, is over, or was used.", hint=_AGAIN)
        if told.get("iss", self._client.issuer) != self._client.issuer:
            raise Refusal(400, "Another identity provider has answered.", hint=_AGAIN)
        if "code" not in told:
            word = told.get("error", "")
            said = f" ({word})" if _WORD.fullmatch(word) else ""
            raise Refusal(401, f"The identity provider let nobody in{said}.", hint=_AGAIN)
        return target, self._sessions.begin(self._proven(told["code"], begun).principal)

    def _proven(self, code: str, begun: Begun) -> Identity:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.callback,
            "code_verifier": _derived("verifier", begun),
        }
        login = None if self._client.secret is None else (self._client.id, self._client.secret)
        if login is None:
            form["client_id"] = self._client.id
        place = self._provider.place("token_endpoint")
        status, answer = self._calls.post(place, form, login)
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise Refusal(401, "The identity provider does not take its own code back.", hint=_AGAIN)
        claims = self._rules.verify(token)
        is_ours = claims.get("azp", self._client.id) == self._client.id
        if not is_ours or not _is_same(claims.get("nonce"), _derived("nonce", begun)):
            raise Refusal(401, "What the identity provider says is about another sign-in.", hint=_AGAIN)
        found = identity_in(claims, self._names)
        if found.principal.kind is not PrincipalKind.USER:
            raise Refusal(401, "Only people sign in.", hint="A service sends a key or a token.")
        self._keep(found, answer)
        return found

    def _keep(self, found: Identity, answer: Mapping[str, Any]) -> None:
        token, lives = answer.get("access_token"), answer.get("expires_in")
        if isinstance(token, str) and isinstance(lives, int):
            self._remember(found, token, time.time() + lives)


def _derived(purpose: str, begun: Begun) -> str:
    """A secret of one sign-in that only its browser can make again, so that none is kept."""
    return _encoded(hmac.digest(begun.browser.encode(), f"{purpose}:{begun.state}".encode(), hashlib.sha256))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _is_same(one: object, other: str) -> bool:
    return isinstance(one, str) and hmac.compare_digest(one.encode(), other.encode())
