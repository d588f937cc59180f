"""How much a question may take of a model, and the meter that holds it to that."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from agents.usage import ModelCall, total_cost, total_tokens
from townlake.domain.errors import LimitExceeded
from townlake.domain.value import Value
from townlake.governance.model_days import HELD, MICRO, USED_UP, ModelCost, ModelHold, ModelUse

BUDGETS: Final = frozenset({"calls", "tokens", "money", USED_UP, HELD})
"""The limits that a budget sets, as `LimitExceeded.limit` names them."""


class Budget(Value):
    """Bounds on what one question may take of models."""

    calls: int = 8
    """Calls a question may make."""
    tokens: int = 200_000
    """Tokens a question may take, in and out."""
    usd: float = 1.0
    """US dollars a question may cost."""


class Day(Protocol):
    """What the day of a caller has room for."""

    def reserve(self, wanted: ModelUse) -> ModelHold:
        """Take what a call may need.

        Raises:
            LimitExceeded: the day does not suffice.
        """
        ...

    def settle(self, hold: ModelHold, took: ModelCost) -> None:
        """Put what it took in its place."""
        ...


class Uncounted:
    """A day with room for everything, which counts nothing: for benchmarks, whose model is made up."""

    def reserve(self, wanted: ModelUse) -> ModelHold:
        """Let it pass."""
        return ModelHold("", ())

    def settle(self, hold: ModelHold, took: ModelCost) -> None:
        """Nothing was held."""


@dataclass(slots=True)
class Meter:
    """Counts the calls of one run and refuses the next one when a budget is used up.

    A call is counted as soon as it is answered, also when the answer is of no use; where nobody tells what it took, as
    the most that it can have taken. Since its price is only known
    afterwards, the budget of a question can be overrun by the one call that was in flight; that of a day cannot, since
    as much as a call may take is taken from it before.
    """

    budget: Budget
    day: Day
    keep: Callable[[tuple[ModelCall, ...]], None]
    """Writes the calls down, so that a killed run has paid for what it used."""
    calls: list[ModelCall] = field(default_factory=list)
    """All of the run."""
    before: int = 0
    """How many of them were made before the question was asked again. Each asking has the whole budget."""
    _hold: ModelHold | None = None

    def go_on_from(self, calls: tuple[ModelCall, ...]) -> None:
        """Take over the calls of a run that was broken off: they count for the record."""
        self.calls, self.before = list(calls), len(calls)

    def allow(self, wanted: ModelUse) -> None:
        """Let one more call pass.

        Args:
            wanted: what it takes at most.

        Raises:
            LimitExceeded: a budget is used up; the hint names the setting, or whom to ask.
        """
        calls = self.calls[self.before :]
        if len(calls) >= self.budget.calls:
            raise _used_up("calls", f"{self.budget.calls} model calls", "SKIPPER_BUDGET_CALLS")
        if total_tokens(calls).total >= self.budget.tokens:
            raise _used_up("tokens", f"{self.budget.tokens} tokens", "SKIPPER_BUDGET_TOKENS")
        if total_cost(calls) >= self.budget.usd:
            raise _used_up("money", f"{self.budget.usd:g} US dollars", "SKIPPER_BUDGET_USD")
        self._hold = self.day.reserve(wanted)

    def count(self, call: ModelCall) -> None:
        """Keep a call that was made."""
        self.calls.append(call)
        if self._hold is not None:
            hold, self._hold = self._hold, None
            self.day.settle(hold, cost_of(call))
        self.keep(tuple(self.calls))


def cost_of(call: ModelCall) -> ModelCost:
    """What a call counts for a day; parts of a millionth of a dollar count whole."""
    micro_usd = math.ceil(round(call.cost_usd * MICRO, 3))
    return ModelCost(call.model, call.tokens.input, call.tokens.output, micro_usd, int(call.estimated))


def _used_up(limit: str, amount: str, setting: str) -> LimitExceeded:
    return LimitExceeded(
        f"This question has used up its budget of {amount}.",
        limit=limit,
        hint=f"Ask it in smaller parts, or raise {setting}.",
    )
