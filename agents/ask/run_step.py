"""Runs a checked statement through the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from agents.ask.state import AskState, Outcome, Repair, RepairCause, SqlDraft
from agents.ask.validator import may_repair, send_back
from townlake.domain.errors import AccessDenied, EngineError, EngineUnavailable, NotFound
from townlake.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.ask.run_context import Run
    from townlake.domain.names import TableRef
    from townlake.domain.rows import Rows

ENGINE_FAILED: Final = "ASK001"
_NAMES: Final = "NAM"
_CAN_BE_WRITTEN_OTHERWISE: Final = frozenset(
    {
        "DIVISION_BY_ZERO",
        "INVALID_CAST_ARGUMENT",
        "INVALID_FUNCTION_ARGUMENT",
        "NOT_SUPPORTED",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "SUBQUERY_MULTIPLE_ROWS",
        "TYPE_MISMATCH",
    }
)


class Reads(TypedDict, total=False):
    """What this step may see."""

    draft: SqlDraft
    repairs: tuple[Repair, ...]


def run_step(state: Reads, run: Run) -> AskState:
    """Run the statement as the caller. The rows stay in memory; the state holds their number and their id.

    Raises:
        EngineError: the engine failed, and no other statement would help.
        LimitExceeded: the statement takes too much.
        Cancelled: the caller stopped it.
    """
    draft = state["draft"]
    try:
        rows = fetch(draft, run)
    except EngineUnavailable:
        raise
    except EngineError as error:
        finding = _finding(error)
        if finding is None or not may_repair(draft, state.get("repairs", ()), RepairCause.REFUSED):
            raise
        return send_back(draft, RepairCause.REFUSED, (finding,))
    return {"to_mend": None, "outcome": _outcome(rows)}


def fetch(draft: SqlDraft, run: Run) -> Rows:
    """Run the statement and keep the rows in memory.

    Raises:
        AccessDenied: it no longer passes the check.
    """
    verdict = run.verdict(draft)
    if not verdict.passed:
        reason = next((f for f in verdict.findings if f.severity is Severity.ERROR), None)
        raise AccessDenied(
            reason.message if reason else "The statement may not run.", hint=reason.hint if reason else ""
        )
    rows = run.with_.lake.run(verdict, cancelled=run.cancelled, run_id=run.run_id)
    run.rows[rows.query_id] = rows
    return rows


def run_pinned(draft: SqlDraft, snapshots: Mapping[TableRef, int], run: Run) -> Outcome:
    """Run the statement on the tables as they were then, with the rights of now.

    Raises:
        NotFound: the rows of a snapshot are no longer kept, or a table or column is gone.
        AccessDenied: it does not pass the check.
    """
    verdict = run.with_.lake.check(draft.sql, run.principal, snapshots=snapshots)
    errors = (finding for finding in verdict.findings if finding.severity is Severity.ERROR)
    gone = next((finding for finding in errors if finding.code.startswith(_NAMES)), None)
    if gone is not None:
        raise NotFound(
            f"What the answer was read from is gone, or closed to you now. {gone.message}",
            hint="Ask the question again for the rows of today.",
        )
    run.verdicts[draft.sql] = verdict
    return _outcome(fetch(draft, run))


def rows_of(outcome: Outcome, draft: SqlDraft, run: Run) -> Rows:
    """The rows of an outcome. After a restart they are read again, from the same snapshots."""
    if outcome.query_id not in run.rows:
        snapshots = {table: snapshot for table, snapshot in outcome.snapshots if snapshot is not None}
        run.rows[outcome.query_id] = run.rows[run_pinned(draft, snapshots, run).query_id]
    return run.rows[outcome.query_id]


def _outcome(rows: Rows) -> Outcome:
    return Outcome(
        query_id=rows.query_id,
        row_count=rows.table.num_rows,
        truncated=rows.truncated,
        columns=rows.columns,
        snapshots=tuple(rows.snapshots.items()),
    )


def _finding(error: EngineError) -> Finding | None:
    """What the writer may know of a failure: its class and what to do, never the engine's own text."""
    if error.code not in _CAN_BE_WRITTEN_OTHERWISE:
        return None
    return Finding(
        code=ENGINE_FAILED,
        severity=Severity.ERROR,
        message=f"The statement failed while it ran: {error.code}. {error.message}".strip(),
        hint=error.hint or "Write it so that no row can fail: NULLIF for a divisor, TRY_CAST for a cast.",
    )
