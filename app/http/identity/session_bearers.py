"""People whose browser holds a session. What changes something must come from a page of the server itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from fastapi import Request, Response

from app.http.identity.identity import Identity
from app.http.identity.refusals import Fault, unproven
from app.http.identity.sessions import Sessions
from app.http.problems import Refusal

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Cookie:
    """A cookie that only the server reads, and that other sites cannot send along.

    Args:
        name: what it is called.
        is_secure: whether it goes over https only. Its name then has a prefix by which browsers take it from nobody
            else: no other host of the domain can plant one.
        seconds: how long the browser keeps it.
    """

    def __init__(self, name: str, *, is_secure: bool, seconds: float) -> None:
        self._name = f"__Host-{name}" if is_secure else name
        self._is_secure = is_secure
        self._seconds = int(seconds)

    def read(self, request: Request) -> str | None:
        """What the browser holds."""
        return request.cookies.get(self._name)

    def put(self, response: Response, value: str) -> None:
        """Have the browser hold something."""
        self._set(response, value, self._seconds)

    def drop(self, response: Response) -> None:
        """Have the browser forget it."""
        self._set(response, "", 0)

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self._name, value, max_age=seconds, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )


class SessionBearers:
    """Knows people by the session that their browser holds.

    Args:
        sessions: those that hold.
        cookie: where the browser holds it.
        origins: whose pages may change something.
    """

    def __init__(self, sessions: Sessions, cookie: Cookie, origins: Collection[str]) -> None:
        self._sessions = sessions
        self._cookie = cookie
        self._origins = frozenset(origins)

    def identify(self, request: Request) -> Identity | None:
        """The person; None where the browser holds no session.

        Raises:
            Refusal: the session is over, or the request may come from a page of somebody else.
        """
        secret = self._cookie.read(request)
        if secret is None:
            return None
        person = self._sessions.caller(secret)
        if person is None:
            raise unproven(Fault.SESSION, "Your session is over.", "Sign in again: /auth/login.")
        self.must_be_own_page(request)
        return Identity(person, has_session=True)

    def must_be_own_page(self, request: Request) -> None:
        """Refuse a change that nothing shows to come from a page of the server.

        Raises:
            Refusal: it names no origin, or another one.
        """
        if request.method in _SAFE:
            return
        origins = request.headers.getlist("origin")
        is_own = {origin.lower() for origin in origins} <= self._origins
        if not origins:
            is_own = request.headers.get("sec-fetch-site") == "same-origin"
        if not is_own:
            raise Refusal(
                403,
                "Nothing shows that a page of this server sent the request.",
                hint="Programs send a key or a token instead of a session.",
            )
