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

    @property
    def proven_by(self) -> str:
        """Whose own login proves this caller: its subject's, or the person's for whom Skipper itself looks around."""
        if self.kind is PrincipalKind.SYSTEM and self.on_behalf_of is not None:
            return self.on_behalf_of
        return self.subject

    @property
    def is_skipper(self) -> bool:
        """True for Skipper itself, when nobody has asked it for what it does."""
        return self.kind is PrincipalKind.SYSTEM and self.on_behalf_of is None
