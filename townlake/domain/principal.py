"""Who asks."""

from __future__ import annotations

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
    def parties(self) -> tuple[Principal, ...]:
        """All who must have a right for this caller to have it: itself, and the person it acts for."""
        if self.on_behalf_of is None:
            return (self,)
        return self, Principal(subject=self.on_behalf_of, groups=self.behalf_groups)

    @property
    def names(self) -> frozenset[str]:
        """By what it is meant where people and groups are named: its groups and, for a person, its own name.

        A service that is called like somebody is not them.

        >>> sorted(Principal(subject="ann", kind=PrincipalKind.SERVICE, groups={"bots"}).names)
        ['bots']
        """
        return self.groups | {self.subject} if self.kind is PrincipalKind.USER else self.groups

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
