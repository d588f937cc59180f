"""What the steps of a scan hand on, and what they work with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypedDict

from pydantic import Field

from agents.skimmer.learning.learned import LearnedVersion
from agents.skimmer.shared_keys import SharedKeys
from townlake.catalog.lineage import LineageEdge
from townlake.catalog.value_hashes import Hashes
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState
from townlake.domain.sample import TableSample
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.governance.reviews import Reviews
from townlake.governance.scan_records import Reason, ScanFinding, Scanned
from townlake.governance.scans import Scans


class Door(Protocol):
    """What of the lake a scan uses."""

    def sample(
        self, ref: TableRef, principal: Principal, *, since: int | None = None, seconds: float = ...
    ) -> TableSample:
        """Values of all columns of a table."""
        ...

    def hashes(self, column: ColumnRef, principal: Principal, salt: bytes, seconds: float = ...) -> Hashes:
        """Salted hashes of all values of a column."""
        ...


class Tables(Protocol):
    """What of the catalog a scan uses."""

    def version(self) -> str:
        """Differs after every change."""
        ...

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name, or None."""
        ...

    def tables(self) -> tuple[TableInfo, ...]:
        """All tables."""
        ...

    def lineage(self, ref: TableRef | None = None) -> tuple[LineageEdge, ...]:
        """The edges between columns."""
        ...


class Judge(Protocol):
    """Looks at the findings of a whole table again: stage two. It may raise, re-type or ask."""

    @property
    def version(self) -> str:
        """Of its prompt, and of what is made of an answer."""
        ...

    def __call__(
        self, table: TableInfo, findings: tuple[ScanFinding, ...], before: Iterable[ScanFinding] = ()
    ) -> tuple[ScanFinding, ...]:
        """The findings, in their order; `before` is what was found last time."""
        ...


@dataclass(frozen=True)
class Collaborators:
    """Who a scan works with."""

    lake: Door
    catalog: Tables
    reviews: Reviews
    scans: Scans
    clock: Callable[[], datetime]
    reaches_others: bool = True
    """False: tables of other sources cannot be sampled from here, and are left out unless they are named."""
    learned: Callable[[], LearnedVersion] = LearnedVersion
    """The version in use of what was learned from decisions; asked again for each run."""
    judge: Judge | None = None
    """None: what stage one cannot clear goes to the person."""


@dataclass
class ScanRun:
    """One run over some tables. Values live here and nowhere else, and only while a table is looked at."""

    with_: Collaborators
    id: str
    keys: SharedKeys = field(default_factory=SharedKeys)
    sample: TableSample | None = field(default=None, repr=False)
    learned: LearnedVersion = field(default_factory=LearnedVersion)
    """The version that this run works by."""
    person_keys: list[ColumnRef] = field(default_factory=list)
    """Columns of the lake that are known to hold keys of persons."""


class Outcome(Value):
    """What came of one table."""

    table: TableRef
    reasons: tuple[Reason, ...]
    findings: tuple[ScanFinding, ...] = ()
    proposed: tuple[str, ...] = ()
    """Columns that wait for a person now."""
    closed: tuple[str, ...] = ()
    """Columns that could be read and cannot any more, until a person has looked."""
    states: Mapping[str, ReviewState] = Field(default_factory=dict)
    """Where each column stands after the scan."""
    rules: str = ""
    """The version of the rules, with what was learned, that the findings are of."""
    rows: int = 0
    rows_read: int = 0
    seconds: float = 0.0
    fault: str = ""
    """Why it could not be scanned; empty when it was."""


class ScanState(TypedDict, total=False):
    """What the graph keeps between steps: names, findings and reviews, and no value of a table."""

    table: TableInfo
    reasons: tuple[Reason, ...]
    known: Scanned | None
    since: int | None
    """Only files that were added after this one are looked at; None for all of the table."""
    way: str
    """The step after `detect`."""
    adds_up: bool
    """The new files hold too little to tell: the next scan begins where this one did."""
    findings: tuple[ScanFinding, ...]
    of_new_files: tuple[ScanFinding, ...]
    """What the new files alone prove, when all of the table is looked at because of them."""
    outcome: Outcome
