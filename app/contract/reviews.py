"""Reviews: what waits for a person, what is known of it, and what somebody decides."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from app.contract.value import NO_NUL, ContractValue
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.taxonomy import Subject
from townlake.governance.review_records import FirstDecision, How

MOST_COLUMNS = 1_000
"""Columns of one request."""
TableName = Annotated[str, StringConstraints(min_length=1, max_length=400)]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=NO_NUL)]
Words = Annotated[str, StringConstraints(max_length=2_000, pattern=NO_NUL)]
GroupName = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=NO_NUL)]
Digest = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class WaitingColumn(ContractValue):
    """A column that waits for a person, and why."""

    column: str
    state: ReviewState
    label: str = ""
    tier: int
    """0 public to 4 special category or secret; 2 while nobody knows what it holds."""
    confidence: float = 0.0
    """Probability that it is personal."""
    since: datetime | None = None
    """When it began to wait; None where nothing tells."""
    is_late: bool = False
    """Whether it has waited longer than the lake promises."""
    disputed_by: tuple[str, ...] = ()
    first: str = ""
    """Who decided first, where two people are needed."""
    why: str
    """The same in words."""


class WaitingTable(ContractValue):
    """A table with columns that wait."""

    table: str
    owner: str
    loaded_by: tuple[str, ...] = ()
    """Who brought its rows, and so does not open it."""
    yours: str = ""
    """What keeps you from opening it: that you own it, or loaded it."""
    asked: int = 0
    """How many people asked for it."""
    urgency: int = 0
    is_disputed: bool = False
    columns: int
    """How many wait."""
    waiting: tuple[WaitingColumn, ...]
    """The most urgent of them, 50 at most; the page of the table has all."""


class QueueCounts(ContractValue):
    """How much waits, of all that fits the filters."""

    tables: int
    columns: int
    late: int
    disputed: int
    by_state: dict[str, int]
    by_tier: dict[str, int]


class ReviewQueue(ContractValue):
    """Tables that wait for a review, the most urgent first."""

    tables: tuple[WaitingTable, ...]
    counts: QueueCounts
    next_cursor: str | None = None


class Proposal(ContractValue):
    """What approving a column gives."""

    state: ReviewState
    mask: MaskMethod | None = None


class ColumnFacts(ContractValue):
    """One column: what it is, what it was found to hold, and what is proposed. Quotes no value."""

    column: str
    type: str
    state: ReviewState
    mask: MaskMethod | None = None
    label: str | None = None
    """What it was last decided or proposed to be."""
    found: Classification | None = None
    """What a scan found after it was decided on, where that is graver."""
    comment: str = ""
    source_name: str = ""
    """What its source calls it, where that is another name."""
    subject: str = ""
    tier: int | None = None
    confidence: float | None = None
    recommendation: str = ""
    evidence: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    """What typical values look like, character by character."""
    rules: str = ""
    siblings: dict[str, str]
    """Labels of the other columns of the table that hold something personal."""
    upstream: dict[str, str]
    """Labels of the columns that it comes from or refers to; empty text where nobody knows."""
    waits: bool
    proposal: Proposal | None = None
    """None where the reviewer must choose, since nobody knows what it holds or nobody is sure; and where nothing waits.
    """
    unscanned: bool = False
    """Whether no scan and no person said what it holds: to open it is an override, which says why."""
    looks_personal: bool = False
    """Whether its label, or its name where it has none, says that it may hold personal data or a secret."""
    masks: tuple[MaskMethod, ...] = ()
    """Those that fit its type."""
    needs_two_people: bool = False
    first: FirstDecision | None = None
    disputes: dict[str, str]
    """Who disputes the label, and why."""
    decided_by: str = ""
    seen: str = ""
    """The digest of all that a decision on it rests on."""


class TableFacts(ContractValue):
    """A table before a reviewer, and who reads what of it is approved."""

    table: str
    owner: str
    loaded_by: tuple[str, ...] = ()
    """Who brought its rows, and so does not open it."""
    seen: str = ""
    """The digest of what these columns' decisions rest on: a decision that brings it is refused when it is another."""
    groups: tuple[str, ...]
    """Who may read it, masked columns as masked."""
    unmasked: tuple[str, ...]
    """Who reads masked columns in the clear."""
    asked: tuple[str, ...]
    """People who asked for it."""
    columns: tuple[ColumnFacts, ...]


class TableToReview(TableFacts):
    """The same for one caller; of a wide table some of the columns, and `seen` of them all."""

    yours: str = ""
    """What keeps you from opening it: that you own it, or loaded it."""
    is_scanned: bool
    """Whether anybody knows what it holds."""
    next_cursor: str | None = None


