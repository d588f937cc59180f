"""What callers have used, and what is left for them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from app.contract.results import GivenFeedback
from app.contract.value import ContractValue

Whose = Annotated[str, StringConstraints(pattern=r"^(me|everybody|(user|service):[^\s]{1,300})$")]
"""`me`; for reviewers also `everybody`, `user:ann` and `service:reports`."""


class Used(ContractValue):
    """What was used."""

    questions: int = 0
    answered: int = 0
    """With rows, without any, or with a statement where only that was wanted."""
    failed: int = 0
    """Failed or refused; the others wait for somebody, or for a model."""
    statements: int = 0
    """That ran, of questions and of one's own."""
    bytes: int = 0
    """Of tables, as estimated or as Trino counted; without statements that read tables with hidden rows."""
    seconds: float = 0.0
    """That statements ran."""
    model_calls: int = 0
    estimated_calls: int = 0
    """Of those, the ones that nobody told the use of: they count as the most that they can have taken."""
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    """US dollars that models cost."""


class UsedDay(Used):
    """What was used on a day of UTC."""

    day: date


class DayBudget(ContractValue):
    """What may be taken of a day, where something limits it."""

    of: str
    """`bytes`, `seconds`, `tokens` or `dollars`."""
    most: float
    used_percent: int
    left: float | None = None
    """Of tokens and dollars; figures of bytes would tell how large tables are."""


class Usage(ContractValue):
    """What somebody has used. Days on which there was nothing are left out."""

    whose: str
    today: Used
    total: Used
    """Of all days that were asked for."""
    days: tuple[UsedDay, ...] = ()
    """The newest first."""
    budgets: tuple[DayBudget, ...] = ()
    """Of today; one's own only."""
    day_ends: datetime
    """When budgets begin anew."""
    sees_all: bool = False
    """Whether you may see everybody's figures."""


class UsedCaller(Used):
    """What a person or a bot has used. What a bot does for a person counts for both."""

    caller: str
    """`user:ann` or `service:reports`."""


class UsedCallers(ContractValue):
    """Those who used most, by what models cost them, then by seconds."""

    callers: tuple[UsedCaller, ...]
    truncated: bool = False


class Ranking(StrEnum):
    """By what questions are ranked."""

    SECONDS = "seconds"
    BYTES = "bytes"
    DOLLARS = "dollars"


class RankedQuestion(ContractValue):
    """A question, and what it took."""

    run_id: str
    question: str | None = None
    """None where it is another caller's: their words are theirs."""
    thread: str | None = None
    """The conversation that it stands in, where it is yours."""
    caller: str
    """For whom it was asked: `user:ann`."""
    asked_at: datetime
    status: str
    seconds: float
    usd: float
    tokens: int
    bytes: int | None = None
    """None where none of its statements was counted."""


class RankedQuestions(ContractValue):
    """Those that took most, the worst first."""

    questions: tuple[RankedQuestion, ...]


class ModelUsed(ContractValue):
    """What calls of one model took."""

    model: str
    calls: int
    estimated_calls: int = 0
    """Of those, the ones that count as the most that they can have taken."""
    input_tokens: int
    output_tokens: int
    usd: float


class ModelsUsed(ContractValue):
    """By model, the dearest first."""

    models: tuple[ModelUsed, ...]


class FeedbackEntry(GivenFeedback):
    """What somebody said of a run of theirs."""

    by: str
    """Who: `user:ann`."""


class FeedbackPage(ContractValue):
    """The newest first."""

    feedback: tuple[FeedbackEntry, ...]
    next_cursor: str | None = None


class FeedbackDay(ContractValue):
    """How answers were judged on a day of UTC."""

    day: date
    right: int = 0
    wrong: int = 0
    corrected: int = 0
    """How many came with a statement that is right."""
    right_share: float
    """0 to 1."""


class FeedbackDays(ContractValue):
    """The newest first; days on which nobody said anything are left out."""

    days: tuple[FeedbackDay, ...]
