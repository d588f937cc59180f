"""Who asks: verified once for each request, before anything is looked up for it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, Request

from app.http.identity.identity import Identity
from app.http.identity.scopes import Scope
from app.http.problems import Refusal
from app.http.signs import set_caller
from townlake.domain.errors import SkipperError
from townlake.domain.principal import Principal


class Callers(Protocol):
    """A way to know who asks."""

    def identify(self, request: Request) -> Identity | None:
        """Who was verified; None where the request carries nothing of this kind.

        Raises:
            Refusal: it carries something that proves nobody. No other way is tried then.
        """
        ...


_FROM_ELSEWHERE: Final = ("forwarded", "x-forwarded-", "x-real-ip", "cf-", "via", "true-client-ip", "x-client-ip")
"""How the names begin of what many proxies add that pass on the requests of others. Not every proxy adds something."""


class LocalPerson:
    """The person whose machine this is. Only whoever is on the same machine reaches it."""

    def __init__(self, principal: Principal) -> None:
        self._identity = Identity(principal)

    def identify(self, request: Request) -> Identity:
        """Always the same person.

        Raises:
            Refusal: a proxy has passed the request on, so anybody may have sent it.
        """
        if any(name.startswith(_FROM_ELSEWHERE) for name in request.headers):
            raise Refusal(
                403,
                "The request came through a proxy, and the server takes everybody for the one who started it.",
                hint="Set `http_identity` to `verified`; docs/guide/identity.md tells how callers prove themselves.",
            )
        return self._identity


def identity_of(request: Request) -> Identity:
    """Who asks, and what is open to them.

    Raises:
        Refusal: nobody is verified, or they ask too often.
    """
    for way in request.app.state.desk.callers:
        found: Identity | None = way.identify(request)
        if found is not None:
            request.app.state.desk.pace.take(found.principal)
            set_caller(request.scope, found.principal)
            return found
    raise Refusal(
        401,
        "The request does not say who asks.",
        hint="Sign in, or send a key or a token: `Authorization: Bearer ...`.",
        headers={"WWW-Authenticate": 'Bearer realm="skipper"'},
    )


def is_still(request: Request, caller: Principal) -> bool:
    """Whether what a request carries still proves the same caller, with the same rights."""
    try:
        ways = request.app.state.desk.callers
        found: Identity | None = next((who for way in ways if (who := way.identify(request)) is not None), None)
    except SkipperError:
        return False
    return found is not None and found.principal == caller


Verified = Annotated[Identity, Depends(identity_of)]


async def identified(identity: Verified) -> Principal:
    """The caller of a request."""
    return identity.principal


Caller = Annotated[Principal, Depends(identified)]


def needs(scope: Scope) -> Any:
    """The dependency of routes that a caller without a scope may not use."""

    async def check(identity: Verified) -> None:
        must_have(scope, identity)

    return Depends(check)


def must_have(scope: Scope, identity: Identity) -> None:
    """Refuse a caller to whom a part of the server is not open.

    Raises:
        Refusal: it is not.
    """
    if scope not in identity.scopes:
        raise Refusal(
            403,
            f"What you sent does not have the scope `{scope.value}`.",
            hint="Ask a reviewer for a key with it: `skipper key create` tells how.",
            headers={"WWW-Authenticate": f'Bearer realm="skipper", error="insufficient_scope", scope="{scope}"'},
        )
