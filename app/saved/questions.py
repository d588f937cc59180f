"""Saved questions: kept with a statement that passed for whoever saved it, and run as whoever looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from agents.runs import Runs
from app.contract.saved import Closed
from app.saved.closed import closed_to
from app.saved.question import Need, QuestionContent
from app.saved.shelf import Kind, Saved, Shelf
from townlake.domain.errors import AccessDenied, BadInput
from townlake.domain.finding import Severity

if TYPE_CHECKING:
    import sqlalchemy as sa

    from app.contract.saved import SavedDraft
    from townlake.domain.limits import Limits
    from townlake.domain.principal import Principal
    from townlake.domain.rows import Rows
    from townlake.domain.verdict import Verdict
    from townlake.lake import Lake

Kept = Saved[QuestionContent]
_AFTER_THE_GUARD: Final = ("DIA", "TYP", "LIM")
"""Of the engine and of the limits: what they tell is of tables that the caller may read."""


class Seen(NamedTuple):
    """What looking at a saved question gave."""

    kept: Kept
    verdict: Verdict
    rows: Rows


class SavedQuestions:
    """The saved questions of a lake.

    Args:
        state: the state database.
        lake: the door that everything is checked and read through, as the caller.
        clock: the time.
        must_pass: refuses a statement that did not pass, with everything that was found.
    """

    def __init__(
        self, state: sa.Engine, lake: Lake, clock: Callable[[], datetime], must_pass: Callable[[Verdict], None]
    ) -> None:
        self.shelf = Shelf(state, clock, Kind.QUESTION, QuestionContent, "saved question")
        self._lake = lake
        self._runs = Runs(state)
        self._must_pass = must_pass

    def content_of(self, draft: SavedDraft, caller: Principal) -> QuestionContent:
        """What a draft amounts to, checked as whoever saves it.

        Raises:
            NotFound: the run is none of theirs.
            BadInput: the run came to no statement, or the chart shows columns that the result does not have.
            SkipperError: the statement does not pass for them.
        """
        sql, question = draft.sql, draft.question
        if draft.run_id is not None:
            record = self._runs.get(draft.run_id, caller)
            sql, question = record.sql, question or record.question
        if sql is None:
            raise BadInput("The run came to no statement.", hint="Save one that was answered.")
        verdict = self._lake.check(sql, caller, namespace=draft.namespace, may_ask=False)
        self._must_pass(verdict)
        if draft.chart is not None:
            draft.chart.must_fit([column.name for column in verdict.columns])
        return QuestionContent(
            name=draft.name,
            question=question,
            description=draft.description,
            sql=sql,
            namespace=draft.namespace,
            chart=draft.chart,
            needs=_needs(verdict),
        )

    def closed(self, kept: Kept, caller: Principal) -> tuple[Closed, ...]:
        """What of it the caller may not read."""
        return closed_to(kept.content.needs, kept.owner, caller, self._lake)

    def look(self, kept: Kept, caller: Principal, limits: Limits | None, stop: Event) -> Seen:
        """Run a saved question as the caller, with their rights of now. Nothing of the owner's rights counts.

        Raises:
            AccessDenied: they may not read all of it; it says whom to ask.
            SkipperError: the statement cannot run.
        """
        content = kept.content
        # Looking asks for no approval: the statement is somebody else's.
        verdict = self._lake.check(content.sql, caller, namespace=content.namespace, runs_next=True, may_ask=False)
        if not verdict.passed:
            self._refuse(verdict, kept, caller)
        return Seen(kept, verdict, self._lake.run(verdict, limits, stop))

    def _refuse(self, verdict: Verdict, kept: Kept, caller: Principal) -> None:
        faults = [finding for finding in verdict.findings if finding.severity is Severity.ERROR]
        if kept.mine or all(finding.code.startswith(_AFTER_THE_GUARD) for finding in faults):
            self._must_pass(verdict)
        # What the guard found may quote names that stand in somebody else's statement.
        raise no_access(self.closed(kept, caller), kept.owner)


def no_access(closed: tuple[Closed, ...], owner: str) -> AccessDenied:
    """What a caller is told who may not read a saved question."""
    named = [f"{each.table}: {each.ask}" if each.table else each.ask for each in closed]
    return AccessDenied(
        "You may not read all that this question reads.",
        hint=" ".join(named) or f"It cannot run with your rights; ask {owner}, whose question it is.",
    )


def _needs(verdict: Verdict) -> tuple[Need, ...]:
    columns: dict[object, list[str]] = {scan.table: [] for scan in verdict.scans}
    for column in verdict.columns_read:
        columns.setdefault(column.table, []).append(column.column)
    tables = {scan.table: scan.table for scan in verdict.scans} | {c.table: c.table for c in verdict.columns_read}
    return tuple(Need(table=ref, columns=tuple(columns[ref])) for ref in tables)
