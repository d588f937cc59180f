"""The one door to the data: check a statement, run a verdict, see what is there. Everything is audited."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from townlake.catalog.catalog import Catalog
from townlake.catalog.cautions import cautions
from townlake.domain.errors import (
    AccessDenied,
    EngineError,
    EngineUnavailable,
    LimitExceeded,
    NotFound,
    SkipperError,
    Unplannable,
)
from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.progress import Progress
from townlake.domain.rows import Rows, Stream
from townlake.domain.sample import TableSample
from townlake.domain.statement_plan import StatementPlan
from townlake.domain.table import TableInfo
from townlake.domain.verdict import Scan, Verdict
from townlake.engines.protocol import Engine, Reads
from townlake.governance.admission import Admission, Admitted
from townlake.governance.approvals import Approvals
from townlake.governance.audit import Audit
from townlake.governance.guard.check import check
from townlake.governance.policy import Policy
from townlake.governance.quotas import Bounds, Quotas
from townlake.governance.rights import Rights, rights_of
from townlake.governance.scan_estimate import estimated_reads
from townlake.governance.table_view import TableView, view_table
from townlake.lake_look import LakeLook
from townlake.outcomes import failure, for_callers, refused
from townlake.sampling import SAMPLE_SECONDS, Elsewhere, Sampling

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.catalog.value_hashes import Hashes

_MOST_ISSUED: Final = 1_000
_MOST_SIGHTS: Final = 100
_GONE_HINT: Final = "Ask again; `skipper tables` lists what is there."


class _Issue(NamedTuple):
    """What was found when a verdict was issued."""

    moment: str
    """The catalog's version."""
    admitted: Admitted
    may_ask: bool
    """Whether a reviewer may be asked to approve it."""
    planned: bool = True
    """Whether the engine has told all that it can tell before the run."""
    reads: Reads | None = None
    """The tables that it would read, as the engine told."""


