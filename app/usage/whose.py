"""Whose figures a caller may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agents.runs import person_of, subject_of
from townlake.domain.errors import AccessDenied
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.tables import EVERYBODY

if TYPE_CHECKING:
    from app.workspace import Workspace

ME = "me"
ALL = "everybody"


class Whose(NamedTuple):
    """Whose figures are wanted."""

    words: str
    kind: str
    subject: str
    """Kind and subject of the account."""
    subject_kept: str | None = None
    """Only runs that this caller made, as `Runs` keeps names."""
    person_kept: str | None = None
    """Only runs for this person."""

    @property
    def is_everybody(self) -> bool:
        """Whether the figures are those of all."""
        return (self.kind, self.subject) == EVERYBODY


def whose(workspace: Workspace, caller: Principal, wanted: str) -> Whose:
    """Whose figures a caller gets.

    Args:
        workspace: the home.
        caller: who asks.
        wanted: `me`, `everybody`, `user:NAME` or `service:NAME`.

    Raises:
        AccessDenied: only a reviewer may see the figures of others; whether there are any is not told.
    """
    if wanted == ME:
        return _own(caller)
    kind, _, subject = wanted.partition(":")
    if caller.on_behalf_of is None and wanted == f"{caller.kind.value}:{caller.subject}":
        return _own(caller)
    if not sees_all(workspace, caller):
        raise AccessDenied(
            "Only reviewers see what others have used.", hint="Ask for your own figures: without `whose`, or with `me`."
        )
    if wanted == ALL:
        return Whose(ALL, *EVERYBODY)
    account = Principal(subject=subject, kind=PrincipalKind(kind))
    return _own(account)


def sees_all(workspace: Workspace, caller: Principal) -> bool:
    """Whether a caller may see the figures of others: a reviewer whom the settings name, or the one person of a lake.

    Where many people come, each verified, and nobody is named, nobody may.
    """
    if not workspace.settings.reviewers and workspace.settings.http_identity == "verified":
        return False
    return caller.on_behalf_of is None and workspace.is_reviewer(caller)


def _own(caller: Principal) -> Whose:
    if caller.on_behalf_of is not None:
        # What this service does for that person: neither all of the service's nor all of the person's.
        words = f"{caller.kind.value}:{caller.subject} for {caller.on_behalf_of}"
        return Whose(words, "", "", subject_of(caller), person_of(caller))
    words = f"{caller.kind.value}:{caller.subject}"
    if caller.kind is PrincipalKind.USER:
        return Whose(words, caller.kind.value, caller.subject, person_kept=person_of(caller))
    return Whose(words, caller.kind.value, caller.subject, subject_kept=subject_of(caller))
