"""Skimmer over the lake of a workspace, and what is told of its scans."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from townlake.governance.review_records import WAITING

if TYPE_CHECKING:
    from agents.skimmer.judge import ModelJudge, Spending
    from agents.skimmer.scan_state import Outcome
    from agents.skimmer.skimmer import Due, Skimmer
    from app.workspace import Workspace
    from townlake.domain.names import TableRef
    from townlake.domain.principal import Principal

_MOST_REASONS = 2
_MOST_INCIDENTS = 10


class Judged(NamedTuple):
    """What a model took."""

    told: dict[str, Any]
    words: list[str]


def skimmer_of(workspace: Workspace, judge: ModelJudge | None = None) -> Skimmer:
    """The scanner of this lake.

    Args:
        workspace: the lake.
        judge: looks at what the rules cannot clear.
    """
    from agents.skimmer.scan_state import Collaborators
    from agents.skimmer.skimmer import Skimmer
    from app.learning import version_in_use
    from app.workspace import utc_now

    parts = workspace.own_lake, workspace.catalog, workspace.reviews, workspace.scans, utc_now
    learned = partial(version_in_use, workspace)
    return Skimmer(Collaborators(*parts, reaches_others=workspace.reaches_others, learned=learned, judge=judge))


def note_begin(workspace: Workspace, caller: Principal, names: Sequence[str], *, everything: bool, watch: bool) -> None:
    """Write down who had the lake scanned: what is read then is read by the scanner."""
    with workspace.audit.transaction() as work:
        work.record("scan.begun", caller, {"tables": list(names), "all": everything, "watch": watch})


class JudgeNotes:
    """Writes down what a model was asked, table by table, for scans that are broken off, too.

    Args:
        workspace: its audit.
        caller: who scans.
        judge: None where no model is asked.
    """

    def __init__(self, workspace: Workspace, caller: Principal, judge: ModelJudge | None) -> None:
        self._workspace, self._caller, self._judge = workspace, caller, judge
        self._spent: list[Spending] = []

    def each(self, outcomes: Iterable[Outcome]) -> Generator[tuple[Outcome, Judged | None], None, None]:
        """Outcomes as they come, with what the model took for each; what it took in vain is noted at the end."""
        try:
            for outcome in outcomes:
                yield outcome, self._note()
        finally:
            self._note()

    @property
    def total(self) -> Judged | None:
        """All of it; None where nobody was asked."""
        return _took(self._judge, reduce(add, self._spent)) if self._judge and self._spent else None

    def _note(self) -> Judged | None:
        if self._judge is None:
            return None
        spending = self._judge.taken()
        if not spending.columns:
            return None
        self._spent.append(spending)
        took = _took(self._judge, spending)
        with self._workspace.audit.transaction() as work:
            work.record("scan.judged", self._caller, took.told)
        return took


def _took(judge: ModelJudge, spending: Spending) -> Judged:
    from app.judging import in_words, told

    return Judged(told(judge, spending), in_words(judge, spending))


def wanted(workspace: Workspace, skimmer: Skimmer, names: Sequence[str], *, everything: bool) -> tuple[Due, ...]:
    """The tables to scan: those named, those of a schema that is named, all, or those that are due.

    Raises:
        NotFound: there is no table and no schema of a name.
        InvalidName: it can be none.
        BadInput: it is a column.
    """
    from app.tables import targets
    from townlake.domain.errors import BadInput

    refs: list[TableRef] = []
    for name in names:
        for info, columns in targets(workspace, name):
            if columns is not None:
                raise BadInput(
                    f"{name} is one column; the columns of a table are scanned together.",
                    hint=f"Scan its table: skipper scan {info.ref.short}",
                )
            refs.append(info.ref)
    return skimmer.due(refs or None, everything=everything)


def told(outcome: Outcome) -> dict[str, Any]:
    """What came of a table, for programs; no value of it is in there."""
    from agents.skimmer.proposal import proposal

    columns = [
        {
            "column": finding.column,
            "type": finding.column_type,
            **proposal(finding, outcome.rules).model_dump(mode="json"),
            "is_personal": finding.is_personal,
            "state": _state(finding.column, outcome),
            "is_proposed": finding.column in outcome.proposed,
        }
        for finding in outcome.findings
    ]
    return outcome.model_dump(mode="json", exclude={"findings", "states"}) | {
        "table": str(outcome.table),
        "columns": columns,
    }


def rows_of(outcome: Outcome) -> list[tuple[object, ...]]:
    """A row for each column that needs a person's eye: what was found, how sure, its state, what to do, and why."""
    return [
        (
            f"{outcome.table.short}.{finding.column}",
            finding.classification.label,
            finding.classification.subject if finding.is_personal else "",
            f"{finding.classification.confidence:.0%}",
            _state(finding.column, outcome),
            finding.recommendation,
            "; ".join(finding.classification.evidence[:_MOST_REASONS]),
        )
        for finding in outcome.findings
        if finding.is_personal or finding.column in outcome.closed
    ]


def summary(outcomes: Iterable[Outcome], incidents: Sequence[str] = ()) -> str:
    """What came of it, for a person.

    Args:
        outcomes: of the tables.
        incidents: columns of which the scan opened one.
    """
    listed = list(outcomes)
    scanned = [outcome for outcome in listed if not outcome.fault]
    columns = sum(len(outcome.findings) for outcome in scanned)
    personal = sum(finding.is_personal for outcome in scanned for finding in outcome.findings)
    proposed = {(outcome.table, name) for outcome in scanned for name in outcome.proposed}
    closed = {(outcome.table, name) for outcome in scanned for name in outcome.closed}
    waits = {(outcome.table, name) for outcome in scanned for name, s in outcome.states.items() if s in WAITING}
    before = len(waits - proposed - closed)
    text = f"Scanned {len(scanned)} tables, judged {columns} columns: {personal} hold personal data or secrets. "
    text += f"{len(proposed)} were proposed to the reviewers"
    text += f"; {before} waited before." if before else "."
    if closed:
        text += f" {len(closed)} could be read and are closed now, until a reviewer has looked."
    if incidents:
        named = ", ".join(incidents[:_MOST_INCIDENTS])
        more = len(incidents) - _MOST_INCIDENTS
        text += f" Live credentials, an incident each (`skipper review incidents`): {named}"
        text += f" and {more} more." if more > 0 else "."
    return text


def open_incidents(workspace: Workspace) -> dict[int, str]:
    """The columns of incidents that nobody has closed, by their numbers."""
    return {each.id: f"{each.table.short}.{each.column}" for each in workspace.incidents.list()}


def _state(column: str, outcome: Outcome) -> str:
    state = outcome.states.get(column)
    return state.value if state else ""
