"""Whether a statement is within what its caller may take, or was approved beyond it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import PrincipalKind
from townlake.domain.statement_plan import PlannedRead, StatementPlan
from townlake.domain.verdict import Verdict
from townlake.governance.approvals import Approval, Approvals, ApprovalState
from townlake.governance.day_finding import HELD, day_finding
from townlake.governance.quotas import Bounds, Quotas, narrower
from townlake.governance.run_charge import RunCharge
from townlake.governance.scan_limit import UNKNOWN_SIZE, advice, is_secret, scan_finding
from townlake.governance.table_view import TableView

APPROVED: Final = "LIM004"


class Admitted(NamedTuple):
    """What holds for a statement."""

    bounds: Bounds
    size: int = 0
    """Bytes that it would read; 0 where nothing depends on it."""
    findings: tuple[Finding, ...] = ()
    """What stands in its way, or by which approval it runs."""


class Admission:
    """Decides on each statement that access lets pass.

    Args:
        limits: what holds where nothing else is said.
        quotas: None where nobody's day is limited.
        approvals: None where nothing can be approved.
    """

    def __init__(self, limits: Limits, quotas: Quotas | None, approvals: Approvals | None) -> None:
        self.limits = limits
        self._quotas = quotas
        self._approvals = approvals

    def needs_reads(self, verdict: Verdict) -> bool:
        """Whether anything depends on how much a statement would read."""
        return self._bounds(verdict).need_reads

    def admit(
        self,
        verdict: Verdict,
        estimate: Callable[[], Sequence[tuple[TableRef, int]]],
        view: Callable[[TableRef], TableView | None],
        *,
        may_ask: bool,
    ) -> Admitted:
        """What holds for a statement, and whether it may run.

        Args:
            verdict: the statement.
            estimate: the tables that it would read, with the bytes of each; not asked where nothing depends on it.
            view: a table as the caller sees it.
            may_ask: False when nobody should be asked to approve it, as when it cannot run anyhow. It runs by an
                approval that is there.
        """
        bounds = self._bounds(verdict)
        if not bounds.need_reads:
            return Admitted(bounds)
        reads = estimate()
        size = min(sum(max(0, read) for _, read in reads), UNKNOWN_SIZE)
        over = [scan_finding(reads, bounds.limits.scan_bytes, verdict.row_filtered, view)]
        if self._quotas is not None and (short := self._quotas.shortage(bounds.days, size)):
            over.append(day_finding(short, reads, advice(reads, verdict.row_filtered, view), verdict.row_filtered))
        findings = tuple(finding for finding in over if finding is not None)
        if not findings or verdict.principal.kind is PrincipalKind.SYSTEM:
            return Admitted(bounds, size, findings)
        return self._beyond(verdict, bounds, size, findings, may_ask=may_ask)

    def planned(
        self,
        verdict: Verdict,
        admitted: Admitted,
        reads: Sequence[tuple[TableRef, int]],
        narrowed: Limits | None,
    ) -> StatementPlan:
        """What a statement would take.

        Args:
            verdict: the statement, of which nothing but limits stands in the way.
            admitted: what holds for it.
            reads: the tables that it would read, with the bytes of each.
            narrowed: narrower bounds, if any.
        """
        limits = admitted.bounds.limits
        if narrowed is not None:
            limits = narrower(narrowed, limits)
        hides = is_secret(reads, verdict.row_filtered)
        told = tuple(
            PlannedRead(table=ref, bytes=None if hides or size >= UNKNOWN_SIZE else max(0, size)) for ref, size in reads
        )
        sizes = [each.bytes for each in told]
        over = [finding for finding in admitted.findings if finding.severity is Severity.ERROR]
        return StatementPlan(
            may_run=verdict.passed,
            reads=told,
            bytes=sum(size for size in sizes if size is not None) if None not in sizes else None,
            max_bytes=limits.scan_bytes,
            max_rows=limits.rows,
            max_seconds=limits.seconds,
            needs_approval=self._approvals is not None and any(finding.code != HELD for finding in over),
            approval=admitted.bounds.approval,
        )

    def charge(
        self,
        verdict: Verdict,
        admitted: Admitted,
        narrowed: Limits | None,
        run_id: str = "",
        estimate: Callable[[], Sequence[tuple[TableRef, int]]] = tuple,
    ) -> RunCharge:
        """The reckoning of a run.

        Args:
            verdict: what runs.
            admitted: what holds for it.
            narrowed: narrower bounds, if any.
            run_id: the question that it belongs to.
            estimate: the tables that it reads, with the bytes of each; asked where nothing depended on it before.
        """
        bounds = admitted.bounds
        if narrowed is not None:
            bounds = bounds.with_limits(narrower(narrowed, bounds.limits))

        def size() -> int:
            return (
                admitted.size if bounds.need_reads else min(sum(max(0, read) for _, read in estimate()), UNKNOWN_SIZE)
            )

        return RunCharge(verdict, self._quotas, bounds, admitted.size, self._approvals, run_id, size)

    def _bounds(self, verdict: Verdict) -> Bounds:
        if self._quotas is None:
            return Bounds(self.limits)
        return self._quotas.bounds(verdict.principal, verdict.policy_version, self.limits)

    def _beyond(
        self, verdict: Verdict, bounds: Bounds, size: int, findings: tuple[Finding, ...], *, may_ask: bool
    ) -> Admitted:
        """A statement over a limit: it runs by an approval, or the caller is told how to come by one."""
        if self._approvals is None:
            return Admitted(bounds, size, findings)
        known = self._approvals.newest(verdict)
        if known is not None and known.is_good(verdict, size, self._approvals.clock()):
            return Admitted(bounds.approved(known.id, known.bounds), size, (_note(known),))
        if known is not None and known.state is ApprovalState.DENIED and self._approvals.clock() < known.until:
            return Admitted(bounds, size, _advised(findings, f"Request {known.id} was denied by {known.decided_by}."))
        if not may_ask or all(finding.code == HELD for finding in findings):
            return Admitted(bounds, size, findings)
        asked = self._approvals.ask(verdict, (finding.code for finding in findings), size)
        way = (
            "Too many of your requests wait for a reviewer."
            if asked is None
            else f"Or have a reviewer approve it: `skipper approve show {asked.id}`."
        )
        return Admitted(bounds, size, _advised(findings, way))


def _advised(findings: tuple[Finding, ...], way: str) -> tuple[Finding, ...]:
    return tuple(finding.model_copy(update={"hint": f"{finding.hint} {way}".strip()}) for finding in findings)


def _note(approval: Approval) -> Finding:
    return Finding(
        code=APPROVED,
        severity=Severity.NOTE,
        message=f"It is over a limit, and runs by approval {approval.id} of {approval.decided_by}.",
        hint=f"It is good for {approval.runs_left} more, until {approval.until:%Y-%m-%d %H:%M} UTC.",
    )
