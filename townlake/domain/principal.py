"""Who asks."""

from enum import StrEnum
from typing import Final

from townlake.domain.value import Value

EVERYONE: Final = "everyone"
"""The group that every principal belongs to."""


class PrincipalKind(StrEnum):
    """What kind of caller this is."""

    USER = "user"
    SERVICE = "service"
    SYSTEM = "system"


class Principal(Value):
    """A verified caller. Identity never comes from a model or a request body."""

    subject: str
    kind: PrincipalKind = PrincipalKind.USER
    groups: frozenset[str] = frozenset()
    on_behalf_of: str | None = None
    """The person a service acts for; rights are the intersection of both."""
    behalf_groups: frozenset[str] = frozenset()
    """The groups of that person, as the way in verified them."""

    @property
    def memberships(self) -> frozenset[str]:
        """The groups of this principal, with the group that everybody is in."""
        return self.groups | {EVERYONE}
