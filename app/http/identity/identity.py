"""Who was verified, and what of the server is open to them."""

from __future__ import annotations

from dataclasses import dataclass

from app.http.identity.scopes import EVERY, Scope
from townlake.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller of one request."""

    principal: Principal
    scopes: frozenset[Scope] = EVERY
    has_session: bool = False
    """Whether a browser holds a session that they can end."""
