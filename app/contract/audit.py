"""The audit: who asked what, what was read, and why it was allowed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from app.contract.value import ContractValue
from townlake.domain.finding import Finding


class AuditEntry(ContractValue):
    """One entry of the chain. Text and numbers of statements are left out: `~` and a code stand for each."""

    seq: int
    at: str = ""
    kind: str
    """`intent` before a statement, `outcome` after it, `refusal`, `review.decided`, `grant.added` ..."""
    subject: str = ""
    caller_kind: str = ""
    on_behalf_of: str | None = None
    query_id: str = ""
    """Of a statement."""
    run_id: str = ""
    """Of the question that it belongs to."""
    question: str = ""
    """Its words: for whoever asked it, as long as the run is kept."""
    status: str = ""
    rows: int | None = None
    asked: str = ""
    """The form of the statement."""
    reads: tuple[str, ...] = ()
    """Tables."""
    columns: tuple[str, ...] = ()
    masks: dict[str, str] = Field(default_factory=dict)
    row_filtered: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    table: str = ""
    """What was decided on, granted or asked for."""
    details: dict[str, Any] = Field(default_factory=dict)
    """All else that was written down; for reviewers."""


class AuditPage(ContractValue):
    """Entries, the newest first. A page may hold fewer than asked for, or none, and still go on."""

    entries: tuple[AuditEntry, ...]
    next_cursor: str | None = None


class AccessNow(ContractValue):
    """What you may read of a table today."""

    table: str
    readable: bool
    why: str


class StatementAudit(ContractValue):
    """One statement: that it was announced, what became of it, and why it was allowed."""

    query_id: str
    entries: tuple[AuditEntry, ...]
    """Intent and outcome."""
    because: tuple[AuditEntry, ...] = ()
    """The newest decisions on its tables before it ran; for reviewers."""
    now: tuple[AccessNow, ...] = ()
    """What you may read of its tables today, and why."""


class ChainReport(ContractValue):
    """What a look through the whole chain gave."""

    at: datetime
    sound: bool
    """Whether nothing was changed, taken out, moved, cut off or replaced."""
    entries: int
    head: str
    findings: tuple[Finding, ...] = ()
    unfinished: int
    """Statements whose outcome was never written: they run, or their process was killed."""


class ChainState(ContractValue):
    """The end of the chain, and the last look through it by this server."""

    head: str
    """`number:code`; noted elsewhere, it proves later that nothing was cut off."""
    last: ChainReport | None = None


class ChainLook(ContractValue):
    """Asks for a look through the whole chain."""

    head: Annotated[str, StringConstraints(max_length=200)] | None = None
    """An end that you noted earlier."""
