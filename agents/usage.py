"""What a call of a model took."""

from __future__ import annotations

from collections.abc import Iterable

from townlake.domain.value import Value


class Tokens(Value):
    """Tokens of one or more calls."""

    input: int = 0
    """All tokens of the prompt, cached ones included."""
    output: int = 0
    cache_read: int = 0
    """Those of the prompt that came from the provider's cache."""
    cache_write: int = 0
    """Those of the prompt that were put into it."""

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            input=self.input + other.input,
            output=self.output + other.output,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
        )

    @property
    def total(self) -> int:
        """Prompt and answer together."""
        return self.input + self.output


class PromptUse(Value):
    """Which text a model was given, so that reports can group by it."""

    name: str
    version: str
    digest: str


class ModelCall(Value):
    """One request to a model, as the run keeps it. It holds neither prompt nor answer."""

    step: str
    model: str
    prompts: tuple[PromptUse, ...]
    """All texts that the request was made from."""
    tokens: Tokens = Tokens()
    cost_usd: float = 0.0
    seconds: float = 0.0
    request_bytes: int = 0
    """Length of the texts that were sent."""
    outcome: str = "ok"
    """`ok`, or the kind of error."""
    estimated: bool = False
    """Whether nobody told what it took: tokens and dollars are then the most that they can be."""


def total_tokens(calls: Iterable[ModelCall]) -> Tokens:
    """The sum over calls."""
    return sum((call.tokens for call in calls), start=Tokens())


def total_cost(calls: Iterable[ModelCall]) -> float:
    """US dollars over calls."""
    return round(sum(call.cost_usd for call in calls), 6)
