"""Who may read what, who asked for more, and how much anybody may take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from app.contract.reviews import ColumnName, GroupName, TableName, Words
from app.contract.value import NO_NUL, ContractValue
from townlake.domain.allowance import Allowance
from townlake.domain.principal import PrincipalKind
from townlake.domain.review import MaskMethod
from townlake.governance.review_stats import ReviewStats

_MOST_MB = 2**40
_MOST_SECONDS = 2**31
HolderName = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class RequestWish(ContractValue):
    """Asks for a table or for a column in the clear, or disputes what a column was taken for."""

    table: TableName
    column: ColumnName | None = None
    """A column that you see: for a dispute, or to have it in the clear. It needs a reason, which quotes no value."""
    in_clear: bool = False
    """With a column: you want its values unmasked, and dispute nothing."""
    reason: Words = ""


class AccessRequest(ContractValue):
    """Somebody asked for a table, or for a second look at a column."""

    id: int
    table: str
    column: str = ""
    """Set for a dispute, and where a column is wanted in the clear."""
    in_clear: bool = False
    """Whether its asker wants the values of the column unmasked: no dispute."""
    asked_by: str
    reason: str
    at: datetime
    closed_at: datetime | None = None
    answer: str = ""
    """What became of it, to its asker; empty while it waits."""
    so_far: str = ""
    """What of the table its asker may read while the rest waits."""
    is_new: bool = False
    """Whether its asker has not been told yet."""
    withdrawn: bool = False
    """Whether its asker took it back."""


class AccessRequests(ContractValue):
    """Requests and disputes, the oldest first."""

    requests: tuple[AccessRequest, ...]
    next_cursor: str | None = None


class Inbox(ContractValue):
    """How much waits for you. What waits for a reviewer is counted for a person who decides, and is 0 for others."""

    tables: int = 0
    """Tables of which columns wait for a review."""
    requests: int = 0
    """Requests and disputes that nobody has answered."""
    statements: int = 0
    """Statements over a limit that you may approve."""
    answers: int = 0
    """Answers to what you asked for, of which you were not told yet."""


class Seen(ContractValue):
    """Requests whose answers were read."""

    ids: tuple[int, ...] = Field(max_length=500)


class Word(ContractValue):
    """What a person answers, or what was done."""

    word: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=NO_NUL)]


class GrantWish(ContractValue):
    """Lets a group read."""

    tables: TableName
    """A table, a schema, or `*` for everything."""
    group: GroupName
    until: AwareDatetime | None = None
    """The first moment at which it no longer holds."""
    unmask: bool = False
    """Whether the group reads masked columns in the clear."""


class GrantPage(ContractValue):
    """A group may read what a pattern covers, as far as it was reviewed."""

    id: int
    tables: str
    """`lake.crm.contacts`, `lake.crm.*` or `*`."""
    group: str
    unmask: bool = False
    until: datetime | None = None
    granted_by: str
    at: datetime
    holds: bool
    """False once it has ended."""


class GrantMade(ContractValue):
    """A grant, and the one in whose place it came."""

    grant: GrantPage
    before: GrantPage | None = None
    note: str = ""
    """A word when nothing of that name is there yet."""


class GrantList(ContractValue):
    """Grants, by what they cover and for whom."""

    grants: tuple[GrantPage, ...]
    next_cursor: str | None = None


class RowFilterWish(ContractValue):
    """Narrows what a group sees of a table."""

    table: TableName
    group: GroupName
    where: Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=NO_NUL)]
    """Comparisons of columns of the table with literals."""


class RowFilterPage(ContractValue):
    """A filter that holds."""

    id: int
    table: str
    group: str
    where: str
    added_by: str
    at: datetime


class RowFilterList(ContractValue):
    """The filters, in the order in which they were added."""

    row_filters: tuple[RowFilterPage, ...]
    next_cursor: str | None = None


class LimitWish(ContractValue):
    """Gives limits in place of all that this holder has."""

    who: HolderName
    """`user:ann`, `service:reports` or `group:analysts`."""
    limits: Allowance


class GivenLimit(ContractValue):
    """Limits that a reviewer gave."""

    who: str
    limits: Allowance
    set_by: str
    at: datetime


class LimitList(ContractValue):
    """What the settings say for every person and every service, and who has limits of their own."""

    settings: dict[str, Allowance]
    given: tuple[GivenLimit, ...]
    next_cursor: str | None = None


class ApprovalPage(ContractValue):
    """A statement over a limit, who wants to run it, and what was decided."""

    id: int
    statement: str
    """In the clear, since a reviewer must read it."""
    asked_by: str
    on_behalf_of: str | None = None
    tables: tuple[str, ...]
    codes: tuple[str, ...]
    """Of the findings that stand in its way."""
    estimate_bytes: int
    asked_at: datetime
    state: Literal["asked", "approved", "denied"]
    decided_by: str = ""
    until: datetime
    """When the request, or the approval, is over."""
    runs_left: int
    limits: Allowance
    """What a run may take, where it is another than the caller's own bound."""
    reviewers: tuple[str, ...] = ()
    """Users and groups who decide, as the settings name them; empty where they name nobody."""
    yours: str = ""
    """What keeps you from approving it: that you `asked`, or have a part in one of its tables (`owns`, `loaded`)."""


class ApprovalList(ContractValue):
    """What waits or is good, the oldest first."""

    approvals: tuple[ApprovalPage, ...]
    next_cursor: str | None = None


class ApprovalDecision(ContractValue):
    """Lets a statement run, or does not."""

    verdict: Literal["approve", "deny"]
    runs: int = Field(1, ge=1, le=100)
    """How often it may run."""
    scan_mb: int | None = Field(None, ge=1, le=_MOST_MB)
    """What a run may read; twice the estimate when not given."""
    seconds: float | None = Field(None, ge=0.001, le=_MOST_SECONDS)
    memory_mb: int | None = Field(None, ge=256, le=_MOST_MB)


class IncidentPage(ContractValue):
    """A column that holds live credentials."""

    id: int
    table: str
    column: str
    label: str
    at: datetime
    owner: str
    now: str
    """Where the column stands, and as what it reads."""
    closed_at: datetime | None = None
    closed_by: str = ""
    word: str = ""
    """What was done about it."""


class IncidentList(ContractValue):
    """Incidents, the oldest first."""

    incidents: tuple[IncidentPage, ...]
    next_cursor: str | None = None


class ReviewFigures(ContractValue):
    """How long decisions take, how often proposals are overridden, and what is undone later."""

    stats: ReviewStats
    waiting: int
    """Columns."""
    late: int
    sla_hours: float


class TableRights(ContractValue):
    """What you may read of a table, and why."""

    table: str
    readable: bool
    why: str
    until: datetime | None = None
    """When the last of the grants that let you in ends; None where one has no end."""
    open: int
    """Columns that you read in the clear."""
    masked: dict[str, MaskMethod]
    """Columns that you read masked, and how."""
    row_filtered: bool
    owned: bool
    """Whether it is yours or your group's: then you see its reviews and grants."""
    ask: str = ""
    """Whom to ask for what is closed."""


class MyRights(ContractValue):
    """Who you are to the lake, and what you may read, by name."""

    subject: str
    kind: PrincipalKind
    groups: tuple[str, ...]
    on_behalf_of: str | None = None
    reviews: bool
    """Whether you see what is for reviewers."""
    decides: bool
    """Whether you decide: a person who reviews."""
    owns: bool
    """Whether any table is yours or your group's: then you see its reviews and grants."""
    tables: tuple[TableRights, ...]
    next_cursor: str | None = None
