"""What a model's word may change: never towards opening, and nothing that is proven. For any finding and any answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.skimmer.columns import Recommendation
from agents.skimmer.judge_case import is_fixed, ruled
from agents.skimmer.judge_rules import combined, no_laxer
from agents.skimmer.recommending import OPEN_BELOW
from townlake.domain.review import Classification, ReviewState
from townlake.domain.taxonomy import LABELS, NEGATIVES, NONE, Subject, gravity, is_none, needs_two_people
from townlake.governance.deciding import is_clear
from townlake.governance.review_records import Review
from townlake.governance.scan_records import Judgement, Opinion, ScanFinding

NEGATIVE = tuple(f"none.{kind}" for kind in sorted(NEGATIVES))
STRICTNESS = ("open", "review", "mask", "deny")


@st.composite
def findings(draw: st.DrawFn) -> ScanFinding:
    """Whatever the rules may find."""
    personal = draw(st.booleans())
    label = draw(st.sampled_from(tuple(LABELS) if personal else NEGATIVE))
    choices = ("mask", "review", "deny") if personal else ("open", "review")
    confidence = draw(st.floats(0, OPEN_BELOW - 0.001) if not personal else st.floats(0, 1))
    return finding(
        label,
        is_personal=personal,
        recommendation=draw(st.sampled_from(choices)),
        is_checked=personal and draw(st.booleans()),
        confidence=confidence,
        evidence=tuple(draw(st.lists(st.sampled_from(("short codes", "the name says flag")), unique=True))),
    )


@st.composite
def answers(draw: st.DrawFn) -> Opinion | None:
    """Whatever a model may say and not contradict itself."""
    if draw(st.integers(0, 9)) == 0:
        return None
    label = draw(st.sampled_from((*LABELS, NONE)))
    subject = draw(st.sampled_from(tuple(map(str, Subject)))) if label != NONE else "unknown"
    return said(
        label,
        subject,
        is_personal=label != NONE and (label == "credential" or subject == "person"),
        sure=draw(st.sampled_from(("certain", "likely", "unsure"))),
        because=tuple(draw(st.lists(st.sampled_from(("name", "comment", "look")), max_size=5))),
    )


def finding(label: str, confidence: float = 0.5, evidence: tuple[str, ...] = (), **more: Any) -> ScanFinding:
    personal = more.setdefault("is_personal", not is_none(label))
    more.setdefault("recommendation", "mask" if personal else "review")
    known = Classification(
        label=label,
        subject="person" if personal else "unknown",
        tier=int(gravity(label)) if personal else 1,
        confidence=confidence,
        evidence=evidence,
    )
    return ScanFinding(field_id=1, column="c", column_type="varchar", classification=known, **more)


def said(label: str, subject: str = "person", *, sure: str = "certain", **more: Any) -> Opinion:
    more.setdefault("is_personal", label != NONE and (label == "credential" or subject == "person"))
    return Opinion(label=label, subject="unknown" if label == NONE else subject, sure=sure, **more)


@given(findings(), answers())
def test_nothing_is_ever_recommended_for_opening_that_was_not(rules: ScanFinding, answer: Opinion | None) -> None:
    after = combined(rules, answer)
    assert after.recommendation != Recommendation.OPEN or rules.recommendation == Recommendation.OPEN
    if after.recommendation == Recommendation.OPEN:
        # Then it is as the rules had it: the model adds no reason of its own to open.
        assert after == rules
        assert answer is not None
        assert not answer.is_personal


@given(findings(), answers())
def test_what_is_proven_inherited_or_sure_stays(rules: ScanFinding, answer: Opinion | None) -> None:
    after = combined(rules, answer)
    if is_fixed(rules):
        assert after.is_personal
        assert after.classification.label == rules.classification.label
        assert after.classification.tier == rules.classification.tier
        assert after.recommendation in {"review", rules.recommendation}
    if rules.recommendation == Recommendation.DENY:
        assert after.recommendation == Recommendation.DENY


@given(findings(), answers())
def test_what_needs_two_people_needs_them_still(rules: ScanFinding, answer: Opinion | None) -> None:
    if rules.is_personal and needs_two_people(rules.classification.label):
        after = combined(rules, answer)
        assert after.is_personal
        assert needs_two_people(after.classification.label)


@given(findings(), answers())
def test_what_the_model_doubts_is_never_opened_in_bulk(rules: ScanFinding, answer: Opinion | None) -> None:
    after = combined(rules, answer)
    held = after.classification.model_copy(update={"recommendation": after.recommendation})
    asked = Review.model_construct(state=ReviewState.PROPOSED, classification=held)
    if answer is None or answer.sure == "unsure" or answer.is_personal or rules.is_personal:
        assert not is_clear(asked, OPEN_BELOW)


@given(findings(), answers())
def test_a_label_and_a_tier_always_agree(rules: ScanFinding, answer: Opinion | None) -> None:
    after = combined(rules, answer)
    known = after.classification
    assert known.tier == (int(gravity(known.label)) if after.is_personal else 1)
    assert 0 <= known.confidence <= 1
    assert not (after.is_personal and is_none(known.label))


@given(findings(), answers())
def test_a_kept_finding_is_made_again_from_what_is_kept_with_it(rules: ScanFinding, answer: Opinion | None) -> None:
    known = rules.classification.model_copy(update={"recommendation": rules.recommendation})
    fixed = {"version": "v", "model": "m", "shown": "s", "said": answer, "rules_said": known}
    judgement = Judgement(**fixed, rules_said_personal=rules.is_personal)
    text = combined(rules, answer).model_copy(update={"judgement": judgement}).model_dump_json()
    kept = ScanFinding.model_validate_json(text)
    assert kept.judgement is not None
    again = combined(ruled(kept), kept.judgement.said).model_copy(update={"judgement": kept.judgement})
    assert again.model_dump_json() == text


@given(findings(), findings())
def test_a_judge_of_any_kind_is_held_to_it(ours: ScanFinding, theirs: ScanFinding) -> None:
    held = no_laxer(ours, theirs)
    assert held.recommendation != Recommendation.OPEN or ours.recommendation == Recommendation.OPEN
    if is_fixed(ours):
        assert held.is_personal
        assert gravity(held.classification.label) >= gravity(ours.classification.label)


@pytest.mark.parametrize(
    ("rules", "answer", "label", "personal", "recommendation"),
    [
        # raised: masked where it is certain and the rules had no opinion, else a person looks
        (finding("none.code"), said("health"), "health", True, "mask"),
        (finding("none.code"), said("health", sure="likely"), "health", True, "review"),
        (finding("none.code", recommendation="open"), said("health"), "health", True, "review"),
        (finding("none.text"), said("credential"), "credential", True, "deny"),
        # confirmed, and typed anew
        (finding("person_name", 0.4, recommendation="review"), said("person_name"), "person_name", True, "mask"),
        (finding("gender"), said("health"), "health", True, "mask"),
        (finding("person_name"), said("age"), "age", True, "review"),
        (finding("person_name"), said("age", sure="likely"), "person_name", True, "review"),
        (finding("health"), said("age"), "health", True, "review"),
        # doubted
        (finding("phone"), said("phone", "organisation"), "phone", False, "review"),
        (finding("phone"), said(NONE), NONE, False, "review"),
        (finding("phone"), said(NONE, sure="likely"), "phone", True, "review"),
        (finding("phone", is_checked=True), said(NONE), "phone", True, "review"),
        (finding("phone", 0.95), said(NONE), "phone", True, "review"),
        (finding("religion"), said(NONE), "religion", True, "review"),
        # agreed: nobody's
        (finding("none.code", recommendation="open"), said(NONE), "none.code", False, "open"),
        (finding("none.code"), said(NONE), "none.code", False, "review"),
        (finding("none.code", recommendation="open"), said("phone", "organisation"), "phone", False, "review"),
        # no answer
        (finding("none.code", recommendation="open"), None, "none.code", False, "review"),
        (finding("none.code", recommendation="open"), said(NONE, sure="unsure"), "none.code", False, "review"),
        (finding("phone"), None, "phone", True, "mask"),
    ],
)
def test_each_way(rules: ScanFinding, answer: Opinion | None, label: str, personal: bool, recommendation: str) -> None:
    after = combined(rules, answer)
    assert (after.classification.label, after.is_personal, after.recommendation) == (label, personal, recommendation)
