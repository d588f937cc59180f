"""Who asks: verified once for each request, before anything is looked up for it."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Request

from app.http.signs import set_caller
from townlake.domain.principal import Principal


class Callers(Protocol):
    """A way to know who asks."""

    def identify(self, request: Request) -> Principal | None:
        """The verified caller; None where the request carries nothing of this kind.

        Raises:
            Refusal: it carries something that proves nobody.
        """
        ...


class LocalPerson:
    """The person whose machine this is. Only whoever is on the same machine reaches it."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal

    def identify(self, request: Request) -> Principal:
        """Always the same person."""
        return self._principal


def identified(request: Request) -> Principal:
    """The caller of a request.

    Raises:
        Refusal: nobody is verified, or they ask too often.
    """
    from app.http.problems import Refusal

    for way in request.app.state.desk.callers:
        caller: Principal | None = way.identify(request)
        if caller is not None:
            request.app.state.desk.pace.take(caller)
            set_caller(request.scope, caller)
            return caller
    raise Refusal(
        401,
        "The request does not say who asks.",
        hint="Sign in, or send a key or a token: `Authorization: Bearer ...`.",
        headers={"WWW-Authenticate": 'Bearer realm="skipper"'},
    )


Caller = Annotated[Principal, Depends(identified)]
