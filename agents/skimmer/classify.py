"""Stage one: columns of a table in, findings out. Pure, deterministic, without a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from agents.skimmer.calibration import calibrated
from agents.skimmer.columns import Column, ColumnFinding, Table
from agents.skimmer.context import TableContext, table_context
from agents.skimmer.detectors.by_name import by_name
from agents.skimmer.detectors.checked import checked
from agents.skimmer.detectors.coded import coded
from agents.skimmer.detectors.contacts import contacts
from agents.skimmer.detectors.dates import dates
from agents.skimmer.detectors.official_ids import official_ids
from agents.skimmer.detectors.people_names import people_names
from agents.skimmer.detectors.prose import prose
from agents.skimmer.detectors.secrets import secrets
from agents.skimmer.detectors.siblings import siblings
from agents.skimmer.detectors.technical import technical
from agents.skimmer.evidence import Evidence
from agents.skimmer.naming import Reading, read
from agents.skimmer.recommending import reasons_to_open, recommend
from agents.skimmer.sketch import Sketch, sketch
from agents.skimmer.subjects import SHARED, subject_of
from agents.skimmer.weighing import Weighed, fitted, weigh
from townlake.domain.taxonomy import NONE, Subject, is_none, is_personal, label_of

RULES_VERSION: Final = "skimmer-1.0"
"""Raised with any change of a rule, a word or a weight: what was found before may be found differently now."""
_MOST_REASONS: Final = 6
_OF_OPAQUE: Final = 1.4
"""What a comment counts for more where the name says nothing."""
_OF_VALUES: Final = (technical, checked, secrets, official_ids, contacts, coded, dates, people_names, prose)


def classify(table: Table, calibrate: Callable[[float], float] = calibrated) -> tuple[ColumnFinding, ...]:
    """What each column of a table holds, in the order of the columns.

    The same columns give the same findings, whatever the order of their rows.

    Args:
        table: its columns with sampled values.
        calibrate: from a score to a probability; another one only to fit the table of the usual one.
    """
    sketches = [sketch(column) for column in table.columns]
    readings = [(read(column.name), read(column.comment)) for column in table.columns]
    first = [
        fitted(
            (*by_name(name), *by_name(comment, "comment", _OF_OPAQUE if name.is_opaque else 1.0), *_of_values(values)),
            values,
        )
        for (name, comment), values in zip(readings, sketches, strict=True)
    ]
    alone = [weigh(evidence) for evidence in first]
    names = table.column_names or tuple(column.name for column in table.columns)
    context = table_context(table.name, names, sketches, [weighed.label for weighed in alone])
    findings = []
    for at, (column, values, (name, comment), evidence) in enumerate(
        zip(table.columns, sketches, readings, first, strict=True)
    ):
        beside = first[max(0, at - 1) : at] + first[at + 1 : at + 2]
        more = list(siblings(values, name, context, evidence, beside))
        weighed = weigh(fitted((*_without_fit(evidence), *more), values)) if more else alone[at]
        findings.append(_finding(column, values, weighed, name, comment, context, calibrate))
    return tuple(findings)


def _of_values(values: Sketch) -> Iterable[Evidence]:
    return [one for detect in _OF_VALUES for one in detect(values)]


def _without_fit(evidence: Sequence[Evidence]) -> Iterable[Evidence]:
    return (one for one in evidence if one.weight not in {"values.fit", "values.loose_fit", "values.misfit"})


def _finding(
    column: Column,
    values: Sketch,
    weighed: Weighed,
    name: Reading,
    comment: Reading,
    context: TableContext,
    calibrate: Callable[[float], float],
) -> ColumnFinding:
    label = weighed.label
    likeliest = max(
        (one for one in weighed.odds if one != NONE), key=lambda one: (weighed.odds[one], one), default=NONE
    )
    subject, p_person = (
        (Subject.UNKNOWN, 0.0) if likeliest == NONE else subject_of(likeliest, values, name, comment, context)
    )
    personal = weighed.p_personal_label * (1.0 if likeliest == "credential" else p_person)
    confidence = calibrate(personal)
    if not is_none(label) and label not in SHARED and label != "credential" and subject is not Subject.PERSON:
        label = NONE
    is_pii = label == "credential" or (is_personal(label, subject) and subject is Subject.PERSON)
    if is_none(label):
        subject = Subject.UNKNOWN
    known = label_of(label)
    reasons = reasons_to_open(weighed, values, comment, context)
    return ColumnFinding(
        uid=column.uid,
        label=label,
        subject=subject,
        tier=known.gravity if known and is_pii else 1,
        is_personal=is_pii,
        confidence=confidence,
        recommendation=recommend(label, is_pii, confidence, reasons),
        evidence=tuple(dict.fromkeys(one.reason for value, one in weighed.evidence if abs(value) >= 0.4))[
            :_MOST_REASONS
        ],
        score=round(personal, 6),
        reasons=tuple(sorted(reasons)),
    )
