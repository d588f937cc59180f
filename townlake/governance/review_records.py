"""What the review registry gives out."""

from __future__ import annotations

from datetime import datetime

from townlake.domain.names import TableRef
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo
from townlake.domain.value import Value


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


class ReviewEvent(Value):
    """One change of a column's state. Events are only ever added."""

    table: TableRef
    field_id: int
    column: str
    before: ReviewState
    after: ReviewState
    mask: MaskMethod | None = None
    label: str = ""
    reviewer: str
    at: datetime
    note: str = ""


class Request(Value):
    """Somebody asked for a table to be reviewed."""

    table: TableRef
    table_uuid: str
    subject: str
    reason: str
    at: datetime


class QueueEntry(Value):
    """A table with columns that wait for a person."""

    table: TableRef
    owner: str
    columns: tuple[str, ...]
    """Never reviewed, only proposed, or stale."""
    stale: tuple[str, ...] = ()
    """Those of them whose type changed after their review."""
    requests: int = 0
    """How many people asked for it."""


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

WAITING = frozenset({ReviewState.PENDING, ReviewState.PROPOSED, ReviewState.STALE})
"""The states that wait for a person."""
