"""What the registry of scans keeps and gives out. No value of a table is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from townlake.domain.names import TableRef
from townlake.domain.review import Classification
from townlake.domain.value import Value


class Reason(StrEnum):
    """Why a table is scanned."""

    NEW = "new table"
    SCHEMA = "new or changed columns"
    FILES = "new files"
    DRIFT = "values drifted"
    RULES = "new rules or taxonomy"
    AGE = "last scan too old"
    DISPUTE = "disputed, or put back by a reviewer"
    UPSTREAM = "an upstream label was raised"
    UNFINISHED = "last scan ran out of time"
    JUDGE = "not judged by a model, or not by this version"
    ASKED = "asked for"
    ALL = "all are scanned"


class Opinion(Value):
    """What a model said of a column. All of it is of closed lists: no word of its own is kept."""

    label: str
    """A label of the taxonomy, or `none`."""
    subject: str
    is_personal: bool
    sure: str
    """`certain`, `likely` or `unsure`."""
    because: tuple[str, ...] = ()
    """What it went by: `name`, `comment`, `type`, `look`, `rules`, `siblings`, `table`."""
    table_subject: str = ""
    """Whose data it took a row of the table for."""


class Judgement(Value):
    """That a model was asked about a column, and what the rules had found by themselves."""

    version: str
    """Of the prompt, and of how an answer is combined with the rules."""
    model: str
    shown: str
    """Digest of all that the model was shown: the same again needs no new answer."""
    said: Opinion | None = None
    """None where there was no usable answer."""
    fault: str = ""
    """The kind of error, where there was one."""
    rules_said: Classification
    """With its recommendation. The finding follows from this and from what was said."""
    rules_said_personal: bool = False


class RulesAlone(Value):
    """What the rules alone said of a column, before anything that was learned, or that other tables told."""

    label: str
    is_personal: bool
    recommendation: str
    score: float
    """How sure they were, before calibration: what calibration is learned on."""
    confidence: float
    reasons: tuple[str, ...] = ()
    """Reasons to open it that do not depend on each other."""


class ScanFinding(Value):
    """What was found in one column."""

    field_id: int
    column: str
    column_type: str
    classification: Classification
    is_personal: bool = False
    recommendation: str = ""
    """`open`, `mask`, `review` or `deny`."""
    is_checked: bool = False
    """True when the values prove it: check digits, formats that little else has."""
    by_rules: RulesAlone | None = None
    """None where no value was found."""
    sketch: str = ""
    """How the values looked, as JSON: shares and forms that tell no value."""
    judgement: Judgement | None = None
    """None where no model was asked."""


class Scan(Value):
    """One scan of one table."""

    run: str
    """The run that it belongs to."""
    table: TableRef
    table_uuid: str
    reasons: tuple[Reason, ...]
    snapshot_id: int | None = None
    sequence_number: int | None = None
    """Files up to this one of the table's history are scanned."""
    whole: bool = True
    """False for a scan of new files alone."""
    rules: str
    taxonomy: int
    rows_seen: int = 0
    rows_read: int = 0
    files_read: int = 0
    is_complete: bool = True
    at: datetime


class Marks(Value):
    """Up to where a table was scanned."""

    last: Scan
    """The newest, of the whole or of new files."""
    whole: Scan
    """The newest of the whole table, which the findings come from."""

    @property
    def drift_waits(self) -> bool:
        """True when new files looked otherwise, and all of the table is still to be looked at because of them."""
        return not self.last.whole and Reason.DRIFT in self.last.reasons


class Scanned(Marks):
    """What is known of a table from its scans."""

    findings: tuple[ScanFinding, ...] = ()
    """The newest of each column."""


class Looked(Marks):
    """What tells whether a table is due, without its findings."""

    types: Mapping[int, str]
    """Of its columns when they were scanned, by field id."""
    has_label: bool = False
    """Whether one of them was found to hold the label that was asked for."""


class ScanRun(Value):
    """Tables that are scanned together; one that was killed goes on with those that are not done."""

    id: str
    wanted: tuple[str, ...]
    """The uuids of the tables."""
    began_at: datetime
