"""Columns, findings and decisions to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from agents.skimmer.drift import as_text, look_at
from agents.skimmer.learning.examples import Example, Examples, Key, examples
from townlake.domain.names import TableRef
from townlake.domain.review import Classification, ReviewState
from townlake.domain.taxonomy import Subject, is_none, label_of
from townlake.governance.review_records import How, ReviewEvent
from townlake.governance.scan_records import RulesAlone, ScanFinding

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CODES = tuple(f"kd{10_000 + 37 * number}" for number in range(60))
WORDS = tuple("".join(chr(97 + (number * step) % 26) for step in range(1, 9)) for number in range(60))
OPENED, MASKED, DENIED = ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED


def finding(
    label: str = "none.code", *, column: str = "kz_merk", values: Sequence[str] = CODES, **more: Any
) -> ScanFinding:
    """What the rules alone find in a column."""
    told: dict[str, Any] = {"score": 0.001, "confidence": 0.03, "reasons": ("form", "nothing personal"), **more}
    known, is_personal = label_of(label), not is_none(label) and more.get("subject", "person") == "person"
    recommended = told.get("recommendation", "mask" if is_personal else "open")
    return ScanFinding(
        field_id=1,
        column=column,
        column_type=told.get("type", "varchar"),
        classification=Classification(
            label=label,
            subject=Subject.PERSON if is_personal else Subject.UNKNOWN,
            tier=int(known.gravity) if known and is_personal else 1,
            confidence=told["confidence"],
            evidence=("short codes",),
        ),
        is_personal=is_personal,
        recommendation=recommended,
        is_checked=told.get("is_checked", False),
        by_rules=RulesAlone(
            label=label,
            is_personal=is_personal,
            recommendation=recommended,
            score=told["score"],
            confidence=told["confidence"],
            reasons=told["reasons"],
        ),
        sketch=as_text(look_at(values, 0.0)),
    )


def decided(
    table: str,
    label: str,
    state: ReviewState = MASKED,
    *,
    proposed: Classification | None = None,
    who: str = "ann",
    **more: Any,
) -> list[ReviewEvent]:
    """A proposal and what a person made of it."""
    before = proposed or Classification(label="none.code", evidence=("short codes",), recommendation="open")
    subject = more.pop("subject", "unknown" if is_none(label) else "person")
    after = before.model_copy(update={"label": label, "subject": subject})
    place = {"table": TableRef.parse(f"shop.{table}"), "table_uuid": table, "field_id": 1, "column": "kz_merk"}
    return [
        ReviewEvent(
            **place,  # type: ignore[arg-type]
            before=ReviewState.PENDING,
            after=ReviewState.PROPOSED,
            reviewer="skimmer",
            at=NOW,
            classification=before,
        ),
        ReviewEvent(
            **place,  # type: ignore[arg-type]
            before=ReviewState.PROPOSED,
            after=state,
            reviewer=who,
            at=NOW + timedelta(hours=1),
            how=more.pop("how", How.ONE),
            classification=after,
        ),
    ]


def told(events: Iterable[ReviewEvent], findings: dict[Key, ScanFinding] | None = None, *disputed: Key) -> Examples:
    """The examples of events; each column is found to be a code where nothing else is said."""
    listed = list(events)
    usual = {(event.table_uuid, event.field_id): finding() for event in listed}
    return examples(listed, usual | (findings or {}), disputed)


def alike(label: str, count: int = 5, state: ReviewState = MASKED, **more: Any) -> list[ReviewEvent]:
    """The same decision of two people on as many columns of tables of their own."""
    people = more.pop("people", ("ann", "bob"))
    return [
        event
        for number in range(count)
        for event in decided(f"t{number}", label, state, who=people[number % len(people)], **more)
    ]


def scored(score: float, personal: bool, table: str, who: str = "ann") -> Example:
    """A decision on a column that the rules scored so."""
    return _scored(score, personal)._replace(table_uuid=table, reviewer=who)


@lru_cache
def _scored(score: float, personal: bool) -> Example:
    label, state = ("email", MASKED) if personal else ("none.code", OPENED)
    (one,) = told(decided("t", label, state), {("t", 1): finding(score=score)}).found
    return one
