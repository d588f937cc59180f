"""A reading that does not hold."""

from __future__ import annotations

from agents.ask.cover.result import Blocked


class Unfit(Exception):
    """The pieces do not make a question.

    Then no other reading is taken: what is clear and cannot be answered is not to be answered in another sense.

    Attributes:
        reason: one sentence for a person.
        left_over: words that this reading cannot use.
        instead: words of the question and what could be said for them, where the caller must choose.
        blocked: what the caller may not read.
        lexical: true when a word of the question has another meaning that may hold: `customers` is a metric and what
            rows are grouped by.
    """

    def __init__(
        self,
        reason: str,
        *,
        left_over: tuple[str, ...] = (),
        instead: tuple[tuple[str, str], ...] = (),
        blocked: tuple[Blocked, ...] = (),
        lexical: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.left_over = left_over
        self.instead = instead
        self.blocked = blocked
        self.lexical = lexical
