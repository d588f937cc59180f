"""A run: what is asked for, and what can be known of it without its rows."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from agents.ask.answer import Status
from app.contract.problem import Problem
from app.contract.value import NO_NUL, ContractValue
from townlake.domain.statement_plan import StatementPlan

RUN_ID: Final = r"^[0-9a-f]{16}$"
THREAD: Final = r"^[\w.@:/-]{1,64}$"

RunId = Annotated[str, StringConstraints(pattern=RUN_ID)]
ThreadName = Annotated[str, StringConstraints(pattern=THREAD)]


class Mode(StrEnum):
    """How far a run goes."""

    ANSWER = "answer"
    """To the rows."""
    SQL_ONLY = "sql_only"
    """To the statement, checked and not run."""
    DRY_RUN = "dry_run"
    """To the plan: the statement, what it would read, whether it would need an approval. Nobody is asked for one."""


class RunLimits(ContractValue):
    """Narrower bounds than the caller's own; wider ones change nothing."""

    max_rows: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    max_seconds: Annotated[float, Field(gt=0, le=3_600)] | None = None


class RunRequest(ContractValue):
    """A question."""

    question: Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=NO_NUL)]
    """In plain words."""
    thread: ThreadName | None = None
    """A name of the caller's own: each question then knows the ones before. Other callers have other threads."""
    mode: Mode = Mode.ANSWER
    limits: RunLimits = RunLimits()
    as_of: date | None = None
    """What `today` means; the lake's own date when not given."""


class Reply(ContractValue):
    """What brings a run on that waits for its caller."""

    reply: Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=NO_NUL)] | None = None
    """To what was asked back: one of the options, its number, or other words. None after an approval."""


class RunKind(StrEnum):
    """What a run is of."""

    QUESTION = "question"
    STATEMENT = "statement"
    """SQL that the caller wrote."""


class RunState(StrEnum):
    """Where a run is. From `answered` on it has come to its end; some ends wait for the caller."""

    QUEUED = "queued"
    RUNNING = "running"
    ANSWERED = Status.ANSWERED.value
    DRAFTED = Status.DRAFTED.value
    NO_ROWS = Status.NO_ROWS.value
    NEEDS_CLARIFICATION = Status.NEEDS_CLARIFICATION.value
    NEEDS_MODEL = Status.NEEDS_MODEL.value
    NEEDS_APPROVAL = "needs_approval"
    REFUSED = Status.REFUSED.value
    FAILED = Status.FAILED.value
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in (RunState.QUEUED, RunState.RUNNING)

    @property
    def waits(self) -> bool:
        """Whether a reply or an approval brings it on."""
        return self in (RunState.NEEDS_CLARIFICATION, RunState.NEEDS_APPROVAL)


class RunInfo(ContractValue):
    """A run without its rows, and without words that quote them."""

    run_id: RunId
    kind: RunKind = RunKind.QUESTION
    thread: ThreadName | None = None
    question: str
    """Empty for a statement."""
    mode: Mode
    status: RunState
    accepted_at: datetime
    ended_at: datetime | None = None
    summary: str = ""
    """Why there are no rows, when there are none."""
    asked_back: str | None = None
    options: tuple[str, ...] = ()
    """Possible replies to what was asked back."""
    suggestions: tuple[str, ...] = ()
    """Where the question was not answered: up to three whole questions that are, when they are asked instead. Nothing
    waits for one."""
    closed_tables: tuple[str, ...] = ()
    """Tables that the question needs and that are closed to the caller, in part or whole; only such as the caller may
    know of."""
    approval: int | None = None
    """The number of the approval that it waits for."""
    limit: str | None = None
    """What ran out, when a limit ended it."""
    problem: Problem | None = None
    """The fault, when what models may cost a day was used up."""
    sql: str | None = None
    plan: StatementPlan | None = None
    """What the statement would take, of a `dry_run`."""
    columns: tuple[str, ...] = ()
    row_count: int | None = None
    cost_usd: float = 0.0
