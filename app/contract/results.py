"""What comes back with rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from agents.ask.answer import Answer
from app.contract.runs import RunId, RunInfo, RunLimits, ThreadName
from app.contract.value import NO_NUL, ONE_LINE, ContractValue
from townlake.domain.finding import Finding
from townlake.domain.verdict import MaskUse, OutputColumn

Format = Literal["json", "csv", "jsonl", "parquet", "arrow", "xlsx"]


class RunResult(ContractValue):
    """A run and, when it came to rows, its answer."""

    run: RunInfo
    answer: Answer | None = None


class RunPage(ContractValue):
    """Some of the runs."""

    runs: tuple[RunInfo, ...]
    next_cursor: str | None = None
    """Gives the next ones; None at the end."""


class ThreadInfo(ContractValue):
    """A conversation: the questions of one thread."""

    name: ThreadName
    title: str
    """The one that you gave it, or its first question that is kept; runs are kept for 30 days."""
    count: int
    """How many questions."""
    last_at: datetime
    """When the last of them was asked."""


class ThreadTitle(ContractValue):
    """What a conversation is to be called."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=ONE_LINE)] | None
    """None, or nothing, for its first question."""


class ThreadPage(ContractValue):
    """Some of the conversations."""

    threads: tuple[ThreadInfo, ...]
    next_cursor: str | None = None
    """Gives the next ones; None at the end."""


class Feedback(ContractValue):
    """What a caller thinks of an answer."""

    verdict: Literal["right", "wrong"]
    comment: Annotated[str, StringConstraints(max_length=2_000, pattern=NO_NUL)] = ""
    corrected_sql: Annotated[str, StringConstraints(max_length=100_000, pattern=NO_NUL)] | None = None


class GivenFeedback(Feedback):
    """What a caller said of a run, and of which."""

    run_id: RunId
    question: str
    at: datetime


class SqlRequest(ContractValue):
    """A statement."""

    sql: Annotated[str, StringConstraints(min_length=1, max_length=500_000, pattern=NO_NUL)]
    """One query, SHOW or DESCRIBE in Trino's dialect."""
    namespace: Annotated[str, StringConstraints(max_length=128, pattern=NO_NUL)] | None = None
    """The schema of tables that are named without one."""
    mode: Literal["run", "check"] = "run"
    limits: RunLimits = RunLimits()


class SqlResult(ContractValue):
    """What a statement gave."""

    sql: str
    """As it ran, with masks and row filters in it."""
    columns: tuple[OutputColumn, ...]
    rows: tuple[tuple[Any, ...], ...] | None = None
    """JSON values; None when it was only checked."""
    truncated: bool = False
    findings: tuple[Finding, ...] = ()
    masks: tuple[MaskUse, ...] = ()
    row_filtered: tuple[str, ...] = ()
    hidden_columns: int = 0
    tables: dict[str, int | None] = Field(default_factory=dict)
    """The tables that were read, with their snapshots."""
    query_id: str | None = None
    seconds: float = 0.0
