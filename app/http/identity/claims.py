"""Whom a verified token names: a person, a service, or a service that acts for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from app.http.identity.identity import Identity
from app.http.identity.names import is_name
from app.http.identity.refusals import Fault, unproven
from app.http.identity.scopes import EVERY, ORDINARY, Scope
from townlake.domain.principal import Principal, PrincipalKind

_MOST_GROUPS: Final = 1_000
_OF_A_LOGIN: Final = ("nonce", "auth_time", "sid", "session_state", "amr", "acr")
"""Claims that only a person's own login brings."""
_KEYCLOAK: Final = "service-account-"


class ClaimNames(NamedTuple):
    """Which claims name somebody."""

    subject: str = "sub"
    groups: str = "groups"


def identity_in(claims: Mapping[str, Any], names: ClaimNames) -> Identity:
    """Whom the claims of a verified token name.

    Raises:
        Refusal: they name nobody, or leave open whether it is a person.
    """
    client = _service_in(claims)
    if client is not None:
        if any(name in claims for name in _OF_A_LOGIN):
            raise unproven(
                Fault.AMBIGUOUS,
                "The token names a service and tells of a person's login.",
                "Let services get their tokens by client credentials.",
            )
        if "act" in claims:
            raise unproven(Fault.BEHALF, "Nobody acts for a service.", "Let the service send its own token.")
        service = Principal(subject=client, kind=PrincipalKind.SERVICE, groups=groups_in(claims, names))
        return Identity(service, _scopes(claims, ORDINARY))
    person = Principal(subject=_name(claims, names), groups=groups_in(claims, names))
    actor = claims.get("act")
    if actor is None:
        return Identity(person, _scopes(claims, EVERY))
    return Identity(_acting(actor, person, names), _scopes(claims, ORDINARY))


def on_behalf(service: Principal, person: Principal) -> Principal:
    """A service that acts for a person: policy gives what both may see."""
    return service.model_copy(update={"on_behalf_of": person.subject, "behalf_groups": person.groups})


def groups_in(claims: Mapping[str, Any], names: ClaimNames) -> frozenset[str]:
    """The groups that a token tells.

    Raises:
        Refusal: one of them can be none.
    """
    told = claims.get(names.groups, ())
    groups = [told] if isinstance(told, str) and told else told or ()
    if not isinstance(groups, list | tuple) or len(groups) > _MOST_GROUPS or not all(map(is_name, groups)):
        raise unproven(
            Fault.NOBODY,
            f"The claim `{names.groups}` of the token is no list of groups.",
            "The setting `jwt_groups` names the claim that holds them.",
        )
    return frozenset(groups)


def _name(claims: Mapping[str, Any], names: ClaimNames) -> str:
    name = claims.get(names.subject)
    if not is_name(name) or (names.subject == "email" and claims.get("email_verified", True) is not True):
        raise unproven(
            Fault.NOBODY,
            f"The claim `{names.subject}` of the token is nobody's verified name.",
            "The setting `jwt_subject` names the claim that holds it.",
        )
    return str(name)


def _service_in(claims: Mapping[str, Any]) -> str | None:
    """The client, when it got the token for itself; None for a person's token.

    >>> _service_in({"sub": "bot", "client_id": "bot"}), _service_in({"sub": "ann", "client_id": "bot"})
    ('bot', None)
    """
    subject = claims.get("sub")
    client = claims.get("client_id", claims.get("azp", claims.get("appid")))
    signs = (
        # RFC 9068, section 2.2.
        client is not None and subject == client,
        # Auth0, Entra ID, Keycloak.
        claims.get("gty") == "client-credentials",
        claims.get("idtyp") == "app",
        client is not None and claims.get("preferred_username") == f"{_KEYCLOAK}{str(client).lower()}",
    )
    if not subject and "common_name" in claims:
        # A service token of Cloudflare Access.
        client = claims["common_name"]
    elif not any(signs):
        return None
    if not is_name(client):
        raise unproven(Fault.NOBODY, "The token names no service.", "Issue it with `client_id`.")
    return str(client)


def _acting(actor: object, person: Principal, names: ClaimNames) -> Principal:
    """RFC 8693, section 4.1: the outermost `act` is who acts now."""
    if not isinstance(actor, Mapping) or not is_name(actor.get("sub")):
        raise unproven(Fault.BEHALF, "The claim `act` of the token names nobody.", "Issue it with `act.sub`.")
    service = Principal(subject=actor["sub"], kind=PrincipalKind.SERVICE, groups=groups_in(actor, names))
    return on_behalf(service, person)


def _scopes(claims: Mapping[str, Any], otherwise: frozenset[Scope]) -> frozenset[Scope]:
    """What a token opens: the scopes that it names; what others of its kind open when it names none of them."""
    told = claims.get("scope", claims.get("scp", ""))
    words = told.split() if isinstance(told, str) else told if isinstance(told, list) else ()
    return frozenset(scope for scope in Scope if scope.value in words) or otherwise
