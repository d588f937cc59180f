"""Runs a checked statement through the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from agents.ask.standing import standing
from agents.ask.state import AskState, Outcome, Repair, RepairCause, SqlDraft
from agents.ask.validator import may_repair, send_back, summary_of
from townlake.domain.errors import AccessDenied, EngineError, EngineUnavailable, LimitExceeded, NotFound
from townlake.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.ask.run_context import Run
    from townlake.domain.names import TableRef
    from townlake.domain.rows import Rows
    from townlake.domain.verdict import Verdict

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

    Where the engine fails on a better statement, the one before stands.

    Raises:
        EngineError: the engine failed, and no other statement would help.
        LimitExceeded: the statement takes too much.
        Cancelled: the caller stopped it.
    """
    draft, repairs = state["draft"], state.get("repairs", ())
    try:
        return {"to_mend": None, "outcome": _outcome(fetch(draft, run))}
    except EngineUnavailable:
        raise
    except (EngineError, LimitExceeded) as error:
        finding = _finding(error)
        if finding is not None and may_repair(draft, repairs, RepairCause.REFUSED):
            return send_back(draft, RepairCause.REFUSED, (finding,))
        stays = standing(repairs, error.message)
        if stays is None or stays.sql == draft.sql:
            raise
        checked = summary_of(run.verdict(stays))
        return {"to_mend": None, "draft": stays, "checked": checked, "outcome": _outcome(fetch(stays, run))}


def fetch(draft: SqlDraft, run: Run) -> Rows:
    """Run the statement, once, and keep the rows in memory.

    Raises:
        AccessDenied: it no longer passes the check.
    """
    if draft.sql in run.rows:
        return run.rows[draft.sql]
    verdict = run.verdict(draft)
    if not verdict.passed:
        reason = next((f for f in verdict.findings if f.severity is Severity.ERROR), None)
        raise AccessDenied(
            reason.message if reason else "The statement may not run.", hint=reason.hint if reason else ""
        )
    run.rows[draft.sql] = run.with_.lake.run(verdict, run.limits, run.cancelled, run_id=run.run_id)
    return run.rows[draft.sql]


def run_pinned(draft: SqlDraft, snapshots: Mapping[TableRef, int], run: Run) -> Outcome:
    """Run the statement on the tables as they were then, with the rights of now.

    Raises:
        NotFound: the rows of a snapshot are no longer kept, or a table or column is gone.
        AccessDenied: it does not pass the check.
    """
    check_pinned(draft, snapshots, run)
    return _outcome(fetch(draft, run))


def check_pinned(draft: SqlDraft, snapshots: Mapping[TableRef, int], run: Run) -> Verdict:
    """Check the statement on the tables as they were then, with the rights of now.

    Raises:
        NotFound: the rows of a snapshot are no longer kept, or a table or column is gone.
    """
    verdict = run.with_.lake.check(
        draft.sql, run.principal, namespace=draft.namespace, snapshots=snapshots, runs_next=True
    )
    errors = (finding for finding in verdict.findings if finding.severity is Severity.ERROR)
    gone = next((finding for finding in errors if finding.code.startswith(_NAMES)), None)
    if gone is not None:
        raise NotFound(
            f"What the answer was read from is gone, or closed to you now. {gone.message}",
            hint="Ask the question again for the rows of today.",
        )
    run.verdicts[draft.sql] = verdict
    return verdict


def rows_of(outcome: Outcome, draft: SqlDraft, run: Run) -> Rows:
    """The rows of an outcome. After a restart they are read again, from the same snapshots."""
    if draft.sql not in run.rows:
        run_pinned(draft, {table: snapshot for table, snapshot in outcome.snapshots if snapshot is not None}, run)
    return run.rows[draft.sql]


def _outcome(rows: Rows) -> Outcome:
    return Outcome(
        query_id=rows.query_id,
        row_count=rows.table.num_rows,
        truncated=rows.truncated,
        columns=rows.columns,
        snapshots=tuple(rows.snapshots.items()),
    )


def _finding(error: EngineError | LimitExceeded) -> Finding | None:
    """What the writer may know of a failure: its class and what to do, never the engine's own text."""
    if isinstance(error, LimitExceeded) or error.code not in _CAN_BE_WRITTEN_OTHERWISE:
        return None
    return Finding(
        code=ENGINE_FAILED,
        severity=Severity.ERROR,
        message=f"The statement failed while it ran: {error.code}. {error.message}".strip(),
        hint=error.hint or "Write it so that no row can fail: NULLIF for a divisor, TRY_CAST for a cast.",
    )
