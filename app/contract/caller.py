"""Who a caller is to the server."""

from __future__ import annotations

from app.contract.value import ContractValue
from townlake.domain.principal import PrincipalKind


class CallerPage(ContractValue):
    """A caller as they were verified."""

    subject: str
    kind: PrincipalKind
    groups: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    """The person that a service acts for."""
    scopes: tuple[str, ...] = ()
    """What of the server is open to them."""
    has_session: bool = False
    """Whether they signed in with this browser, and can sign out."""


class SessionPage(ContractValue):
    """Whether anybody is known, for a page that would have them sign in."""

    caller: CallerPage | None = None
    """Who is; None where nobody was verified."""
    can_sign_in: bool = False
    """Whether people sign in with a browser here: `/auth/login` leads to the identity provider."""
    has_model: bool = False
    """Whether a model writes SQL for what no metric and no verified query covers; told to whoever is known."""
