"""What went wrong, as RFC 9457 tells it: `application/problem+json`."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from app.contract.value import ContractValue
from townlake.domain.finding import Finding

MEDIA_TYPE: Final = "application/problem+json"
BASE: Final = "urn:skipper:problem:"
"""Of all types: `urn:skipper:problem:not-found`. A type is permanent; docs/guide/api.md lists them."""


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
