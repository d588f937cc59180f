"""Who may see and decide what is for reviewers."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from townlake.domain.errors import AccessDenied
from townlake.domain.principal import PrincipalKind

if TYPE_CHECKING:
    from townlake.domain.principal import Principal


def is_reviewer(named: Collection[str], caller: Principal, *, verified: bool) -> bool:
    """Whether a caller is a reviewer, and the person that it acts for as well.

    Args:
        named: the users and groups that the settings name.
        caller: who asks.
        verified: whether many people come this way, each proven. Where nobody is named, nobody reviews then.
    """
    if not named:
        return not verified
    return all(any(_is(name, each) for name in named) for each in caller.parties)


def _is(name: str, caller: Principal) -> bool:
    """Whether a name of the settings means a caller: `user:ann`, `group:stewards`, or either without a kind."""
    kind, _, rest = name.partition(":")
    if kind == "group":
        return rest in caller.groups
    if kind == "user":
        return caller.kind is PrincipalKind.USER and rest == caller.subject
    return name in caller.names


def must_review(named: Collection[str], caller: Principal, *, verified: bool) -> Principal:
    """The caller, when they are a reviewer.

    Raises:
        AccessDenied: they are not.
    """
    if is_reviewer(named, caller, verified=verified):
        return caller
    if not named:
        raise AccessDenied(
            "Nobody may decide who sees what over HTTP: the settings name no reviewers.",
            hint="Whoever runs the server names users and groups in the setting `reviewers` (SKIPPER_REVIEWERS).",
        )
    raise AccessDenied(
        f"{caller.subject} may not decide who sees what.",
        hint=f"Ask one of {', '.join(sorted(named))}; the setting `reviewers` names them.",
    )
