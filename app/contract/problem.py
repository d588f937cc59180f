"""What went wrong, as RFC 9457 tells it: `application/problem+json`."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from app.contract.value import ContractValue
from townlake.domain.finding import Finding

MEDIA_TYPE: Final = "application/problem+json"
BASE: Final = "urn:skipper:problem:"
"""Of all types: `urn:skipper:problem:not-found`. A type is permanent; docs/guide/api.md lists them."""


BUDGET_USED_UP: Final = "budget-used-up"
"""What models may cost a caller a day is used up: no call is made any more."""
BUDGET_TITLE: Final = "What models may cost you a day is used up"
BUDGET_STATUS: Final = 429


class Problem(ContractValue):
    """One fault."""

    type: str
    """Permanent, for programs."""
    title: str
    """What kind of fault it is, the same for all of its type."""
    status: int = Field(ge=400, le=599)
    detail: str
    """What happened, and why."""
    next: str = ""
    """What to do next."""
    request_id: str = ""
    """Under which the operator's log knows it."""
    faults: tuple[str, ...] = ()
    """What of the request cannot be taken, one by one."""
    findings: tuple[Finding, ...] = ()
    """What the check of a statement found."""


def budget_problem(detail: str, request_id: str = "") -> Problem:
    """What is told of a question that the budget of a day has ended.

    Args:
        detail: how much is used, when the day begins anew, and whom to ask.
        request_id: of the request that is answered by it.
    """
    return Problem(
        type=BASE + BUDGET_USED_UP,
        title=BUDGET_TITLE,
        status=BUDGET_STATUS,
        detail=detail,
        next="Ask again when the day begins anew, or ask for more.",
        request_id=request_id,
    )
