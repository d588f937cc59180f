"""The step that examines: runs every check, and sends a statement back when its rows are unlikely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypedDict

from agents.ask.examiner.all_null import all_null
from agents.ask.examiner.cut_result import cut_result
from agents.ask.examiner.hidden_rows import hidden_rows
from agents.ask.examiner.masked_filter import masked_filter
from agents.ask.examiner.no_rows import no_rows
from agents.ask.examiner.none_joined import none_joined
from agents.ask.examiner.over_nothing import over_nothing
from agents.ask.examiner.repeated_rows import repeated_rows
from agents.ask.examiner.same_label import same_label
from agents.ask.examiner.seen import Seen
from agents.ask.examiner.unknown_value import unknown_value
from agents.ask.run_step import rows_of
from agents.ask.state import AskState, Checked, Outcome, Repair, RepairCause, SqlDraft
from agents.ask.validator import may_repair, send_back
from townlake.domain.finding import Finding

if TYPE_CHECKING:
    from agents.ask.run_context import Run

UNLIKELY: Final = frozenset({"EXA001", "EXA002", "EXA005", "EXA009", "EXA010"})
"""Findings that are worth one more try of the writer."""


class Check(Protocol):
    """Looks at an answer; gives findings, changes nothing, quotes no value that the caller may not see."""

    def __call__(self, seen: Seen) -> tuple[Finding, ...]:
        """What it found."""
        ...


CHECKS: Final[tuple[Check, ...]] = (
    no_rows,
    over_nothing,
    none_joined,
    all_null,
    repeated_rows,
    same_label,
    unknown_value,
    hidden_rows,
    masked_filter,
    cut_result,
)


class Reads(TypedDict, total=False):
    """What this step may see."""

    draft: SqlDraft
    checked: Checked
    outcome: Outcome
    repairs: tuple[Repair, ...]


def examiner(state: Reads, run: Run) -> AskState:
    """Look at the rows. What a model wrote goes back once when its rows are unlikely to be what was meant."""
    draft = state["draft"]
    seen = Seen(
        draft=draft,
        checked=state["checked"],
        rows=rows_of(state["outcome"], draft, run),
        outlook=run.outlook,
        values=run.with_.values,
    )
    findings = tuple(finding for check in CHECKS for finding in check(seen))
    doubts = tuple(finding for finding in findings if finding.code in UNLIKELY)
    if doubts and may_repair(draft, state.get("repairs", ()), RepairCause.UNLIKELY):
        return {"examined": findings, **send_back(draft, RepairCause.UNLIKELY, doubts)}
    return {"examined": findings, "to_mend": None}
