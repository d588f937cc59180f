"""Questions that were saved, and what comes of looking at one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from agents.ask.chart import Chart
from app.contract.results import SqlResult
from app.contract.runs import RunId
from app.contract.value import ContractValue

SavedId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Description = Annotated[str, StringConstraints(max_length=2_000)]
GroupName = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9TZ:.-]{1,40}~[0-9a-f]{16}$")]
MOST_GROUPS: Final = 50


class Reach(StrEnum):
    """Who finds what was saved. What they may read is another matter."""

    PRIVATE = "private"
    GROUPS = "groups"
    EVERYBODY = "everybody"


class Sharing(ContractValue):
    """With whom something is shared. Nobody gets a right by it."""

    reach: Reach = Reach.PRIVATE
    """`private`, only its owner finds it; `groups`, members of those named; `everybody`, whoever signs in."""
    groups: Annotated[tuple[GroupName, ...], Field(max_length=MOST_GROUPS)] = ()
    """With `groups`: at least one."""

    @model_validator(mode="after")
    def _names_groups(self) -> Self:
        if (self.reach is Reach.GROUPS) != bool(self.groups):
            raise ValueError("groups go with reach `groups`, and only with it")
        return self


class SavedDraft(ContractValue):
    """A question to keep: the statement of a run of yours, of a question you saved, or one of your own."""

    name: Name
    question: Annotated[str, StringConstraints(max_length=4_000)] = ""
    """What it answers, in plain words; those of the run when not given."""
    description: Description = ""
    run_id: RunId | None = None
    """The run whose statement it is. What a metric or a verified query answered moves with the date from then on."""
    saved_id: SavedId | None = None
    """The saved question of yours whose statement it keeps, instead: so a change of its name leaves it as it moves."""
    sql: Annotated[str, StringConstraints(min_length=1, max_length=100_000)] | None = None
    """The statement, instead. It stays as it is written, also the dates in it."""
    namespace: Annotated[str, StringConstraints(max_length=128)] | None = None
    """The schema of tables that the statement names without one."""
    chart: Chart | None = None
    """How the rows are drawn; of columns of the result only."""
    sharing: Sharing = Sharing()

    @model_validator(mode="after")
    def _has_one_statement(self) -> Self:
        if [self.run_id, self.saved_id, self.sql].count(None) != 2:
            raise ValueError("give run_id, saved_id or sql, one of them")
        if self.namespace is not None and self.sql is None:
            raise ValueError("namespace goes with sql")
        return self


class Closed(ContractValue):
    """What you may not read of it, and whom to ask."""

    table: str | None = None
    """The table, where you may know of it."""
    ask: str
    """The group to join, or the owner to ask."""


class SavedSummary(ContractValue):
    """A saved question in a list."""

    id: SavedId
    name: str
    question: str
    description: str
    owner: str
    mine: bool
    sharing: Sharing
    """With whom; of those of others only how far it reaches, and which of your groups see it."""
    created_at: datetime
    changed_at: datetime
    version: int
    """Goes up with every change; `ETag` and `If-Match` carry it."""


class SavedQuestion(SavedSummary):
    """A saved question as you may see it."""

    moves: bool = False
    """Whether the statement is made anew from its words at each reading, by the metric or the verified query that
    answered them: then `last month` is that of the day. Otherwise it stays as it was written."""
    sql: str | None = None
    """The statement as it reads today; None where you may not read all that it names."""
    namespace: str | None = None
    chart: Chart | None = None
    closed: tuple[Closed, ...] = ()
    """What of it you may not read: then it gives you no rows."""


class SavedPage(ContractValue):
    """Some of them, the newest first."""

    saved: tuple[SavedSummary, ...]
    next_cursor: str | None = None


class SavedResult(ContractValue):
    """The rows of a saved question, read just now as you."""

    id: SavedId
    name: str
    version: int
    chart: Chart | None = None
    """None where there is none, or where it shows columns that your result does not have."""
    result: SqlResult
