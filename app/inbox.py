"""How much waits for somebody: what others asked for, and answers to what they asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contract.rights import Inbox
from app.news import answer_to, so_far
from app.review_listing import Wish, listed
from townlake.domain.principal import PrincipalKind
from townlake.governance.approvals import ApprovalState, asked_by

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.governance.approvals import Approval


def inbox(workspace: Workspace, caller: Principal, *, reviews: bool) -> Inbox:
    """What waits for a caller.

    Args:
        workspace: the home.
        caller: whoever looks.
        reviews: whether they come as a reviewer. What only a person decides waits for no service.
    """
    asked = workspace.reviews.asked
    answers = sum(
        bool(answer_to(workspace, caller, one) or so_far(workspace, caller, one)) for one in asked.unseen(caller)
    )
    if not reviews or caller.kind is not PrincipalKind.USER or caller.on_behalf_of is not None:
        return Inbox(answers=answers)
    return Inbox(
        answers=answers,
        tables=len(listed(workspace, caller, Wish())),
        requests=len(asked.open()),
        statements=sum(_may_be_approved(workspace, caller, one) for one in workspace.approvals.list()),
    )


def _may_be_approved(workspace: Workspace, caller: Principal, one: Approval) -> bool:
    is_own = workspace.settings.four_eyes and asked_by(one, caller)
    return one.state is ApprovalState.ASKED and not is_own
