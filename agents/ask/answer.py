"""What a question gets back: rows, SQL, and everything needed to check them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from agents.ask.form import Form
from agents.usage import Tokens
from townlake.domain.finding import Finding
from townlake.domain.statement_plan import StatementPlan
from townlake.domain.table import Tier
from townlake.domain.value import Value
from townlake.domain.verdict import MaskUse, OutputColumn


class Status(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    DRAFTED = "drafted"
    """The statement was written and passed the check; nobody asked to run it."""
    NO_ROWS = "no_rows"
    NEEDS_CLARIFICATION = "needs_clarification"
    NEEDS_MODEL = "needs_model"
    REFUSED = "refused"
    FAILED = "failed"


class AnswerPath(StrEnum):
    """Where the SQL comes from."""

    METRIC = "metric"
    VERIFIED_QUERY = "verified_query"
    MODEL = "model"
    STATEMENT = "statement"
    """The caller wrote it; nobody asked a question."""


class AnswerTable(Value):
    """A table that the answer was read from, or would be."""

    table: str
    snapshot_id: int | None = None
    fresh_at: datetime | None = None
    owner: str = ""
    tier: Tier = Tier.RAW
    why: str = ""


class Answer(Value):
    """The whole answer. As JSON it is what `skipper ask --json` prints; fields are added, never renamed."""

    status: Status
    path: AnswerPath | None = None
    sql: str | None = None
    """Trino SQL as it was checked; the masks and row filters of the caller come on top."""
    columns: tuple[OutputColumn, ...] = ()
    rows: tuple[tuple[Any, ...], ...] | None = None
    """JSON values; None when nothing ran."""
    truncated: bool = False
    shown_as: Form | None = None
    """How the question asks for the rows to be shown, as in `as a bar chart`; None where it does not say."""
    summary: str
    """The answer in words."""
    tables: tuple[AnswerTable, ...] = ()
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[str, ...] = ()
    model_calls: int = 0
    estimated_calls: int = 0
    """Those of them that nobody told the tokens and dollars of: they count as the most that they can have taken."""
    tokens: Tokens = Tokens()
    cost_usd: float = 0.0
    seconds: float = 0.0
    steps: dict[str, float] = Field(default_factory=dict)
    """Seconds by step."""
    run_id: str
    conversation: str | None = None
    masks: tuple[MaskUse, ...] = ()
    hidden_columns: int = 0
    """How many columns of the tables read do not exist for this caller."""
    row_filtered: tuple[str, ...] = ()
    """Tables of which this caller sees only some rows."""
    alternatives: tuple[AnswerTable, ...] = ()
    """Tables that could have been meant instead."""
    question: str | None = None
    """What is asked back, when the status is `needs_clarification`."""
    plan: StatementPlan | None = None
    """What the statement would take, where it was to be planned and not run."""
    limit: str | None = None
    """What ran out, when a limit ended the question: `calls`, `tokens`, `money`, `seconds`, `memory`, ..."""
    options: tuple[str, ...] = ()
    """Possible answers to it."""
    suggestions: tuple[str, ...] = ()
    """Where this question was not answered: up to three whole questions that are, when they are asked instead."""
    closed_tables: tuple[str, ...] = ()
    """Tables that it needs and that are closed to the caller, in part or whole; only such as the caller may know of."""
