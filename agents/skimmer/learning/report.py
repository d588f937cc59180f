"""What decisions teach, how much better it would be, and what it would change: told before anything changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.learning.examples import FOLDS, Example, Examples, Key
from agents.skimmer.learning.learned import Learned, LearnedVersion
from agents.skimmer.learning.neighbours import PEOPLE, Neighbours, neighbours
from agents.skimmer.learning.recalibrating import Quality, recalibrate
from townlake.domain.review import Classification
from townlake.domain.taxonomy import NONE, is_none
from townlake.domain.value import Value
from townlake.governance.scan_records import ScanFinding

Place = tuple[str, str]
"""(table, column)."""


class Fit(Value):
    """How well probabilities fit decisions."""

    brier: float
    ece: float
    opened: int
    opened_personal: int


class Override(Value):
    """How often people gave another label than the one that was proposed."""

    proposed: str
    decided: str
    count: int


class Change(Value):
    """A scanned column that would be recommended otherwise."""

    column: str
    label: str
    recommendation: str
    label_then: str
    recommendation_then: str


class Report(Value):
    """The figures of what was learned."""

    examples: int
    left_out: Mapping[str, int]
    overrides: tuple[Override, ...]
    agreement: float | None
    """Share of decided columns whose label the rules alone find; None without examples."""
    agreement_then: float | None
    """The same with learned rules, each column by rules that have seen none of its table."""
    calibration: str
    """What came of it."""
    fit: Fit | None
    """Of the rules alone."""
    fit_then: Fit | None
    """By cross-validation; None where nothing is fitted."""
    appear: tuple[str, ...]
    """Rules that the version in use has not."""
    vanish: tuple[str, ...]
    stay: int
    scanned: int
    """Columns that the following is about."""
    recommended: Mapping[str, int]
    """How many are recommended to be opened, masked, reviewed, denied."""
    recommended_then: Mapping[str, int]
    changes: tuple[Change, ...]


class Lesson(NamedTuple):
    """What was learned, and its figures."""

    learned: Learned
    report: Report


def learn(
    told: Examples, scanned: Mapping[Place, ScanFinding], current: LearnedVersion, people: int = PEOPLE
) -> Lesson:
    """Learn from decisions. The same decisions give the same bytes.

    Args:
        told: the decisions.
        scanned: the newest finding on each column that is there.
        current: the version in use.
        people: how many must have called columns harmless for a rule to do so, and for a probability to be lowered.
    """
    found = told.found
    fitted, rules = recalibrate(found, RULES_VERSION, people), neighbours(found, people, told.against)
    teachers = tuple(sorted({one.reviewer.casefold() for one in found})) if fitted.calibration else ()
    learned = Learned(calibration=fitted.calibration, neighbours=rules, calibrated_by=teachers)
    before, after = ({rule.id: rule for rule in part} for part in (current.learned.neighbours, rules))
    changes = _changes(scanned, current, LearnedVersion(number=current.number + 1, learned=learned))
    now = Counter(finding.recommendation for finding in scanned.values())
    moved = Counter(one.recommendation_then for one in changes)
    moved.subtract(one.recommendation for one in changes)
    then = {name: now[name] + moved[name] for name in now.keys() | moved.keys() if now[name] + moved[name]}
    report = Report(
        examples=len(found),
        left_out=told.left_out,
        overrides=_overrides(found),
        agreement=_agreement(found, {}),
        agreement_then=_agreement(
            found, {fold: neighbours(_without(found, fold), people, told.against) for fold in range(FOLDS)}
        ),
        calibration=fitted.why,
        fit=_fit(fitted.before),
        fit_then=_fit(fitted.after),
        appear=tuple(rule.told for name, rule in after.items() if name not in before),
        vanish=tuple(rule.told for name, rule in before.items() if name not in after),
        stay=len(before.keys() & after.keys()),
        scanned=len(scanned),
        recommended=dict(sorted(now.items())),
        recommended_then=dict(sorted(then.items())),
        changes=changes,
    )
    return Lesson(learned, report)


def newest(findings: Mapping[str, Sequence[ScanFinding]]) -> Mapping[Key, ScanFinding]:
    """The findings on the columns of tables, by table uuid and field id."""
    return {(uuid, finding.field_id): finding for uuid, found in findings.items() for finding in found}


def _changes(scanned: Mapping[Place, ScanFinding], current: LearnedVersion, then: LearnedVersion) -> tuple[Change, ...]:
    """The columns that change, as far as nothing beside the rules had a word in what is recommended now."""
    changes = []
    for (table, column), finding in sorted(scanned.items()):
        alone = _alone(finding)
        if alone is None:
            continue
        now, later = _what(current.applied(alone)), _what(then.applied(alone))
        if now == later or now != _what(finding):
            continue
        changes.append(
            Change(
                column=f"{table}.{column}",
                label=now[0],
                recommendation=now[1],
                label_then=later[0],
                recommendation_then=later[1],
            )
        )
    return tuple(changes)


def _alone(finding: ScanFinding) -> ScanFinding | None:
    """The finding as the rules alone had it; None where values or other tables prove it, which stays."""
    told = finding.by_rules
    if told is None or finding.is_checked:
        return None
    return finding.model_copy(
        update={
            "classification": Classification(label=told.label, confidence=told.confidence),
            "is_personal": told.is_personal,
            "recommendation": told.recommendation,
        }
    )


def _what(finding: ScanFinding) -> tuple[str, str]:
    return finding.classification.label, finding.recommendation


def _overrides(found: Iterable[Example]) -> tuple[Override, ...]:
    pairs = Counter((one.proposed, one.label) for one in found if one.proposed != one.label)
    ranked = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Override(proposed=before, decided=after, count=count) for (before, after), count in ranked)


def _agreement(found: Sequence[Example], by_fold: Mapping[int, Sequence[Neighbours]]) -> float | None:
    """Share of examples whose label is found; kinds of `none` do not matter."""
    if not found:
        return None
    right = 0
    for one in found:
        rules = by_fold.get(one.fold, ())
        rule = None if one.traits is None else next((rule for rule in rules if rule.covers(one.traits)), None)
        label = one.by_rules.label if rule is None else rule.label
        right += _head(label) == _head(one.label)
    return round(right / len(found), 4)


def _head(label: str) -> str:
    return NONE if is_none(label) else label.partition(".")[0]


def _without(found: Sequence[Example], fold: int) -> list[Example]:
    return [one for one in found if one.fold != fold]


def _fit(found: Quality | None) -> Fit | None:
    return None if found is None else Fit(**found._asdict())
