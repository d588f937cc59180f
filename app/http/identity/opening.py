"""The ways of identity that the settings ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.http.callers import Callers, LocalPerson
from app.http.identity.behalf import WithBehalf
from app.http.identity.caller_tokens import CallerTokens
from app.http.identity.claims import ClaimNames
from app.http.identity.key_bearers import KeyBearers
from app.http.identity.keys import keys_of
from app.http.identity.opening_sign_in import open_sign_in
from app.http.identity.provider import Provider, keys_at
from app.http.identity.provider_calls import ProviderCalls
from app.http.identity.token_bearers import BehindProxy, NoTokens, TokenBearers
from app.http.identity.tokens import TokenRules
from app.workspace import utc_now
from townlake.domain.errors import SettingsError

if TYPE_CHECKING:
    from app.http.signing import SignInDesk
    from app.settings import Settings
    from app.workspace import Workspace

CLOUDFLARE: Final = "cf-access-jwt-assertion"
_CLOUDFLARE_KEYS: Final = "/cdn-cgi/access/certs"
_OF_TOKENS: Final = ("jwt_issuer", "jwt_audience", "jwt_keys", "jwt_header")
_OF_VERIFIED: Final = (*_OF_TOKENS, "oidc_issuer", "http_url", "http_proxies")


@dataclass(frozen=True, slots=True)
class Opened:
    """How callers prove themselves."""

    callers: tuple[Callers, ...]
    sign_in: SignInDesk | None = None
    """Where people sign in with a browser, when they can."""


def open_identity(workspace: Workspace) -> Opened:
    """How callers prove themselves, as the settings have it.

    Raises:
        SettingsError: settings are missing, or do not go together.
    """
    settings = workspace.settings
    keys = KeyBearers(keys_of(workspace), utc_now)
    if settings.http_identity == "local":
        must_be_local(settings)
        return Opened((WithBehalf((keys, LocalPerson(workspace.principal())), None),))
    kept, calls = CallerTokens(), open_calls(settings)
    # Trino's own login asks for what callers came with.
    workspace.credentials = kept
    workspace.verified = True
    provider = None if settings.oidc_issuer is None else Provider(calls, settings.oidc_issuer)
    tokens = _tokens(settings, calls, provider, kept)
    ways: list[Callers] = [keys, NoTokens() if tokens is None else tokens]
    if settings.jwt_header is not None and tokens is not None:
        ways.append(BehindProxy(settings.jwt_header, tokens))
    sign_in = None
    if provider is not None:
        sign_in = open_sign_in(workspace, calls, provider, kept)
        ways.append(sign_in.bearers)
    return Opened((WithBehalf(ways, tokens),), sign_in)


def must_be_local(settings: Settings) -> None:
    """Refuse settings for callers that are verified where nobody is.

    Raises:
        SettingsError: it names them.
    """
    named = [name for name in _OF_VERIFIED if getattr(settings, name)]
    if named:
        raise SettingsError(
            f"`{named[0]}` is set, and everybody would still be taken for you.",
            hint="Set `http_identity` to `verified`, or take the setting away.",
        )


def open_calls(settings: Settings) -> ProviderCalls:
    """What asks the identity provider."""
    certificate = settings.identity_certificate
    return ProviderCalls(None if certificate is None else str(certificate))


def _tokens(s: Settings, calls: ProviderCalls, provider: Provider | None, kept: CallerTokens) -> TokenBearers | None:
    """What verifies tokens; None where none are taken."""
    if not any(getattr(s, name) for name in _OF_TOKENS):
        return None
    issuer = s.jwt_issuer or s.oidc_issuer
    if issuer is None or not s.jwt_audience:
        missing = "jwt_issuer" if issuer is None else "jwt_audience"
        raise SettingsError(
            f"Tokens are to be taken, and `{missing}` is not set.",
            hint="A token is believed only from one issuer, and only when it was issued for this server.",
        )
    place = s.jwt_keys
    if place is None and (s.jwt_header or "").lower() == CLOUDFLARE:
        place = issuer.rstrip("/") + _CLOUDFLARE_KEYS
    if place is not None:
        keys = keys_at(calls, place)
    else:
        same = provider is not None and provider.issuer == issuer
        keys = provider.keys if provider is not None and same else Provider(calls, issuer).keys
    rules = TokenRules(issuer, s.jwt_audience, keys, s.jwt_max_age_hours * 3600)
    return TokenBearers(rules, ClaimNames(s.jwt_subject, s.jwt_groups), kept.remember)
