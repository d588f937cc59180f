"""Signing in with a browser, as the settings ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.http.identity.claims import ClaimNames
from app.http.identity.session_bearers import Cookie, SessionBearers
from app.http.identity.sessions import SIGN_IN_LIVES, Sessions
from app.http.identity.sign_in import Client, SignIn
from app.http.identity.tokens import TokenRules
from app.http.signing import SignInDesk
from app.workspace import utc_now
from townlake.domain.errors import SettingsError

if TYPE_CHECKING:
    from app.http.identity.caller_tokens import CallerTokens
    from app.http.identity.provider import Provider
    from app.http.identity.provider_calls import ProviderCalls
    from app.workspace import Workspace

_ID_TOKEN_SECONDS: Final = 600.0
"""It was issued a moment ago."""


def open_sign_in(workspace: Workspace, calls: ProviderCalls, provider: Provider, kept: CallerTokens) -> SignInDesk:
    """What signing in works with.

    Raises:
        SettingsError: settings are missing.
    """
    s = workspace.settings
    if s.oidc_client is None or s.http_url is None:
        missing = "oidc_client" if s.oidc_client is None else "http_url"
        raise SettingsError(
            f"People are to sign in, and `{missing}` is not set.",
            hint="The provider must know Skipper's client, and that browsers come back to `<http_url>/auth/callback`.",
        )
    url = urlsplit(s.http_url)
    client = Client(
        issuer=provider.issuer,
        id=s.oidc_client,
        secret=None if s.oidc_client_secret is None else s.oidc_client_secret.get_secret_value(),
        scope=s.oidc_scope,
        callback=f"{s.http_url.rstrip('/')}/auth/callback",
    )
    rules = TokenRules(provider.issuer, frozenset({client.id}), provider.keys, _ID_TOKEN_SECONDS)
    lives = timedelta(hours=s.session_hours)
    sessions = Sessions(workspace.state, utc_now, lives)
    is_secure = url.scheme == "https"
    session = Cookie("skipper-session", is_secure=is_secure, seconds=lives.total_seconds())
    own = f"{url.scheme}://{url.netloc}".lower()
    return SignInDesk(
        flow=SignIn(client, calls, provider, rules, ClaimNames(s.jwt_subject, s.jwt_groups), sessions, kept.remember),
        sessions=sessions,
        bearers=SessionBearers(sessions, session, {own, *s.http_origins}),
        session=session,
        begun=Cookie("skipper-sign-in", is_secure=is_secure, seconds=SIGN_IN_LIVES.total_seconds()),
        prefix=url.path.rstrip("/"),
    )
