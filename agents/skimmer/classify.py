"""Stage one: columns of a table in, findings out. Pure, deterministic, without a model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from agents.skimmer.bars import bars
from agents.skimmer.calibration import calibrated
from agents.skimmer.columns import Column, ColumnFinding, Recommendation, Table
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
from agents.skimmer.naming import Reading, read, says_more
from agents.skimmer.recommending import reasons_to_open, recommend
from agents.skimmer.sketch import Sketch, sketch
from agents.skimmer.subjects import SHARED, subject_of
from agents.skimmer.weighing import Weighed, fitted, weigh
from townlake.domain.taxonomy import NONE, Subject, is_none, is_personal, label_of, needs_two_people

_LOG: Final = logging.getLogger(__name__)
RULES_VERSION: Final = "skimmer-1.1"
"""Raised with any change of a rule, a word or a weight: what was found before may be found differently now."""
_MOST_REASONS: Final = 6
_OF_OPAQUE: Final = 1.4
"""What a comment counts for more where the name says nothing."""
_FITTED: Final = frozenset({"values.fit", "values.loose_fit", "values.misfit"})
_FAILED: Final = "not all of it could be judged"
_CONTRADICTED: Final = "the comment says otherwise"
_OF_VALUES: Final = (technical, checked, secrets, official_ids, contacts, coded, dates, people_names, prose)


def classify(table: Table, calibrate: Callable[[float], float] = calibrated) -> tuple[ColumnFinding, ...]:
    """What each column of a table holds, in the order of the columns.

    The same columns give the same findings, whatever the order of their rows.

    Args:
        table: its columns with sampled values.
        calibrate: from a score to a probability; another one only to fit the table of the usual one.
    """
    looked = [_looked_at(column, table.salt) for column in table.columns]
    names = table.column_names or tuple(column.name for column in table.columns)
    context = TableContext()
    try:
        context = table_context(table.name, names, [one.values for one in looked], [one.alone.label for one in looked])
    except Exception as error:
        for one in looked:
            one.failed("the look at the table", error)
    findings = []
    for at, one in enumerate(looked):
        beside = [each.evidence for each in looked[max(0, at - 1) : at] + looked[at + 1 : at + 2]]
        try:
            findings.append(_finding(one, _beside(one, beside, context), context, calibrate))
        except Exception as error:
            one.failed("the judgement", error)
            findings.append(ColumnFinding(uid=one.column.uid, evidence=tuple(dict.fromkeys(one.bars))))
    return tuple(findings)


@dataclass
class _Looked:
    """What one column tells by itself."""

    column: Column
    values: Sketch
    name: Reading
    comment: Reading
    evidence: list[Evidence] = field(default_factory=list)
    alone: Weighed = field(default_factory=partial(weigh, ()))
    bars: list[str] = field(default_factory=list)
    """Reasons not to open it."""

    def failed(self, what: str, error: Exception) -> None:
        """Bar the column. Its values may stand in the words of the error: only the kind is told."""
        _LOG.error("%s of a column failed with %s", what, type(error).__name__)
        self.bars.append(_FAILED)


def _looked_at(column: Column, salt: bytes) -> _Looked:
    """A column by itself. Whatever fails stops neither the other detectors nor the other columns."""
    try:
        one = _Looked(column, sketch(column, salt), read(""), read(""))
    except Exception as error:
        one = _Looked(column, sketch(replace(column, values=())), read(""), read(""))
        one.failed("the count of values", error)
    try:
        given, called = read(column.name), read(column.alias)
        one.name, one.comment = (called if says_more(called, given) else given), read(column.comment)
        trust = _OF_OPAQUE if one.name.is_opaque else 1.0
        found = [*by_name(one.name), *by_name(one.comment, "comment", trust)]
        # A second name may add a label, and takes none away.
        other = given if one.name is called else called
        found += [each for each in by_name(other) if not is_none(each.label)]
        for detect in _OF_VALUES:
            try:
                found.extend(detect(one.values))
            except Exception as error:
                one.failed(detect.__name__, error)
        one.evidence = fitted(found, one.values)
        one.alone = _weighed(one.evidence, one.values)
    except Exception as error:
        one.failed("the reading", error)
    return one


def _beside(one: _Looked, beside: Sequence[Sequence[Evidence]], context: TableContext) -> Weighed:
    """The column's evidence with what its table tells."""
    more = list(siblings(one.values, one.name, context, one.evidence, beside))
    if not more:
        return one.alone
    return _weighed(fitted((*(e for e in one.evidence if e.weight not in _FITTED), *more), one.values), one.values)


def _weighed(evidence: Sequence[Evidence], values: Sketch) -> Weighed:
    """The evidence, weighed. A comment may raise, and lower the odds, but takes away no label that needs two people."""
    told = weigh(evidence)
    if needs_two_people(told.label) or not any(one.weight.startswith("comment.") for one in evidence):
        return told
    uncommented = (e for e in evidence if e.weight not in _FITTED and not e.weight.startswith("comment."))
    label = weigh(fitted(uncommented, values)).label
    return replace(told, label=label, contradicted=True) if needs_two_people(label) else told


def _finding(
    one: _Looked, weighed: Weighed, context: TableContext, calibrate: Callable[[float], float]
) -> ColumnFinding:
    label, values, contradicted = weighed.label, one.values, weighed.contradicted
    likeliest = max((each for each in weighed.odds if each != NONE), key=lambda e: (weighed.odds[e], e), default=NONE)
    likeliest = likeliest if is_none(label) else label
    subject, p_person = (
        (Subject.UNKNOWN, 0.0) if likeliest == NONE else subject_of(likeliest, values, one.name, one.comment, context)
    )
    personal = weighed.p_personal_label * (1.0 if likeliest == "credential" else p_person)
    confidence = calibrate(personal)
    if needs_two_people(label) and subject is not Subject.PERSON and one.column.comment:
        subject, _ = subject_of(label, values, one.name, read(""), context)
        contradicted = contradicted or subject is Subject.PERSON
    if not is_none(label) and label not in SHARED and label != "credential" and subject is not Subject.PERSON:
        label = NONE
    is_pii = label == "credential" or (is_personal(label, subject) and subject is Subject.PERSON)
    if is_none(label):
        subject = Subject.UNKNOWN
    known = label_of(label)
    reasons = reasons_to_open(weighed, values, one.comment, context)
    # Every value is looked at only where that can matter.
    barred = tuple(dict.fromkeys([*one.bars, *(bars(values) if reasons else ())]))
    reasons = frozenset() if barred else reasons
    recommended = recommend(label, is_pii, confidence, reasons)
    if contradicted and recommended is Recommendation.MASK:
        recommended = Recommendation.REVIEW
    against = (*barred, _CONTRADICTED) if contradicted else barred
    evidence = dict.fromkeys(each.reason for value, each in weighed.evidence if abs(value) >= 0.4)
    return ColumnFinding(
        uid=one.column.uid,
        label=label,
        subject=subject,
        tier=known.gravity if known and is_pii else 1,
        is_personal=is_pii,
        confidence=confidence,
        recommendation=recommended,
        evidence=(*tuple(evidence)[: max(1, _MOST_REASONS - len(against))], *against),
        score=round(personal, 6),
        reasons=tuple(sorted(reasons)),
    )
