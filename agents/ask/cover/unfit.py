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
    """

    def __init__(
        self,
        reason: str,
        *,
        left_over: tuple[str, ...] = (),
        readings: tuple[str, ...] = (),
        blocked: tuple[Blocked, ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.left_over = left_over
        self.readings = readings
        self.blocked = blocked

    @property
    def final(self) -> bool:
        """True when no costlier reading may be tried: the caller has to choose, or lacks a right."""
        return bool(self.readings or self.blocked)
