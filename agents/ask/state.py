"""What travels from step to step of a question: frozen values and nothing else.

Rows, verdicts and identities stay out: they live in `Run`, in memory. A state that comes back from a checkpoint can
therefore not smuggle in a statement that was never checked, rows that the caller may no longer see, or a caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, TypedDict

from agents.ask.answer import AnswerPath, Status
from agents.ask.cover.result import Gap
from agents.ask.cover.slots import Slots
from agents.ask.schema_slice import SchemaSlice
from townlake.domain.finding import Finding
from townlake.domain.names import TableRef
from townlake.domain.value import Value
from townlake.domain.verdict import MaskUse, OutputColumn


class Turn(Value):
    """An earlier question of the conversation."""

    question: str
    """With what was said to clarify it."""
    asked: str
    """As it was typed."""
    status: str
    path: str | None = None
    sql: str | None = None
    reading: str = ""
    asked_back: str | None = None
    options: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    row_count: int | None = None


class Question(Value):
    """What was asked, and what it stands on."""

    text: str
    run_id: str
    as_of: date
    """What `today` means."""
    turns: tuple[Turn, ...] = ()
    """The conversation so far, the oldest first."""
    clarification: str | None = None
    """What the person answered when they were asked back."""
    asked_back: str = ""
    """What they were asked."""
    slots: Slots | None = None
    """What the turn before asked of the metrics, when a metric answered it: for "and by plan?"."""
    runs: bool = True
    """False when the statement is only to be written and checked."""
    lake_version: str = ""
    """Catalog, policy and knowledge when the question was asked: a run that was broken off goes on only on the same."""

    @property
    def whole(self) -> str:
        """The question with what was said to clarify it."""
        return f"{self.text} ({self.clarification})" if self.clarification else self.text


class SqlDraft(Value):
    """A statement that somebody proposes."""

    sql: str
    path: AnswerPath
    namespace: str | None = None
    """The schema of tables that are named without one, where a caller names it."""
    reading: str = ""
    """What its rows are, in one sentence."""
    unit: str = ""
    """Of the number, when there is one: `EUR`."""
    assumptions: tuple[str, ...] = ()
    why: tuple[tuple[TableRef, str], ...] = ()
    """For each table, why it is read."""
    slots: Slots | None = None
    """What a metric was asked for, for the next question of the conversation."""


class Checked(Value):
    """What a check of the draft found. The verdict itself stays in memory."""

    passed: bool
    findings: tuple[Finding, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    tables: tuple[tuple[TableRef, int | None], ...] = ()
    """The tables read, at their snapshots."""
    masks: tuple[MaskUse, ...] = ()
    row_filtered: tuple[TableRef, ...] = ()
    hidden_columns: int = 0


class Outcome(Value):
    """What a run gave, without the rows: they stay in memory under `query_id`."""

    query_id: str
    row_count: int
    truncated: bool
    columns: tuple[OutputColumn, ...]
    snapshots: tuple[tuple[TableRef, int | None], ...] = ()


class Clarification(Value):
    """What has to be asked back."""

    question: str
    options: tuple[str, ...] = ()


class Ending(Value):
    """A question that ends without rows."""

    status: Status
    message: str
    hint: str = ""
    suggestions: tuple[str, ...] = ()
    """Questions that would be answered instead."""
    closed_tables: tuple[TableRef, ...] = ()
    """What would have to be open to the caller; only tables whose names may be found."""


class RepairCause(StrEnum):
    """Why a statement goes back to the writer. Each cause has its own bound."""

    REFUSED = "refused"
    """It did not pass the check, or the engine failed on it."""
    DOUBTFUL = "doubtful"
    """It passed, with warnings that the rows are likely not what was meant."""
    UNLIKELY = "unlikely"
    """Its rows are unlikely to be what was meant."""


class Repair(Value):
    """A statement that went back to the writer, and why."""

    cause: RepairCause
    draft: SqlDraft
    findings: tuple[Finding, ...]


class LookedUp(Value):
    """One answer of the model while it looked things up. What its tool calls told stays in memory: it may be rows."""

    said: str
    """The message as JSON: a provider wants it back unchanged."""


def added(before: Sequence[Value], more: Sequence[Value]) -> tuple[Value, ...]:
    """A list that only grows. A checkpoint gives back a list for a tuple.

    >>> added([], (LookedUp(said="{}"),))
    (LookedUp(said='{}'),)
    """
    return (*before, *more)


class AskState(TypedDict, total=False):
    """The state of a question. Every key is filled by one step, but for the lists that only grow."""

    question: Question
    gap: Gap | None
    """Why no metric and no verified query covers the question; None when one does."""
    clarification: Clarification | None
    schema_slice: SchemaSlice
    lookup: str
    """What the writer says it has to look up."""
    lookups: Annotated[tuple[LookedUp, ...], added]
    draft: SqlDraft
    checked: Checked
    to_mend: Repair | None
    """What the writer has to mend next."""
    repairs: Annotated[tuple[Repair, ...], added]
    """Everything that was sent back so far."""
    outcome: Outcome
    examined: tuple[Finding, ...]
    ending: Ending


VALUES: Final[tuple[type, ...]] = (
    Question,
    Gap,
    Clarification,
    SchemaSlice,
    LookedUp,
    SqlDraft,
    Checked,
    Repair,
    Outcome,
    Ending,
    Finding,
)
"""The types that a checkpoint may rebuild."""
