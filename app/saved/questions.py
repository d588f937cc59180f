"""Saved questions: kept with a statement that passed for whoever saved it, and run as whoever looks.

What a metric or a verified query answered is made anew from its words at each look, so that it moves with the date.
Any other statement stays as it was written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from agents.ask.anew import Wording
from agents.ask.cover.result import Cover, Gap
from agents.runs import Runs
from app.contract.saved import Closed
from app.saved.closed import closed_to
from app.saved.question import Need, QuestionContent
from app.saved.shelf import Kind, Saved, Shelf
from townlake.domain.errors import AccessDenied, BadInput, Outdated, SkipperError
from townlake.domain.finding import Severity

if TYPE_CHECKING:
    import sqlalchemy as sa

    from agents.ask.anew import Anew
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


class _Source(NamedTuple):
    """Where a statement to be saved comes from."""

    sql: str
    question: str
    namespace: str | None
    wording: Wording | None


class SavedQuestions:
    """The saved questions of a lake.

    Args:
        state: the state database.
        lake: the door that everything is checked and read through, as the caller.
        clock: the time.
        must_pass: refuses a statement that did not pass, with everything that was found.
        anew: makes the statements of metrics and verified queries anew.
    """

    def __init__(
        self,
        state: sa.Engine,
        lake: Lake,
        clock: Callable[[], datetime],
        must_pass: Callable[[Verdict], None],
        anew: Anew,
    ) -> None:
        self.shelf = Shelf(state, clock, Kind.QUESTION, QuestionContent, "saved question")
        self._lake = lake
        self._runs = Runs(state)
        self._must_pass = must_pass
        self._anew = anew

    def content_of(self, draft: SavedDraft, caller: Principal) -> QuestionContent:
        """What a draft amounts to, checked as whoever saves it.

        Raises:
            NotFound: the run is none of theirs, or the saved question is not there for them.
            AccessDenied: the saved question is somebody else's.
            BadInput: the run came to no statement, or the chart shows columns that the result does not have.
            SkipperError: the statement does not pass for them.
        """
        found = self._source(draft, caller)
        verdict = self._lake.check(found.sql, caller, namespace=found.namespace, may_ask=False)
        self._must_pass(verdict)
        if draft.chart is not None:
            draft.chart.must_fit([column.name for column in verdict.columns])
        return QuestionContent(
            name=draft.name,
            question=draft.question or found.question,
            description=draft.description,
            sql=found.sql,
            wording=found.wording,
            namespace=found.namespace,
            chart=draft.chart,
            needs=_needs(verdict),
        )

    def statement(self, kept: Kept, caller: Principal) -> str:
        """The statement as it reads today for a caller, to be shown; as it was saved where it cannot be made anew."""
        found = self._made(kept, caller)
        return found.sql if isinstance(found, Cover) else kept.content.sql

    def closed(self, kept: Kept, caller: Principal) -> tuple[Closed, ...]:
        """What of it the caller may not read."""
        return closed_to(kept.content.needs, kept.owner, caller, self._lake)

    def look(self, kept: Kept, caller: Principal, limits: Limits | None, stop: Event) -> Seen:
        """Run a saved question as the caller, with their rights of now. Nothing of the owner's rights counts.

        Raises:
            AccessDenied: they may not read all of it; it says whom to ask.
            Outdated: its metric or verified query is gone, or means something else now.
            SkipperError: the statement cannot run.
        """
        content, made = kept.content, self._made(kept, caller)
        if isinstance(made, Gap):
            raise self._unmade(made, kept, caller)
        sql = content.sql if made is None else made.sql
        # Looking asks for no approval: the statement is somebody else's.
        verdict = self._lake.check(sql, caller, namespace=content.namespace, runs_next=True, may_ask=False)
        if not verdict.passed:
            self._refuse(verdict, kept, caller)
        return Seen(kept, verdict, self._lake.run(verdict, limits, stop))

    def _source(self, draft: SavedDraft, caller: Principal) -> _Source:
        if draft.saved_id is not None:
            kept = self.shelf.own(draft.saved_id, caller, None)
            content = kept.content
            return _Source(self.statement(kept, caller), content.question, content.namespace, content.wording)
        if draft.run_id is None:
            return _Source(draft.sql or "", "", draft.namespace, None)
        record = self._runs.get(draft.run_id, caller)
        if record.sql is None:
            raise BadInput("The run came to no statement.", hint="Save one that was answered.")
        return _Source(record.sql, record.question, record.namespace, self._anew.wording(record, caller))

    def _made(self, kept: Kept, caller: Principal) -> Cover | Gap | None:
        """The statement of now; None for one that stays as it is."""
        wording = kept.content.wording
        return None if wording is None else self._anew.cover(wording, caller)

    def _unmade(self, gap: Gap, kept: Kept, caller: Principal) -> SkipperError:
        """Why a statement cannot be made anew: for want of rights, as of any statement, or of its metric."""
        verdict = self._lake.check(kept.content.sql, caller, namespace=kept.content.namespace, may_ask=False)
        if not verdict.passed:
            self._refuse(verdict, kept, caller)
        if gap.blocked:
            return AccessDenied(
                " ".join(blocked.message for blocked in gap.blocked),
                hint=f"Ask for what is closed to you, or ask {kept.owner}, whose question it is.",
            )
        # The words before the last are nobody else's business.
        why = f" {gap.reason}" if kept.mine else ""
        hint = (
            "Ask it again, save the new answer, and delete this one."
            if kept.mine
            else f"Ask {kept.owner}, who saved it."
        )
        return Outdated(f"The metric or verified query that answered this question no longer does.{why}", hint=hint)

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
