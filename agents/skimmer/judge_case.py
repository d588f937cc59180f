"""What a model is asked about: the columns of a table that the rules cannot clear, where there is something to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from agents.skimmer.columns import Recommendation
from agents.skimmer.naming import read
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.governance.scan_records import ScanFinding

SURE: Final = 0.9
"""From this probability on the rules' word for personal data is left alone: measured, 1 in 90 is wrong there."""
_TELLS_ITSELF: Final = frozenset({"boolean", "bool", "date", "time", "timestamp"})
"""Types whose columns were never personal unless the rules said so, or said nothing."""

_KNOWN_THINGS: Final = frozenset(
    f"none.{kind}" for kind in ("org_name", "place", "product", "timestamp", "uuid", "version")
)
"""What the rules name, and would open, was never personal: 0 of 145 measured. Other kinds are mere forms."""


class Case(Value):
    """A table, and what the rules found in its columns."""

    table: str
    comment: str = ""
    names: tuple[str, ...] = ()
    """All columns of the table in order, also those without a finding."""
    findings: tuple[ScanFinding, ...]
    comments: Mapping[int, str] = {}
    """Of columns, by field id."""
    source_names: Mapping[str, str] = {}
    """What the source calls columns, where that is another name, by the name that they have here."""
    is_restricted: bool = False
    """True for a table that nobody may know of unasked: no model is told its names."""


def case_of(table: TableInfo, findings: Iterable[ScanFinding]) -> Case:
    """The case of a table of the lake."""
    return Case(
        table=table.ref.short,
        comment=table.comment,
        names=tuple(column.name for column in table.columns),
        findings=tuple(findings),
        comments={column.field_id: column.comment for column in table.columns if column.comment},
        source_names={column.name: column.source_name for column in table.columns if column.source_name},
        is_restricted=table.restricted,
    )


def to_ask(case: Case) -> tuple[ScanFinding, ...]:
    """The columns that are worth a model's look.

    Those that the rules left to a person, those that they call personal without proof and are not sure of, and in a
    table that has personal data those that they would open for their form alone. None in a restricted table, and none
    in one without any telling name or comment: there a model has no more to go by than the rules.
    """
    if case.is_restricted or not _can_be_read(case):
        return ()
    has_personal = any(finding.is_personal for finding in case.findings)
    return tuple(finding for finding in case.findings if _is_open_question(finding, has_personal))


def ruled(finding: ScanFinding) -> ScanFinding:
    """The finding as the rules had it, before a model was asked."""
    asked = finding.judgement
    if asked is None:
        return finding
    return finding.model_copy(
        update={
            "classification": asked.rules_said.model_copy(update={"recommendation": ""}),
            "is_personal": asked.rules_said_personal,
            "recommendation": asked.rules_said.recommendation,
            "judgement": None,
        }
    )


def is_fixed(finding: ScanFinding) -> bool:
    """True for what a model's word cannot undo: proof by values, an inherited label, a sure finding, a secret."""
    return finding.is_personal and (
        finding.is_checked or finding.classification.confidence >= SURE or finding.recommendation == Recommendation.DENY
    )


def _is_open_question(finding: ScanFinding, has_personal: bool) -> bool:
    if finding.is_personal:
        return not is_fixed(finding)
    if finding.column_type.partition("(")[0].strip().lower().partition(" ")[0] in _TELLS_ITSELF:
        return False
    if finding.recommendation == Recommendation.REVIEW:
        return True
    return has_personal and finding.classification.label not in _KNOWN_THINGS


def _can_be_read(case: Case) -> bool:
    return bool(case.comment or case.comments) or any(map(_tells, (*case.names, *case.source_names.values())))


def _tells(name: str) -> bool:
    reading = read(name)
    return bool(reading.words) and not reading.is_opaque
