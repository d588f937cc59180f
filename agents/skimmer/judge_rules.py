"""How a model's word changes what the rules found: pure, and never towards opening.

The model may raise, re-type, doubt and confirm. A recommendation to open is the rules' alone, and every disagreement,
every doubt and every missing answer takes it back.
"""

from __future__ import annotations

from typing import Any, Final

from agents.skimmer.columns import Recommendation
from agents.skimmer.judge_case import SURE, is_fixed
from agents.skimmer.recommending import MASK_FROM, OPEN_BELOW
from townlake.domain.taxonomy import gravity, is_none, is_secret, needs_two_people
from townlake.governance.scan_records import Opinion, ScanFinding

_MOST_REASONS: Final = 8
_CERTAIN: Final = 0.85
_LIKELY: Final = 0.6
"""Probabilities of personal data for what a model says against the rules."""
_DOUBTED: Final = 0.3
assert OPEN_BELOW < _DOUBTED < MASK_FROM  # noqa: S101 - what a model doubts is never clear enough to open


def combined(finding: ScanFinding, said: Opinion | None) -> ScanFinding:
    """The finding with a model's word on it.

    Args:
        finding: what the rules found.
        said: what the model said; None where it gave no usable answer.
    """
    if said is None:
        return _told(finding, "the model gave no usable answer", recommendation=_closed(finding))
    if said.sure == "unsure":
        return _told(finding, f"the model is unsure{_by(said)}", recommendation=_closed(finding))
    if is_fixed(finding):
        return finding if _agrees(finding, said) else _disagreed(finding, said)
    if finding.is_personal:
        return _confirmed(finding, said) if said.is_personal else _doubted(finding, said)
    if said.is_personal:
        return _raised(finding, said)
    return _typed(finding, said)


def no_laxer(ours: ScanFinding, theirs: ScanFinding) -> ScanFinding:
    """What a judge made of a finding, unless it opens, or takes back what is proven: then the finding.

    `combined` never does either. This holds for every judge.
    """
    opens = theirs.recommendation == Recommendation.OPEN != ours.recommendation
    takes_back = is_fixed(ours) and (
        not theirs.is_personal or gravity(theirs.classification.label) < gravity(ours.classification.label)
    )
    return ours if opens or takes_back else theirs


def _raised(finding: ScanFinding, said: Opinion) -> ScanFinding:
    """The rules saw nothing personal, the model does."""
    certain = said.sure == "certain"
    to = Recommendation.REVIEW
    if certain and finding.recommendation != Recommendation.OPEN:
        to = Recommendation.DENY if is_secret(said.label) else Recommendation.MASK
    confidence = max(finding.classification.confidence, _CERTAIN if certain else _LIKELY)
    return _retyped(finding, said, _reads(said), confidence, to)


def _confirmed(finding: ScanFinding, said: Opinion) -> ScanFinding:
    """Both say personal; of two labels the model's is taken where it is certain, and no less grave."""
    known, certain = finding.classification, said.sure == "certain"
    if _agrees(finding, said):
        confidence = max(known.confidence, SURE if certain else _LIKELY)
        to = Recommendation.MASK if certain else _closed(finding)
        return _told(finding, _reads(said), recommendation=to, confidence=confidence)
    lighter = gravity(said.label) < gravity(known.label)
    if not certain or (lighter and needs_two_people(known.label)):
        return _disagreed(finding, said)
    to = Recommendation.REVIEW if lighter or is_secret(said.label) else Recommendation.MASK
    return _retyped(finding, said, _reads(said), known.confidence, to)


def _doubted(finding: ScanFinding, said: Opinion) -> ScanFinding:
    """The rules guess that it is personal, the model does not: a person looks, with both in hand."""
    known = finding.classification
    if said.sure != "certain" or needs_two_people(known.label):
        return _disagreed(finding, said)
    told = f"{_reads(said)}; the rules take it for {known.label}"
    return _retyped(finding, said, told, min(known.confidence, _DOUBTED), Recommendation.REVIEW)


def _typed(finding: ScanFinding, said: Opinion) -> ScanFinding:
    """Neither says personal. No reason is added: what is opened is opened for the rules' own reasons."""
    known = finding.classification
    if is_none(said.label) or said.sure != "certain" or not is_none(known.label):
        return finding
    return _retyped(finding, said, _reads(said), known.confidence, _closed(finding))


def _disagreed(finding: ScanFinding, said: Opinion) -> ScanFinding:
    to = finding.recommendation if finding.recommendation == Recommendation.DENY else Recommendation.REVIEW
    return _told(finding, f"{_reads(said)}, and is not believed without a person", recommendation=str(to))


def _retyped(finding: ScanFinding, said: Opinion, why: str, confidence: float, to: Recommendation | str) -> ScanFinding:
    known = finding.classification
    classification = known.model_copy(
        update={
            "label": said.label,
            "subject": said.subject,
            "tier": int(gravity(said.label)) if said.is_personal else 1,
            "confidence": confidence,
        }
    )
    changed = finding.model_copy(update={"classification": classification, "is_personal": said.is_personal})
    return _told(changed, why, recommendation=str(to))


def _told(finding: ScanFinding, why: str, *, recommendation: str, **known: Any) -> ScanFinding:
    evidence = (why, *finding.classification.evidence)[:_MOST_REASONS]
    classification = finding.classification.model_copy(update={"evidence": evidence, **known})
    return finding.model_copy(update={"classification": classification, "recommendation": str(recommendation)})


def _closed(finding: ScanFinding) -> str:
    """What is recommended at the least: a person's look."""
    is_open = finding.recommendation == Recommendation.OPEN
    return str(Recommendation.REVIEW) if is_open else finding.recommendation


def _agrees(finding: ScanFinding, said: Opinion) -> bool:
    return said.is_personal and said.label == finding.classification.label.partition(".")[0]


def _reads(said: Opinion) -> str:
    what = "nothing personal" if is_none(said.label) else f"{said.label} of a {said.subject.replace('_', ' ')}"
    return f"the model reads {what}{_by(said)}"


def _by(said: Opinion) -> str:
    by = f" from {' and '.join(said.because[:3])}" if said.because else ""
    return by + (f", in a table of {said.table_subject}" if said.table_subject not in {"", "unknown"} else "")
