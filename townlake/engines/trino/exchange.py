"""A token of each caller's own for Trino, exchanged for the token that the caller came with (RFC 8693).

Who asks Skipper has a token for Skipper. The identity provider takes it, and Skipper's own login beside it, and gives
one for Trino that names the same person. Trino verifies that itself, so Skipper need not be believed about who asks.
Tokens live in the memory of this process only.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import quote_plus

from townlake.domain.errors import EngineError, EngineUnavailable, SettingsError
from townlake.domain.loopback import is_loopback
from townlake.domain.principal import Principal
from townlake.engines.trino.address import prepare, split_address
from townlake.engines.trino.claims import claims_of, seconds_of
from townlake.engines.trino.failures import LOGIN_REFUSED

_UNAVAILABLE: Final = "LOGIN_UNAVAILABLE"
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind of tokens
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0
_LONGEST_ANSWER: Final = 100_000
_MOST_KEPT: Final = 10_000
_EARLY_SECONDS: Final = 60.0
"""How long before its end a token is replaced, when it lives long enough: Trino's clock may be another."""
_OAUTH_CODE: Final = re.compile(r"[a-z_]{1,40}")
_OF_THE_CALLER: Final = frozenset({"invalid_grant", "invalid_request"})
"""What a provider says of a subject token that is over, or none of its own (RFC 8693, section 2.2.2)."""


class Credentials(Protocol):
    """Knows what callers came with."""

    def subject_token(self, caller: Principal) -> str | None:
        """The token that the caller proved themselves with to Skipper; None when they brought none."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """Where tokens are exchanged, and how Skipper logs in there."""

    url: str
    """Its token endpoint."""
    client: str
    secret: str = field(repr=False)
    audience: str
    """What Trino calls itself: its `required-audience`."""
    scope: str | None = None
    claim: str = "sub"
    """The claim of its tokens for Trino that holds the user's name there: Trino's `principal-field`."""
    certificate: str | None = None
    """A file with the authority of its certificate, when the system does not know it."""

    def __post_init__(self) -> None:
        parts = split_address(self.url)
        if parts is None or not (parts.scheme == "https" or is_loopback(self.url)):
            raise SettingsError(
                "`trino_exchange_url` is no address that tokens may go to.",
                hint="Write the token endpoint of the identity provider, with https and without a login.",
            )


class _Given(NamedTuple):
    token: str
    from_time: float
    until: float

    def is_fresh(self, now: float) -> bool:
        return now < self.until - min(_EARLY_SECONDS, (self.until - self.from_time) / 4)


class TokenExchange:
    """Gives each caller's token for Trino. Safe for several threads."""

    def __init__(self, provider: Provider, credentials: Credentials, clock: Callable[[], float] = time.time) -> None:
        self._provider = provider
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], _Given] = {}

    def token(self, caller: Principal) -> str:
        """The caller's own token; for Skipper itself, which asks for nobody, the one of its own login.

        Raises:
            EngineError: the caller brought no token, or one that is not taken, or the provider gave another one's.
            EngineUnavailable: the provider does not answer.
        """
        subject = None if caller.is_skipper else self._subject(caller)
        key = caller.proven_by, "" if subject is None else hashlib.sha256(subject.encode()).hexdigest()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept.is_fresh(self._clock()):
            return kept.token
        given = self._own() if subject is None else self._exchanged(caller, subject)
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = given
        return given.token

    def _subject(self, caller: Principal) -> str:
        token = self._credentials.subject_token(caller)
        if not token:
            raise EngineError(
                "You brought no token of your own, and statements run on Trino only as whoever asks.",
                code=LOGIN_REFUSED,
                hint="On the command line, SKIPPER_USER_TOKEN_FILE names a file with the token that your identity "
                "provider gave you.",
            )
        return token

    def _exchanged(self, caller: Principal, subject: str) -> _Given:
        given = self._ask({"grant_type": _EXCHANGE, "subject_token": subject, "subject_token_type": _ACCESS_TOKEN})
        if claims_of(given.token)[self._provider.claim] != caller.proven_by:
            raise EngineError(
                "Your token is another person's than the one who asks.",
                code=LOGIN_REFUSED,
                hint=f"Ask as the person that it was given to, or bring the token of {caller.proven_by}.",
            )
        # What was exchanged ends with what it was exchanged for.
        ends = seconds_of(claims_of(subject).get("exp"))
        return given if ends is None else given._replace(until=min(given.until, ends))

    def _own(self) -> _Given:
        return self._ask({"grant_type": "client_credentials"})

    def _ask(self, form: Mapping[str, str]) -> _Given:
        provider, now = self._provider, self._clock()
        form = {**form, "audience": provider.audience, "requested_token_type": _ACCESS_TOKEN}
        if form["grant_type"] != _EXCHANGE:
            del form["requested_token_type"]
        if provider.scope is not None:
            form["scope"] = provider.scope
        status, answer = _post(provider, form)
        if status != 200:
            raise _refusal(status, answer)
        token = answer.get("access_token")
        claims = claims_of(token) if isinstance(token, str) else {}
        if not isinstance(token, str) or provider.claim not in claims:
            raise EngineError(
                "The identity provider gave no JSON Web Token.",
                code=LOGIN_REFUSED,
                hint=f"Have it give out such tokens for the audience of Trino, with the claim `{provider.claim}`.",
            )
        lives, ends = seconds_of(answer.get("expires_in")), seconds_of(claims.get("exp"))
        return _Given(token, now, now + lives if lives is not None else ends if ends is not None else now)


def _post(provider: Provider, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """The status of the answer, and what it holds; nothing when that is not JSON."""
    import requests

    # As RFC 6749, section 2.3.1 wants it.
    login = quote_plus(provider.client), quote_plus(provider.secret)
    try:
        with requests.Session() as session:
            prepare(session, provider.url, provider.certificate)
            with session.post(
                provider.url,
                data=form,
                auth=login,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                text = response.raw.read(_LONGEST_ANSWER, decode_content=True)
                status = response.status_code
    # urllib3 has errors of its own for what goes wrong while an answer is read.
    except Exception as error:
        raise _unavailable(type(error).__name__) from None
    return status, _object(text)


def _object(text: bytes) -> dict[str, Any]:
    import json

    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(status: int, answer: Mapping[str, Any]) -> EngineError:
    said = answer.get("error")
    word = said if isinstance(said, str) and _OAUTH_CODE.fullmatch(said) else ""
    if status >= 500 or status == 429:
        return _unavailable(f"HTTP {status}")
    if word in _OF_THE_CALLER:
        return EngineError(
            "The identity provider does not accept your token.",
            code=LOGIN_REFUSED,
            detail=word,
            hint="It is over, or it was not given out for Skipper: get a new one, and ask again. If none is taken, the "
            "provider does not let Skipper's client exchange any.",
        )
    if word == "invalid_client" or status == 401:
        message, hint = "does not accept Skipper's login", "Check `trino_exchange_client` and `trino_exchange_secret`."
    else:
        message, hint = "gives no token for Trino", "Check `trino_exchange_audience` and `trino_exchange_scope`."
    return EngineError(
        f"The identity provider {message}{f' ({word})' if word else ''}.",
        code=LOGIN_REFUSED,
        detail=f"HTTP {status}",
        hint=f"{hint} The provider must let this client exchange tokens.",
    )


def _unavailable(detail: str) -> EngineUnavailable:
    return EngineUnavailable(
        "The identity provider does not answer, so nobody can log in to Trino.",
        code=_UNAVAILABLE,
        detail=detail,
        hint="Try again; if it stays so, check `trino_exchange_url`.",
    )
