"""The queue of reviewers as one caller sees it, filtered and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from app.contract.reviews import QueueCounts, WaitingColumn, WaitingTable
from app.review_sight import sight
from townlake.governance.deciding import part_in

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.review import ReviewState
    from townlake.governance.review_records import QueueEntry, Waiting

_MOST_COLUMNS: Final = 50


class Wish(NamedTuple):
    """Which of the queue is wanted; what is not said does not matter."""

    schema: str | None = None
    state: ReviewState | None = None
    label: str | None = None
    """A label, or the head of one: `credential`."""
    tier: int | None = None

    def has(self, one: Waiting) -> bool:
        """Whether a column is one of those."""
        return (
            (self.state is None or one.state is self.state)
            and (self.label is None or one.label == self.label or one.label.startswith(f"{self.label}."))
            and (self.tier is None or one.tier == self.tier)
        )


def listed(workspace: Workspace, caller: Principal, wish: Wish) -> list[QueueEntry]:
    """What waits, the most urgent first: of each table the columns that are wanted.

    Raises:
        AccessDenied: the caller is no reviewer and owns no table.
    """
    seen = sight(workspace, caller)
    tables = [info for info in seen.tables if wish.schema is None or info.ref.namespace == wish.schema.lower()]
    found = []
    for entry in workspace.reviews.queue(tables, workspace.settings.review_sla_hours):
        waiting = tuple(one for one in entry.waiting if wish.has(one))
        if waiting:
            found.append(entry.model_copy(update={"waiting": waiting}))
    return found


def counts_of(entries: Sequence[QueueEntry]) -> QueueCounts:
    """How much waits."""
    waiting = [one for entry in entries for one in entry.waiting]
    return QueueCounts(
        tables=len(entries),
        columns=len(waiting),
        late=sum(one.is_late for one in waiting),
        disputed=sum(bool(one.disputed_by) for one in waiting),
        by_state=dict(sorted(Counter(one.state.value for one in waiting).items())),
        by_tier=dict(sorted(Counter(str(one.tier) for one in waiting).items())),
    )


def waiting_tables(workspace: Workspace, caller: Principal, entries: Iterable[QueueEntry]) -> tuple[WaitingTable, ...]:
    """Tables of the queue as they are told."""
    return tuple(_told(workspace, caller, entry) for entry in entries)


def _told(workspace: Workspace, caller: Principal, entry: QueueEntry) -> WaitingTable:
    info = workspace.catalog.table(entry.table) if workspace.settings.four_eyes else None
    return WaitingTable(
        table=str(entry.table),
        owner=entry.owner,
        loaded_by=entry.loaded_by,
        yours=part_in(caller, info) if info else "",
        asked=entry.requests,
        urgency=entry.urgency,
        is_disputed=entry.is_disputed,
        columns=len(entry.waiting),
        waiting=tuple(WaitingColumn(**one.model_dump(exclude={"field_id"})) for one in entry.waiting[:_MOST_COLUMNS]),
    )
