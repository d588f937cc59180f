"""What was learned, as one version, and what it makes of a finding."""

from __future__ import annotations

from typing import Final

from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.learning.neighbours import Neighbours
from agents.skimmer.learning.reasons import learned_reason
from agents.skimmer.learning.recalibrating import LOWERED_TO, Calibration
from agents.skimmer.learning.traits import traits_of
from agents.skimmer.recommending import recommend
from townlake.domain.taxonomy import NONE, Gravity, Subject, is_none, label_of, needs_two_people
from townlake.domain.value import Value
from townlake.governance.scan_records import ScanFinding

_MOST_REASONS: Final = 8
_SURE: Final = 0.9
"""How likely a column is personal that is like those that people called so: as with a label that is inherited."""
_NOTHING: Final = "nothing personal was found in names and values"


def base_of(rules: str) -> str:
    """The version of the rules without what was learned.

    >>> base_of("skimmer-1.1+learned.3")
    'skimmer-1.1'
    """
    return rules.partition("+")[0]


class Learned(Value):
    """What decisions of people teach. The same decisions give the same bytes."""

    calibration: Calibration | None = None
    neighbours: tuple[Neighbours, ...] = ()
    calibrated_by: tuple[str, ...] = ()
    """Whose decisions the calibration was learned from, in small letters."""

    @property
    def is_empty(self) -> bool:
        """True when it changes nothing."""
        return self.calibration is None and not self.neighbours

    @property
    def people(self) -> tuple[str, ...]:
        """Whose decisions it was learned from: those behind its calibration and its rules, and no others."""
        return tuple(sorted({*self.calibrated_by, *(name for rule in self.neighbours for name in rule.people)}))

    def taught_alone(self, in_use: Learned) -> tuple[str, ...]:
        """Who is the only teacher of a rule, or of the calibration, that is not in use yet."""
        known = {rule.id for rule in in_use.neighbours}
        parts = [rule.people for rule in self.neighbours if rule.id not in known]
        if self.calibration != in_use.calibration:
            parts.append(self.calibrated_by)
        return tuple(sorted({people[0] for people in parts if len(people) == 1}))


class LearnedVersion(Value):
    """What was learned and a person accepted; number 0 for the rules alone."""

    number: int = 0
    learned: Learned = Learned()

    @property
    def rules(self) -> str:
        """The version that findings by it are of: `skimmer-1.1+learned.3`."""
        return f"{RULES_VERSION}+learned.{self.number}" if self.number else RULES_VERSION

    def applied(self, finding: ScanFinding) -> ScanFinding:
        """The finding by what was learned.

        What values or other tables prove stays as it is. Nothing becomes open by a learned rule alone: that nothing
        personal was found must be the other reason. A label that takes two people is taken away by people only.

        Args:
            finding: of the rules alone, before other tables are looked at.
        """
        if finding.is_checked or finding.by_rules is None:
            return finding
        traits = traits_of(finding) if self.learned.neighbours else None
        rule = None if traits is None else next((r for r in self.learned.neighbours if r.covers(traits)), None)
        finding = _recalibrated(finding, self.learned.calibration)
        return finding if rule is None else _like_neighbours(finding, rule, self.number)


def _recalibrated(finding: ScanFinding, calibration: Calibration | None) -> ScanFinding:
    if calibration is None or calibration.rules != RULES_VERSION or finding.by_rules is None:
        return finding
    held, p = finding.classification, calibration(finding.by_rules.score)
    return finding.model_copy(
        update={
            "classification": held.model_copy(update={"confidence": p}),
            "recommendation": str(recommend(held.label, finding.is_personal, p, finding.by_rules.reasons)),
        }
    )


def _like_neighbours(finding: ScanFinding, rule: Neighbours, number: int) -> ScanFinding:
    reason = learned_reason(rule.count, rule.label, number)
    return _harmless(finding, rule, reason) if is_none(rule.label) else _personal(finding, rule, reason)


def _personal(finding: ScanFinding, rule: Neighbours, reason: str) -> ScanFinding:
    held, known = finding.classification, label_of(rule.label)
    gravity = known.gravity if known else Gravity.PERSONAL
    if _stays(finding) and held.label != rule.label and gravity < Gravity.SPECIAL:
        return finding
    p = max(held.confidence, _SURE)
    what = {
        "label": rule.label,
        "subject": rule.subject,
        "tier": int(gravity),
        "confidence": p,
        "evidence": (reason, *held.evidence)[:_MOST_REASONS],
    }
    return finding.model_copy(
        update={
            "classification": held.model_copy(update=what),
            "is_personal": True,
            "recommendation": str(recommend(rule.label, True, p, ())),
        }
    )


def _harmless(finding: ScanFinding, rule: Neighbours, reason: str) -> ScanFinding:
    held, by_rules = finding.classification, finding.by_rules
    if _stays(finding) or by_rules is None:
        return finding
    if not is_none(held.label):
        # The rules saw something that people did not: a person looks, and nothing is opened in passing.
        what = {
            "label": rule.label,
            "subject": str(Subject.UNKNOWN),
            "tier": int(Gravity.INTERNAL),
            "confidence": round(held.confidence * LOWERED_TO, 4),
            "evidence": (reason, *held.evidence)[:_MOST_REASONS],
        }
        return finding.model_copy(
            update={
                "classification": held.model_copy(update=what),
                "is_personal": False,
                "recommendation": str(recommend(rule.label, False, 1.0, ())),
            }
        )
    label = held.label if rule.label == NONE else rule.label
    reasons = {*by_rules.reasons, "neighbours"} if by_rules.reasons else set()
    evidence = (reason, *(held.evidence or (_NOTHING,)))[:_MOST_REASONS]
    return finding.model_copy(
        update={
            "classification": held.model_copy(update={"label": label, "evidence": evidence}),
            "recommendation": str(recommend(label, False, held.confidence, reasons)),
        }
    )


def _stays(finding: ScanFinding) -> bool:
    """True for a label that no single person may take away, and so no rule."""
    return finding.is_personal and needs_two_people(finding.classification.label)
