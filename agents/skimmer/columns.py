"""What a classification begins with and ends with: columns of one table, and a finding on each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from townlake.domain.taxonomy import NONE, Subject
from townlake.domain.value import Value


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a sample of its values. Not a record for a log: it holds values."""

    uid: str
    name: str
    sql_type: str = "varchar"
    comment: str = ""
    values: tuple[str, ...] = field(default=(), repr=False)
    """Sampled values that are not NULL, as text."""
    n_null: int = 0
    """NULLs beside the sampled values."""
    is_whole: bool = True
    """False where parts of it were left out of the sample."""
    alias: str = ""
    """Another name that it has: what the lake calls a column whose source has a name of its own for it."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of one table, judged together."""

    name: str
    columns: tuple[Column, ...]
    column_names: tuple[str, ...] = ()
    """All columns of the table in order, also those that are not to be judged."""
    comment: str = ""
    salt: bytes = field(default=b"", repr=False)
    """A secret of the lake by which values are chosen, so that nobody who writes data chooses them; empty for none."""


class Recommendation(StrEnum):
    """What to do with a column until a person decides."""

    OPEN = "open"
    MASK = "mask"
    REVIEW = "review"
    DENY = "deny"


class ColumnFinding(Value):
    """What a column holds, whose it is and how sure that is. Quotes no value."""

    uid: str
    label: str = NONE
    """A label of the taxonomy, or `none.<kind>`."""
    subject: Subject = Subject.UNKNOWN
    tier: int = 1
    is_personal: bool = False
    confidence: float = 0.0
    """Calibrated probability that the column is personal data, 0 to 1."""
    recommendation: Recommendation = Recommendation.REVIEW
    evidence: tuple[str, ...] = ()
    """Reasons, the weightiest first."""
    judged_by: str = ""
    """The version of stage two, where a model was asked; else empty."""
    score: float = 0.0
    """The same as the confidence before calibration."""
    reasons: tuple[str, ...] = ()
    """Reasons to open it that do not depend on each other."""
