"""A reading that does not hold."""

from __future__ import annotations

from agents.ask.cover.result import Blocked


class Unfit(Exception):
    """The pieces do not make a question; the planner tries the next reading or tells why.

    Attributes:
        reason: one sentence for a person.
        left_over: words that this reading cannot use.
        readings: ways to read what is unclear; set only when the caller must choose.
        blocked: what the caller may not read.
        final: true when no costlier reading may be tried: the caller has to choose or lacks a right, or the words
            are clear and cannot be answered.
    """

    def __init__(
        self,
        reason: str,
        *,
        left_over: tuple[str, ...] = (),
        readings: tuple[str, ...] = (),
        blocked: tuple[Blocked, ...] = (),
        final: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.left_over = left_over
        self.readings = readings
        self.blocked = blocked
        self.final = final or bool(readings or blocked)
