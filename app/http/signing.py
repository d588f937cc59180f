"""Signing in and out with a browser, and who one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.responses import RedirectResponse

from app.contract.caller import CallerPage, SessionPage
from app.http.callers import Verified, identity_of
from app.http.desk import Desk, desk_of
from app.http.identity.identity import Identity
from app.http.identity.session_bearers import Cookie, SessionBearers
from app.http.identity.sessions import Sessions
from app.http.identity.sign_in import SignIn
from app.http.pace import Pace
from app.http.problems import Refusal

router = APIRouter(prefix="/auth", tags=["identity"])
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class SignInDesk:
    """What signing in works with."""

    flow: SignIn
    sessions: Sessions
    bearers: SessionBearers
    session: Cookie
    """Holds the session."""
    begun: Cookie
    """Holds what proves that a browser began a sign-in."""
    prefix: str
    """The path under which a proxy shows the server."""


_PACE: Final = Pace(60)
"""Sign-ins that one address may begin in a minute."""


def sign_in_of(desk: Annotated[Desk, Depends(desk_of)]) -> SignInDesk:
    """What signing in works with.

    Raises:
        Refusal: nobody can sign in here.
    """
    if desk.sign_in is None:
        raise Refusal(404, "Nobody can sign in here.", hint="The settings `oidc_issuer` and `oidc_client` allow it.")
    return desk.sign_in


AtDesk = Annotated[Desk, Depends(desk_of)]
AtSignIn = Annotated[SignInDesk, Depends(sign_in_of)]


@router.get("/login", include_in_schema=False)
def login(desk: AtSignIn, request: Request, to: Annotated[str, Query(max_length=1_000)] = "/") -> Response:
    """Go to the identity provider, and after that to a page of this server."""
    # Whoever is not known yet writes to the state here.
    _PACE.count(request.client.host if request.client else "")
    place, browser = desk.flow.begin(to)
    response = RedirectResponse(place, status.HTTP_303_SEE_OTHER, _NO_STORE)
    desk.begun.put(response, browser)
    return response


@router.get("/callback", include_in_schema=False)
def callback(desk: AtSignIn, request: Request) -> Response:
    """Come back from the identity provider."""
    target, session = desk.flow.finish(dict(request.query_params), desk.begun.read(request))
    before = desk.session.read(request)
    if before is not None:
        desk.sessions.end(before)
    response = RedirectResponse(desk.prefix + target, status.HTTP_303_SEE_OTHER, _NO_STORE)
    desk.session.put(response, session)
    desk.begun.drop(response)
    return response


@router.post("/logout", include_in_schema=False)
def logout(desk: AtSignIn, request: Request) -> Response:
    """End the session of this browser."""
    desk.bearers.must_be_own_page(request)
    session = desk.session.read(request)
    if session is not None:
        desk.sessions.end(session)
    response = Response(status_code=status.HTTP_204_NO_CONTENT, headers=_NO_STORE)
    desk.session.drop(response)
    return response


@router.get("/me", response_model=CallerPage)
def me(identity: Verified) -> CallerPage:
    """Who you are here, and what is open to you."""
    return _page(identity)


@router.get("/session", response_model=SessionPage)
def session(request: Request, desk: AtDesk) -> SessionPage:
    """Whether anybody is known, and can sign in. That nobody is, is an answer here and no fault."""
    can_sign_in = desk.sign_in is not None
    try:
        caller = _page(identity_of(request))
        return SessionPage(caller=caller, can_sign_in=can_sign_in, has_model=desk.workspace.has_model)
    except Refusal as refusal:
        if refusal.status != status.HTTP_401_UNAUTHORIZED:
            raise
        return SessionPage(can_sign_in=can_sign_in)


def _page(identity: Identity) -> CallerPage:
    principal = identity.principal
    return CallerPage(
        subject=principal.subject,
        kind=principal.kind,
        groups=tuple(sorted(principal.groups)),
        on_behalf_of=principal.on_behalf_of,
        scopes=tuple(sorted(identity.scopes)),
        has_session=identity.has_session,
    )