class Lake:
    """Reads the lake as a caller. Nothing else in the product reads data."""

    def __init__(
        self,
        catalog: Catalog,
        policy: Policy,
        audit: Audit,
        engine: Engine,
        limits: Limits,
        quotas: Quotas | None = None,
        approvals: Approvals | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._catalog = catalog
        self._policy = policy
        self._audit = audit
        self._engine = engine
        self._sampling = Sampling(catalog, audit, elsewhere)
        self._admission = Admission(limits, quotas, approvals)
        self._lock = threading.Lock()
        self._issued: OrderedDict[Verdict, _Issue] = OrderedDict()
        self._sights: OrderedDict[tuple[Rights, ...], tuple[str, tuple[TableView, ...]]] = OrderedDict()

    def version(self) -> str:
        """Differs whenever any caller might see something else: another policy, schema, snapshot or description."""
        return f"{self._policy.version()}/{self._catalog.version()}"

    def check(
        self,
        sql: str,
        principal: Principal,
        *,
        namespace: str | None = None,
        snapshots: Mapping[TableRef, int] | None = None,
        may_ask: bool = True,
        runs_next: bool = False,
    ) -> Verdict:
        """Decide whether a statement may run for a caller; read no data.

        Args:
            sql: one query, SHOW or DESCRIBE in Trino's dialect.
            principal: who asks.
            namespace: the schema of tables that are named without one.
            snapshots: tables to read as they were; the others are read at their newest snapshot.
            may_ask: False for a statement that nobody would run again, so that no reviewer is asked to approve it.
            runs_next: True where `run` follows at once. What the engine would then say twice, it says once: a fault
                that only its plan shows is raised by `run`.

        Returns:
            The guard's verdict with the engine's findings and result types. A refusal is in the audit.

        Raises:
            NotFound: the rows of a snapshot are no longer kept.
            EngineError: the engine could not look at the statement.
            HomeError: the catalog, the policy or the audit cannot be used.
        """
        return self._checked(sql, principal, namespace, snapshots, may_ask, runs_next)[0]

    def plan(
        self, sql: str, principal: Principal, *, namespace: str | None = None, limits: Limits | None = None
    ) -> tuple[Verdict, StatementPlan | None]:
        """Check a statement, and tell what it would take; read no data, and ask nobody to approve it.

        It takes and raises what `check` does, and narrower `limits` as `run` takes them.

        Returns:
            The verdict, and the plan; None where the statement is wrong, or reads what the caller may not read.
        """
        verdict, issue = self._checked(sql, principal, namespace, None, may_ask=False, runs_next=False)
        errors = {finding for finding in verdict.findings if finding.severity is Severity.ERROR}
        if verdict.sql is None or not errors <= set(issue.admitted.findings):
            return verdict, None
        reads = self._estimated(verdict, issue.reads)
        return verdict, self._admission.planned(verdict, issue.admitted, reads, limits)

    def _checked(
        self,
        sql: str,
        principal: Principal,
        namespace: str | None,
        snapshots: Mapping[TableRef, int] | None,
        may_ask: bool,
        runs_next: bool,
    ) -> tuple[Verdict, _Issue]:
        look = self._look(principal)
        verdict = check(sql, principal, look.catalog, look.policy, namespace=namespace, snapshots=snapshots)
        pinned = tuple(scan.table for scan in verdict.scans if scan.table in (snapshots or {}))
        verdict = verdict.model_copy(update={"namespace": namespace, "pinned": pinned})
        issue = _Issue(look.catalog.version(), Admitted(Bounds(self._admission.limits)), may_ask)
        if verdict.passed:
            self._check_snapshots(verdict)
            verdict, issue = self._explained(verdict, look, may_ask, runs_next)
        if not verdict.passed:
            self._audit.refusal(verdict)
            return verdict, issue
        with self._lock:
            self._issued[verdict] = issue
            while len(self._issued) > _MOST_ISSUED:
                self._issued.popitem(last=False)
        return verdict, issue

    def run(
        self,
        verdict: Verdict,
        limits: Limits | None = None,
        cancelled: Event | None = None,
        *,
        run_id: str = "",
        progress: Callable[[Progress], None] | None = None,
        sink: Callable[[pa.RecordBatch], None] | None = None,
    ) -> Rows:
        """Run a verdict that passed.

        Only what this lake issued itself, under the policy and the catalog of now, runs as it stands. Anything else,
        such as a verdict that comes back from a checkpoint, is checked again from the text as asked.

        Args:
            verdict: what `check` gave.
            limits: other bounds of rows and size, and narrower ones of time, memory and reading.
            cancelled: set it from another thread to stop.
            run_id: the question that this belongs to, for the audit.
            progress: is told how far the statement is, where the engine knows.
            sink: is given the rows as they come, in batches whose columns are those of the verdict, in their order, and
                at least one batch, be it empty. The table that comes back has no rows then. Rows that were given stay
                given when the statement fails or the rights change after them: keep them back until this returns.

        Raises:
            AccessDenied: it did not pass, no longer passes, or the rights changed while it ran.
            BadInput: it is not a statement that can run, or no longer is.
            Unplannable: the engine has something against it that `check` was not to look for (`runs_next`).
            NotFound: a table was dropped since the check.
            LimitExceeded: time, memory or bytes ran out, of the statement or of the caller's day.
            Cancelled: the caller stopped it.
            EngineError: the engine failed; its own words are in the operator's log only.
            AuditUnavailable: the intent or the outcome could not be written down.
        """
        if not verdict.passed:
            raise refused(verdict)
        verdict, issue = self._current(verdict)
        charge = self._admission.charge(verdict, issue.admitted, limits, run_id, lambda: self._estimated(verdict, None))
        try:
            query_id = self._audit.intent(
                verdict, engine=self._engine.name, run_id=run_id, approval=charge.approval, also=charge.reserve
            )
        except LimitExceeded as error:
            self._audit.refusal(verdict, error.code)
            raise error from None
        done = partial(self._audit.outcome, query_id, verdict.principal, also=charge.settle)
        charge.start()
        stream = None if sink is None else Stream(sink, partial(self._must_hold, verdict), verdict.policy_version)
        try:
            rows = self._engine.run(
                verdict,
                charge.limits,
                query_id,
                cancelled,
                charge.meter(progress),
                None if stream is None else stream.take,
            )
            self._must_hold(verdict, verdict.policy_version if stream is None else stream.held)
            if stream is not None:
                stream.end(rows.table.schema)
            count, size = (rows.table.num_rows, rows.table.nbytes) if stream is None else (stream.rows, stream.bytes)
        except BaseException as error:
            status, words = failure(error)
            done(status, error=words, **charge.stop(lost=isinstance(error, EngineUnavailable)))
            if isinstance(error, EngineError):
                self._check_dropped(verdict)
                told = for_callers(error)
                raise (None if issue.planned else self._unplannable(verdict, error)) or told from None
            raise
        done("ok", **charge.stop(), rows=count, bytes=size, truncated=rows.truncated)
        return rows

    def sample(
        self, ref: TableRef, principal: Principal, *, since: int | None = None, seconds: float = SAMPLE_SECONDS
    ) -> TableSample:
        """Values of all columns of a table, reviewed or not, for classification; `Sampling.sample` tells more.

        Raises:
            AccessDenied: it is not the scanner who asks.
        """
        return self._sampling.sample(ref, principal, since, seconds)

    def hashes(self, column: ColumnRef, principal: Principal, salt: bytes, seconds: float = SAMPLE_SECONDS) -> Hashes:
        """Salted hashes of all values of a column of the lake; `Sampling.hashes` tells more.

        Raises:
            AccessDenied: it is not the scanner who asks.
        """
        return self._sampling.hashes(column, principal, salt, seconds)

    def table(self, ref: TableRef, principal: Principal) -> TableView | None:
        """A table as the caller may see it; None when it does not exist for the caller, for whatever reason."""
        return self._look(principal).table(ref)

    def tables(self, principal: Principal) -> tuple[TableView, ...]:
        """Every table that the caller can find, by name, closed ones without their columns."""
        rights, version = rights_of(principal), self.version()
        with self._lock:
            known = self._sights.get(rights)
        if known is not None and known[0] == version:
            return known[1]
        infos = self._catalog.tables()
        accesses = dict(zip((i.ref for i in infos), self._policy.accesses(principal, infos), strict=True))
        hidden = {i.ref for i in infos if i.restricted and not accesses[i.ref].visible}
        findable = {ref: access for ref, access in accesses.items() if ref not in hidden}
        views = (view_table(info, accesses[info.ref], findable.get) for info in infos)
        found = tuple(view for view in views if view is not None)
        with self._lock:
            self._sights[rights] = (version, found)
            self._sights.move_to_end(rights)
            while len(self._sights) > _MOST_SIGHTS:
                self._sights.popitem(last=False)
        return found

    def _look(self, principal: Principal) -> LakeLook:
        return LakeLook(self._catalog.look(), self._policy.look(), principal)

    def _explained(self, verdict: Verdict, look: LakeLook, may_ask: bool, runs_next: bool) -> tuple[Verdict, _Issue]:
        unplanned = runs_next and not self._admission.needs_reads(verdict)
        try:
            explanation = self._engine.explain(verdict, runs_next=unplanned)
        except EngineError as error:
            raise for_callers(error) from None
        reads, found = explanation.reads, (*verdict.findings, *explanation.findings)
        admitted = self._admission.admit(
            verdict,
            lambda: self._estimated(verdict, reads),
            look.table,
            may_ask=may_ask and all(finding.severity is not Severity.ERROR for finding in found),
        )
        findings = (*found, *admitted.findings, *_cautions(verdict, look))
        columns = verdict.columns
        if explanation.columns:
            columns = verdict.output([(column.name, column.type) for column in explanation.columns])
        explained = verdict.model_copy(update={"findings": findings, "columns": columns})
        return explained, _Issue(look.catalog.version(), admitted, may_ask, planned=not unplanned, reads=reads)

    def _unplannable(self, verdict: Verdict, error: EngineError) -> Unplannable | None:
        """What the engine has against a statement that failed, and was not planned before."""
        if isinstance(error, EngineUnavailable):
            return None
        findings: tuple[Finding, ...] = ()
        with suppress(SkipperError):
            findings = self._engine.explain(verdict).findings
        fault = next((each for each in findings if each.severity is Severity.ERROR), None)
        if fault is None:
            return None
        return Unplannable(fault.message, hint=fault.hint, findings=(*verdict.findings, *findings))

    def _estimated(self, verdict: Verdict, told: Reads | None) -> Reads:
        """What it would read: by the engine's estimate, unless that could tell of rows that the caller does not see."""
        if told is not None and not verdict.row_filtered:
            return told
        of_sources = (read for read in told or () if read[0].is_federated)
        return (*estimated_reads(verdict, self._as_read), *of_sources)

    def _as_read(self, scan: Scan) -> TableInfo | None:
        """The table, with the size of the snapshot that is read."""
        info = self._catalog.table(scan.table)
        if info is None or scan.snapshot_id in (None, info.snapshot_id):
            return info
        size = self._catalog.snapshot_bytes(scan.table, scan.snapshot_id or 0)
        return info.model_copy(update={"byte_count": size})

    def _check_snapshots(self, verdict: Verdict) -> None:
        for scan in verdict.scans:
            if scan.table in verdict.pinned and not self._catalog.has_snapshot(scan.table, scan.snapshot_id or 0):
                raise NotFound(
                    f"The rows that {scan.table} held at that time are no longer kept.",
                    hint="Ask again, without a snapshot, for the rows of today.",
                )

    def _current(self, verdict: Verdict) -> tuple[Verdict, _Issue]:
        with self._lock:
            issue = self._issued.get(verdict)
        if issue is not None:
            if verdict.policy_version == self._policy.version() and issue.moment == self._catalog.version():
                return verdict, issue
            self._check_dropped(verdict)
        again, issue_now = self._checked(
            verdict.asked,
            verdict.principal,
            verdict.namespace,
            {s.table: s.snapshot_id for s in verdict.scans if s.table in verdict.pinned and s.snapshot_id},
            issue is None or issue.may_ask,
            runs_next=True,
        )
        if not again.passed:
            raise refused(again)
        return again, issue_now

    def _check_dropped(self, verdict: Verdict) -> None:
        for scan in verdict.scans:
            info = self._catalog.table(scan.table)
            if info is None or info.uuid != scan.table_uuid:
                raise NotFound(f"The table {scan.table} was dropped after the statement was checked.", hint=_GONE_HINT)

    def _must_hold(self, verdict: Verdict, version: str) -> str:
        """Refuse rows that a decision since that version of the policy would have stopped or masked.

        Returns:
            The version of now.
        """
        now = self._policy.version()
        if now != version:
            again = check(verdict.asked, verdict.principal, self._catalog, self._policy, namespace=verdict.namespace)
            if again.sql != verdict.sql:
                raise AccessDenied("Your rights changed while the statement ran.", hint="Ask again.")
        return now


def _cautions(verdict: Verdict, look: LakeLook) -> list[Finding]:
    views = (look.table(scan.table) for scan in verdict.scans)
    return [finding for view in views if view is not None for finding in cautions(view.info)]