class ReviewChange(ContractValue):
    """One decision on a column, or what a scan did to it."""

    at: datetime
    reviewer: str
    column: str
    before: ReviewState
    after: ReviewState
    mask: MaskMethod | None = None
    label: str = ""
    how: How = How.ONE
    """`first` and `second` of two people, `bulk`, `override`, `found` by a scan; empty for one person who looked."""
    wanted: ReviewState | None = None
    """What the first of two people wants the column to become."""
    note: str = ""


class ReviewHistory(ContractValue):
    """Who decided what and why, the newest first."""

    changes: tuple[ReviewChange, ...]
    next_cursor: str | None = None


class LabelPage(ContractValue):
    """A label that a column can be given, and what follows from it."""

    name: str
    tier: int
    """0 public to 4 special category or secret."""
    mask: MaskMethod | None = None
    """How a column of it is masked unless somebody says otherwise; None where it is open."""
    needs_two_people: bool = False


class LabelList(ContractValue):
    """All labels, those of personal data first."""

    labels: tuple[LabelPage, ...]


class ColumnChoice(ContractValue):
    """What a column becomes."""

    column: ColumnName
    action: Literal["approve", "mask", "deny", "override"]
    """As proposed, where something is; masked; closed; or otherwise than proposed: another label, mask or state."""
    mask: MaskMethod | None = None
    """For `mask` and `override`; what the label asks for when not given."""
    label: ColumnName | None = None
    """For `override`: what it holds."""
    subject: Subject | None = None
    """For `override`: whose it is."""
    state: Literal["open", "masked", "denied"] | None = None
    """For `override`; what the label asks for when not given."""
    note: Words = ""
    """Why; an override needs it."""


class DecisionRequest(ContractValue):
    """Decisions on a table: on columns by their names, or on all of it. All of them hold, or none."""

    seen: Digest
    """The digest of the table, or of just these columns, as you saw them."""
    columns: tuple[ColumnChoice, ...] = Field((), max_length=MOST_COLUMNS)
    whole: Literal["approve", "mask", "deny"] | None = None
    """Instead of columns: what waits is opened as proposed or masked; or all is closed. What nobody scanned is left."""
    note: Words = ""
    """Why, for all of them."""
    grant_to: GroupName | None = None
    """Let this group read the table as well, as far as it is open."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if bool(self.columns) == (self.whole is not None):
            raise ValueError("name columns, or say what becomes of the whole table")
        return self


class DecidedColumn(ContractValue):
    """What became of a column."""

    column: str
    state: ReviewState
    mask: MaskMethod | None = None
    waits_for_second: bool = False
    """Whether nothing more of it is seen until another person decides the same."""
    looks_personal: bool = False
    """Whether it is open now and looks personal."""


class Decided(ContractValue):
    """What a decision gave."""

    table: str
    columns: tuple[DecidedColumn, ...]
    granted_to: str | None = None
    left: bool = False
    """Whether columns are left that need a closer look, each by its name."""
    unscanned: bool = False
    """Whether columns were opened though nobody knows what they hold."""


class ClearColumn(ContractValue):
    """A column that may be opened in bulk, and why."""

    table: str
    column: str
    label: str
    personal: float
    """Probability that it is personal."""
    evidence: tuple[str, ...]


class ClearTable(ContractValue):
    """A table of which columns may be opened in bulk, and for whom they would open."""

    table: str
    owner: str
    seen: str
    """The digest of the table: what changed since is not opened."""
    groups: tuple[str, ...]
    unmasked: tuple[str, ...]
    columns: tuple[ClearColumn, ...]


class BulkPreview(ContractValue):
    """What would be opened in bulk: nothing is decided by looking."""

    below: float
    """Columns that are personal with a lower probability than this."""
    tables: tuple[ClearTable, ...]
    own: tuple[str, ...]
    """Left for somebody else, since you own or loaded them."""
    next_cursor: str | None = None


class BulkTable(ContractValue):
    """A table as the preview showed it."""

    table: TableName
    seen: Digest


class BulkRequest(ContractValue):
    """Opens what is clear in tables."""

    tables: tuple[BulkTable, ...] = Field(min_length=1, max_length=200)
    note: Words = ""
    grant_to: GroupName | None = None


class BulkOutcome(ContractValue):
    """What became of one table."""

    table: str
    opened: tuple[str, ...] = ()
    refused: str = ""
    """Why nothing of it was opened: it is not as it was seen, or it is for somebody else."""


class BulkResult(ContractValue):
    """What was opened, table by table: each stands for itself."""

    tables: tuple[BulkOutcome, ...]
    columns: int
    """How many were opened."""
