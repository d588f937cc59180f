"""What the steps of one run work with: collaborators, the caller, and what must not be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from agents.ask.answer import Answer, AnswerPath
from agents.ask.outlook import Outlook
from agents.ask.state import AskState, SqlDraft
from agents.budget import Budget, Day, Meter
from agents.runs import RunRecord
from tools.hands import Finder, Values
from townlake.domain.errors import Cancelled
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal

if TYPE_CHECKING:
    import sqlalchemy as sa

    from agents.model import Model
    from townlake.catalog.knowledge.model import Knowledge
    from townlake.domain.rows import Rows
    from townlake.domain.statement_plan import StatementPlan
    from townlake.domain.verdict import Verdict
    from townlake.lake import Lake


@dataclass(frozen=True, slots=True)
class Collaborators:
    """Everything that answers a question. What is slow to open is opened when it is first called for."""

    lake: Lake
    knowledge: Knowledge
    values: Values
    memory: Callable[[], Finder]
    state: sa.Engine
    checkpoints: Path
    """The file of the checkpoints of unfinished runs."""
    clock: Callable[[], datetime]
    day_of: Callable[[Principal], Day]
    """What models may still cost a caller today."""
    today: Callable[[], date]
    """What `today` means in a question: the lake's own date."""
    model: Model | None = None
    model_hint: str = "Name a model and its key in the settings."
    """How to have a model, for whoever needs one and has none."""
    budget: Budget = field(default_factory=Budget)
    on_step: Callable[[str], None] = lambda step: None
    """Told the name of each step as it begins."""


@dataclass(slots=True)
class Run:
    """One run of a question: never checkpointed, gone with the process."""

    with_: Collaborators
    run_id: str
    conversation: str | None
    principal: Principal
    outlook: Outlook
    meter: Meter
    on_step: Callable[[str], None] = lambda step: None
    on_update: Callable[[str, float, AskState], None] = lambda step, seconds, update: None
    """Told what each step gave, and in how many seconds."""
    limits: Limits | None = None
    """Narrower bounds than the lake's own for the answer's statement."""
    plans: bool = False
    """Whether the statement is to be planned and not run: nobody is asked to approve it."""
    cancelled: Event | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """By the statement as asked."""
    planned: dict[str, StatementPlan | None] = field(default_factory=dict)
    """Likewise, where statements are planned."""
    rows: dict[str, Rows] = field(default_factory=dict)
    """Likewise; none is run twice."""
    told: dict[tuple[str, str], str] = field(default_factory=dict)
    """What tools told, by name and arguments."""
    steps: list[tuple[str, float]] = field(default_factory=list)
    record: RunRecord | None = None
    """What is kept of the run so far; None where nothing is kept."""
    answer: Answer | None = None
    """Made by the last step. It holds the rows, so it is never checkpointed."""

    def verdict(self, draft: SqlDraft) -> Verdict:
        """The verdict on a draft. After a restart it is made again: a verdict is never read back from a file."""
        if draft.sql not in self.verdicts and self.plans:
            self.verdicts[draft.sql], self.planned[draft.sql] = self.with_.lake.plan(
                draft.sql, self.principal, namespace=draft.namespace, limits=self.limits
            )
        elif draft.sql not in self.verdicts:
            # Of what a model wrote, only the last is worth a reviewer's look.
            may_ask = draft.path is not AnswerPath.MODEL
            self.verdicts[draft.sql] = self.with_.lake.check(
                draft.sql, self.principal, namespace=draft.namespace, may_ask=may_ask
            )
        return self.verdicts[draft.sql]

    def asked_for(self, draft: SqlDraft) -> Verdict:
        """The verdict on a draft that goes back to nobody: a reviewer may be asked to approve it."""
        over_limit = any(finding.code.startswith("LIM") for finding in self.verdict(draft).findings)
        if draft.path is AnswerPath.MODEL and over_limit and not self.plans:
            self.verdicts[draft.sql] = self.with_.lake.check(draft.sql, self.principal)
        return self.verdict(draft)

    def stop_if_cancelled(self) -> None:
        """Raise when the caller has stopped the run.

        Raises:
            Cancelled: they have.
        """
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled("The question was stopped.", hint="Ask it again to go on where it stopped.")
