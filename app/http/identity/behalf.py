"""A service that brings the token of the person it acts for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from fastapi import Request

from app.http.identity.claims import on_behalf
from app.http.identity.identity import Identity
from app.http.identity.refusals import Fault, unproven
from townlake.domain.principal import PrincipalKind

if TYPE_CHECKING:
    from app.http.callers import Callers
    from app.http.identity.token_bearers import TokenBearers

HEADER: Final = "x-on-behalf-of"


class WithBehalf:
    """Other ways of identity, and what stands in `X-On-Behalf-Of` beside them.

    Args:
        ways: by which callers prove themselves; the first that finds something holds.
        people: verifies the person's token; None where no tokens are taken.
    """

    def __init__(self, ways: Sequence[Callers], people: TokenBearers | None) -> None:
        self._ways = ways
        self._people = people

    def identify(self, request: Request) -> Identity | None:
        """The caller, acting for the person whose token the header holds, if it is there.

        Raises:
            Refusal: a proof does not hold, or somebody else than a service brings the header.
        """
        found = next((found for way in self._ways if (found := way.identify(request)) is not None), None)
        given = request.headers.getlist(HEADER)
        if found is None or not given:
            return found
        service = found.principal
        if service.kind is not PrincipalKind.SERVICE or service.on_behalf_of is not None or len(given) > 1:
            raise unproven(Fault.BEHALF, "Only a service acts for somebody, and for one person.", _HINT)
        if self._people is None:
            raise unproven(Fault.NOT_TAKEN, "No tokens of people are taken here.", _HINT)
        proven = self._people.named_by(given[0].strip())
        person = proven.principal
        if person.kind is not PrincipalKind.USER or person.on_behalf_of is not None:
            raise unproven(Fault.BEHALF, "What `X-On-Behalf-Of` holds is no person's own token.", _HINT)
        return Identity(on_behalf(service, person), found.scopes & proven.scopes)


_HINT: Final = "Send the service's key or token in `Authorization`, and the person's own token in `X-On-Behalf-Of`."
