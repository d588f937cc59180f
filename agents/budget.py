"""How much a question may take of a model, and the meter that holds it to that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from agents.usage import ModelCall, total_cost, total_tokens
from townlake.domain.errors import LimitExceeded
from townlake.domain.value import Value

BUDGETS: Final = frozenset({"calls", "tokens", "money"})
"""The limits that a budget sets, as `LimitExceeded.limit` names them."""


class Budget(Value):
    """Bounds on what is spent on models."""

    calls: int = 8
    """Calls a question may make."""
    tokens: int = 200_000
    """Tokens a question may take, in and out."""
    usd: float = 1.0
    """US dollars a question may cost."""
    usd_per_day: float = 20.0
    """US dollars that the questions of one caller may cost a day."""


@dataclass(slots=True)
class Meter:
    """Counts the calls of one run and refuses the next one when a budget is used up.

    A call is counted as soon as it is answered, also when the answer is of no use. Since its price is only known
    afterwards, a budget can be overrun by the one call that was in flight.
    """

    budget: Budget
    spent_today: Callable[[], float]
    """US dollars that the other runs of the day have cost, of the person who asks."""
    keep: Callable[[tuple[ModelCall, ...]], None]
    """Writes the calls down, so that a killed run has paid for what it used."""
    calls: list[ModelCall] = field(default_factory=list)
    """All of the run."""
    before: int = 0
    """How many of them were made before the question was asked again. Each asking has the whole budget."""

    def go_on_from(self, calls: tuple[ModelCall, ...]) -> None:
        """Take over the calls of a run that was broken off: they count for the record and for the day."""
        self.calls, self.before = list(calls), len(calls)

    def allow(self) -> None:
        """Let one more call pass.

        Raises:
            LimitExceeded: a budget is used up; the hint names the setting.
        """
        calls = self.calls[self.before :]
        if len(calls) >= self.budget.calls:
            raise _used_up("calls", f"{self.budget.calls} model calls", "SKIPPER_BUDGET_CALLS")
        if total_tokens(calls).total >= self.budget.tokens:
            raise _used_up("tokens", f"{self.budget.tokens} tokens", "SKIPPER_BUDGET_TOKENS")
        if total_cost(calls) >= self.budget.usd:
            raise _used_up("money", f"{self.budget.usd:g} US dollars", "SKIPPER_BUDGET_USD")
        if self.spent_today() + total_cost(self.calls) >= self.budget.usd_per_day:
            raise LimitExceeded(
                f"Your questions of today have used up the budget of {self.budget.usd_per_day:g} US dollars a day.",
                limit="money",
                hint="Ask again tomorrow, or have SKIPPER_BUDGET_USD_PER_DAY raised. Questions that a metric or a "
                "verified query covers need no model.",
            )

    def count(self, call: ModelCall) -> None:
        """Keep a call that was made."""
        self.calls.append(call)
        self.keep(tuple(self.calls))


def _used_up(limit: str, amount: str, setting: str) -> LimitExceeded:
    return LimitExceeded(
        f"This question has used up its budget of {amount}.",
        limit=limit,
        hint=f"Ask it in smaller parts, or raise {setting}.",
    )
