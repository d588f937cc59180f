"""What the steps of one run work with: collaborators, the caller, and what must not be kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

from agents.ask.state import SqlDraft
from agents.budget import Budget, Meter
from townlake.domain.errors import Cancelled
from townlake.domain.names import ColumnRef
from townlake.domain.principal import Principal

if TYPE_CHECKING:
    import sqlalchemy as sa
    from townlake.lake import Lake

    from agents.model import Model
    from memory.found import Found
    from memory.sight import Sight
    from memory.values import ValueMatch
    from townlake.catalog.knowledge.model import Knowledge
    from townlake.domain.rows import Rows
    from townlake.domain.verdict import Verdict


class Finder(Protocol):
    """What memory can find. Implemented by `memory.search.Memory`."""

    def search(self, question: str, sight: Sight, limit: int = 20) -> Found:
        """The tables and notes that a question is about, of what the caller may see."""
        ...


class Values(Protocol):
    """The stored values that may be told. Implemented by `memory.value_index.ValueIndex`."""

    def lookup(self, text: str, sight: Sight) -> tuple[ValueMatch, ...]:
        """The stored values that words of a text name."""
        ...

    def nearest(self, column: ColumnRef, text: str, sight: Sight) -> tuple[ValueMatch, ...]:
        """The stored values of a column that are most like a text."""
        ...


@dataclass(frozen=True, slots=True)
class Collaborators:
    """Everything that answers a question. What is slow to open is opened when it is first called for."""

    lake: Lake
    knowledge: Knowledge
    values: Values
    memory: Callable[[], Finder]
    state: sa.Engine
    checkpoints: Path
    """The file of the checkpoints of unfinished runs."""
    clock: Callable[[], datetime]
    model: Model | None = None
    budget: Budget = field(default_factory=Budget)


@dataclass(slots=True)
class Run:
    """One run of a question: never checkpointed, gone with the process."""

    with_: Collaborators
    principal: Principal
    sight: Sight
    meter: Meter
    on_step: Callable[[str], None] = lambda step: None
    cancelled: Event | None = None
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """By the statement as asked."""
    rows: dict[str, Rows] = field(default_factory=dict)
    """By query id."""
    steps: list[tuple[str, float]] = field(default_factory=list)

    def verdict(self, draft: SqlDraft) -> Verdict:
        """The verdict on a draft. After a restart it is made again: a verdict is never read back from a file."""
        if draft.sql not in self.verdicts:
            self.verdicts[draft.sql] = self.with_.lake.check(draft.sql, self.principal)
        return self.verdicts[draft.sql]

    def stop_if_cancelled(self) -> None:
        """Raise when the caller has stopped the run.

        Raises:
            Cancelled: they have.
        """
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled("The question was stopped.", hint="Ask it again to go on where it stopped.")
