"""What the review registry gives out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from townlake.domain.names import TableRef
from townlake.domain.principal import PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo
from townlake.domain.value import Value

IN_CLEAR: Final = "Asks for it in the clear: "
"""What the reason begins with of whoever wants a masked column in the clear, and disputes nothing."""


class How(StrEnum):
    """In which way a decision came about."""

    ONE = ""
    """One person looked at it."""
    FIRST = "first"
    """The first of two people: nothing opened."""
    SECOND = "second"
    """The second of two people, of the same mind."""
    BULK = "bulk"
    """With all of a table, or all that Skimmer recommends to open: nobody looked at each."""
    OVERRIDE = "override"
    """Against the proposal, with a reason."""
    FOUND = "found"
    """No decision: a scan told what a column holds that shows nothing, and that nobody had labelled."""


class FirstDecision(Value):
    """What one person decided about a column that needs two."""

    state: ReviewState
    mask: MaskMethod | None = None
    classification: Classification | None = None
    reviewer: str
    at: datetime
    note: str = ""


class Review(Value):
    """The newest decision on a column."""

    table_uuid: str
    field_id: int
    column: str
    """The column's name at the time of the decision."""
    column_type: str
    """Trino's name of its type at that time."""
    state: ReviewState
    mask: MaskMethod | None = None
    classification: Classification | None = None
    reviewer: str
    at: datetime
    note: str = ""
    first: FirstDecision | None = None
    """Set while it waits for a second person."""
    told: str = ""
    """The gravest label that whoever decided knew of: the same finding later tells them nothing new."""
    labelled_by: str = ""
    """Which person said that it holds what takes two people; empty where a scan did."""
    co_reviewers: tuple[str, ...] = ()
    """Who decided the same before `reviewer`, where it takes two people."""


class ReviewEvent(Value):
    """One change of a column's state. Events are only ever added."""

    table: TableRef
    field_id: int
    column: str
    table_uuid: str = ""
    before: ReviewState
    after: ReviewState
    mask: MaskMethod | None = None
    label: str = ""
    reviewer: str
    at: datetime
    note: str = ""
    how: How = How.ONE
    wanted: ReviewState | None = None
    """What the first of two people wants the column to become."""
    classification: Classification | None = None
    """What the column was held to be by this decision."""


class Request(Value):
    """Somebody asked for a table to be reviewed, or for a column to be looked at again."""

    id: int = 0
    table: TableRef
    table_uuid: str
    subject: str
    reason: str
    at: datetime
    field_id: int | None = None
    """Set for a column that was labelled wrongly, as somebody says, or that they want in the clear."""
    column: str = ""
    closed_at: datetime | None = None
    """When it was answered."""
    seen_at: datetime | None = None
    """When its asker was last told of it."""
    kind: PrincipalKind = PrincipalKind.USER
    """What kind of caller asked."""
    on_behalf_of: str | None = None
    """For whom a service asked."""
    word: str = ""
    """What a person answered, where no decision did."""
    answered_by: str = ""

    @property
    def wants_clear(self) -> bool:
        """Whether its asker wants a masked column in the clear."""
        return self.field_id is not None and self.reason.startswith(IN_CLEAR)

    @property
    def is_dispute(self) -> bool:
        """Whether its asker says that a column was labelled wrongly."""
        return self.field_id is not None and not self.wants_clear

    @property
    def is_withdrawn(self) -> bool:
        """Whether its asker took it back: a person who answers says a word."""
        return self.closed_at is not None and bool(self.answered_by) and not self.word

    @property
    def asked_by(self) -> str:
        """Who asked, and for whom."""
        return f"{self.subject} for {self.on_behalf_of}" if self.on_behalf_of else self.subject


class Waiting(Value):
    """A column that waits for a person, and why it stands where it stands."""

    column: str
    field_id: int
    state: ReviewState
    label: str = ""
    tier: int
    """Of the label; that of personal data while nobody knows what it holds."""
    confidence: float = 0.0
    since: datetime | None = None
    """When it began to wait; None where nothing tells."""
    is_late: bool = False
    """True when it has waited longer than the lake promises."""
    disputed_by: tuple[str, ...] = ()
    first: str = ""
    """Who decided first, where two people are needed."""
    why: str
    """The same in words."""


class QueueEntry(Value):
    """A table with columns that wait for a person."""

    table: TableRef
    owner: str
    loaded_by: tuple[str, ...] = ()
    """Who brought its rows, and so does not open it."""
    columns: tuple[str, ...]
    """Never reviewed, only proposed, stale, disputed, or decided on by the first of two; the most urgent first."""
    stale: tuple[str, ...] = ()
    """Those of them that were open until their type or what they hold changed."""
    requests: int = 0
    """How many people asked for it."""
    waiting: tuple[Waiting, ...] = ()
    """The same columns, with what is known of them."""
    urgency: int = 0
    """The tier of its gravest column, and one for each person who asked."""
    is_disputed: bool = False


UNDECIDED = frozenset({How.FIRST, How.FOUND})
"""Events that leave the state of a column as it was."""


def state_of(column: ColumnInfo, review: Review | None) -> ReviewState:
    """Where a column stands today.

    A review holds for the type it was made on: another type may hold other things, so the column is STALE, which is as
    closed as PENDING, until somebody looks again. A denial needs no second look.
    """
    if review is None:
        return ReviewState.PENDING
    if review.state in OPENED and review.column_type != column.type:
        return ReviewState.STALE
    return review.state


OPENED = frozenset({ReviewState.OPEN, ReviewState.MASKED})
"""The states in which a column can be read at all."""

DECIDED = OPENED | {ReviewState.DENIED}
"""The states that a person's decision gives."""

WAITING = frozenset({ReviewState.PENDING, ReviewState.PROPOSED, ReviewState.STALE})
"""The states that wait for a person."""
