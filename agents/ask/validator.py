"""Decides whether a draft may run, or goes back to the writer with everything that was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from agents.ask.answer import AnswerPath, Status
from agents.ask.standing import standing
from agents.ask.state import AskState, Checked, Ending, Repair, RepairCause, SqlDraft
from townlake.domain.finding import Finding, Severity

if TYPE_CHECKING:
    from agents.ask.run_context import Run
    from townlake.domain.verdict import Verdict

MAX_REPAIRS: Final = {RepairCause.REFUSED: 3, RepairCause.DOUBTFUL: 1, RepairCause.UNLIKELY: 1}
UNKNOWN_TABLE: Final = "NAM001"
_TRAP: Final = "TRP"
_NOW_NOTHING: Final = {"LIM003", "LIM006"}
"""No other statement would help."""
_ACCESS: Final = ("POL", UNKNOWN_TABLE)


class Reads(TypedDict, total=False):
    """What this step may see. It never sees rows."""

    draft: SqlDraft
    repairs: tuple[Repair, ...]


def validator(state: Reads, run: Run) -> AskState:
    """Check the draft.

    All findings travel together, since a writer repairs better when it sees them all. A warning that values are
    likely wrong is worth one more try; a writer that keeps its statement then has a reason. When a better statement
    was asked for and what came does not pass, the one before stands.
    """
    draft, repairs = state["draft"], state.get("repairs", ())
    verdict = run.verdict(draft)
    if verdict.passed:
        doubts = tuple(f for f in verdict.findings if f.severity is Severity.WARNING and f.code.startswith(_TRAP))
        if doubts and may_repair(draft, repairs, RepairCause.DOUBTFUL):
            return {"checked": summary_of(verdict), **send_back(draft, RepairCause.DOUBTFUL, doubts)}
        return {"checked": summary_of(verdict), "to_mend": None}
    is_over = any(finding.code in _NOW_NOTHING for finding in verdict.findings)
    if not is_over and may_repair(draft, repairs, RepairCause.REFUSED):
        return {"checked": summary_of(verdict), **send_back(draft, RepairCause.REFUSED, verdict.findings)}
    if stays := standing(repairs, "None that came passes the check."):
        return {"draft": stays, "checked": summary_of(run.verdict(stays)), "to_mend": None}
    verdict = run.asked_for(draft)
    if verdict.passed:
        return {"checked": summary_of(verdict), "to_mend": None}
    if run.planned.get(draft.sql) is not None:
        # Only limits stand in its way, and the plan tells of them.
        return {"checked": summary_of(verdict), "to_mend": None}
    errors = tuple(f for f in verdict.findings if f.severity is Severity.ERROR)
    return {"checked": summary_of(verdict), "to_mend": None, "ending": _ending(errors)}


def may_repair(draft: SqlDraft, repairs: tuple[Repair, ...], cause: RepairCause) -> bool:
    """Whether the statement may go back for this cause. Only what a model wrote can be written again."""
    if draft.path is not AnswerPath.MODEL:
        return False
    return sum(repair.cause is cause for repair in repairs) < MAX_REPAIRS[cause]


def send_back(draft: SqlDraft, cause: RepairCause, findings: tuple[Finding, ...]) -> AskState:
    """The update that sends a statement back to the writer."""
    repair = Repair(cause=cause, draft=draft, findings=findings)
    return {"to_mend": repair, "repairs": (repair,)}


def summary_of(verdict: Verdict) -> Checked:
    """What of a verdict may travel in the state."""
    return Checked(
        passed=verdict.passed,
        findings=verdict.findings,
        columns=verdict.columns,
        tables=tuple((scan.table, scan.snapshot_id) for scan in verdict.scans),
        masks=verdict.masks,
        row_filtered=verdict.row_filtered,
        hidden_columns=verdict.hidden_columns,
    )


def _ending(errors: tuple[Finding, ...]) -> Ending:
    """The end of a statement that does not pass: refused where access is missing, failed where the SQL is at fault."""
    first = next((f for f in errors if f.code.startswith(_ACCESS)), errors[0] if errors else None)
    if first is None:
        return Ending(status=Status.FAILED, message="The statement did not pass the check.")
    status = Status.REFUSED if first.code.startswith(_ACCESS) else Status.FAILED
    return Ending(status=status, message=first.message, hint=first.hint)
