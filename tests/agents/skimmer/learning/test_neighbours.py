"""Which decisions make a rule, and what a rule may do."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.learning.learned import Learned, LearnedVersion
from agents.skimmer.learning.neighbours import neighbours
from agents.skimmer.learning.recalibrating import Calibration
from agents.skimmer.learning.report import learn
from agents.skimmer.learning.traits import distance, traits_of
from agents.skimmer.relations import Known, Upstream, known_label, raised
from tests.agents.skimmer.learning.cases import (
    CODES,
    DENIED,
    MASKED,
    OPENED,
    WORDS,
    alike,
    decided,
    finding,
    told,
)
from townlake.domain.names import ColumnRef
from townlake.domain.review import Classification, ReviewState
from townlake.domain.taxonomy import LABELS, is_none, label_of, needs_two_people
from townlake.governance.review_records import How, ReviewEvent
from townlake.governance.scan_records import ScanFinding

PERSONAL = sorted(LABELS)
HARMLESS = ["none", "none.code", "none.enum", "none.uuid"]
LABEL = st.sampled_from([*PERSONAL, *HARMLESS])


def version(events: list[ReviewEvent]) -> LearnedVersion:
    return LearnedVersion(number=3, learned=Learned(neighbours=neighbours(told(events).found)))


@cache
def rule_of(label: str) -> LearnedVersion:
    made = version(alike(label, state=OPENED if is_none(label) else MASKED))
    assert len(made.learned.neighbours) == 1
    return made


def test_five_of_two_tables_make_a_rule() -> None:
    (rule,) = neighbours(told(alike("username")).found)
    assert (rule.label, rule.subject, rule.count, rule.tables) == ("username", "person", 5, 5)
    assert rule.traits.words == ("kz", "merk")
    assert neighbours(told(alike("username", 4)).found) == ()
    within = [
        event.model_copy(update={"table_uuid": "one", "field_id": n // 2})
        for n, event in enumerate(alike("username", 6))
    ]
    findings = {("one", number): finding() for number in range(6)}
    assert neighbours(told(within, findings).found) == (), "all of one table"


@pytest.mark.parametrize(
    "other",
    [
        decided("t9", "none.code", OPENED),
        decided("t9", "email"),
        decided("t9", "username", OPENED, subject="organisation"),
        decided("t9", "none.code"),
        decided("t9", "none.code", DENIED),
    ],
    ids=["nothing", "another label", "nobody's", "masked without a label", "denied without a label"],
)
def test_one_decision_that_differs_prevents_it(other: list[ReviewEvent]) -> None:
    assert len(neighbours(told(alike("username")).found)) == 1
    assert neighbours(told(alike("username") + other).found) == ()


def test_a_decision_that_teaches_nothing_still_prevents_what_differs() -> None:
    harmless, other = alike("none.code", 5, OPENED), decided("t9", "person_id")
    for told_all in (
        told(harmless + other, None, ("t9", 1)),
        told(harmless + decided("t9", "person_id", how=How.BULK)),
        told(harmless + other, {("t9", 1): finding().model_copy(update={"by_rules": None, "sketch": ""})}),
        told(harmless + decided("t9", "person_id")[1:]),
        told(alike("username") + decided("t9", "none.code", OPENED, how=How.BULK)),
    ):
        assert len(neighbours(told_all.found)) == 1
        assert sum(told_all.left_out.values()) == 1
        assert neighbours(told_all.found, 2, told_all.against) == ()
        assert learn(told_all, {}, LearnedVersion()).learned.neighbours == ()
    agrees = told(harmless + decided("t9", "none.text", OPENED), None, ("t9", 1))
    assert len(neighbours(agrees.found, 2, agrees.against)) == 1


def test_one_person_alone_calls_nothing_harmless() -> None:
    alone = told(alike("none.code", 9, OPENED, people=("ann", "Ann"))).found
    assert neighbours(alone) == ()
    assert len(neighbours(alone, 1)) == 1, "in a lake of one person"
    assert len(neighbours(told(alike("username", people=("ann",))).found)) == 1, "more caution needs one"


def test_who_taught_what() -> None:
    apart = {("t9", 1): finding(column="vm_nest")}
    mine = told([*alike("username", people=("ann", "Ann")), *decided("t9", "email", who="bob")], apart).found
    ours = told([*alike("none.code", 5, OPENED), *decided("t9", "email", who="eve")], apart).found
    alone, both = (Learned(neighbours=neighbours(found)) for found in (mine, ours))
    assert (alone.people, alone.taught_alone(Learned())) == (("ann",), ("ann",)), (
        "bob taught something else, or nothing"
    )
    assert (both.people, both.taught_alone(Learned())) == (("ann", "bob"), ())
    assert alone.taught_alone(alone) == (), "in use, so that another person accepted it"
    fitted = Calibration(rules=RULES_VERSION, points=((0.0, 0.0), (1.0, 1.0)), floor=0.5)
    assert Learned(calibration=fitted, calibrated_by=("eve",)).taught_alone(Learned()) == ("eve",)
    assert Learned(calibration=fitted, calibrated_by=("bob", "eve")).taught_alone(Learned()) == ()


def test_what_people_did_not_look_at_teaches_nothing() -> None:
    bulk = told(alike("none.code", 9, OPENED, how=How.BULK))
    assert (bulk.found, bulk.left_out) == ((), {"opened in bulk, without a look at each": 9})
    disputed = told(alike("username"), None, ("t0", 1))
    assert (len(disputed.found), disputed.left_out) == (4, {"disputed": 1})
    back = alike("username")
    back.append(back[-1].model_copy(update={"after": ReviewState.PENDING}))
    assert len(told(back).found) == 4
    first = [
        event.model_copy(update={"how": How.FIRST}) if event.after is MASKED else event for event in alike("health")
    ]
    assert told(first).found == ()


def test_a_rule_does_not_feed_on_itself() -> None:
    applied = rule_of("username").applied(finding())
    led = alike("username", 9, proposed=applied.classification)
    assert all(one.is_led for one in told(led).found)
    assert neighbours(told(led).found) == ()
    differ = decided("t99", "none.code", OPENED, proposed=applied.classification)
    assert neighbours(told(alike("username") + differ).found) == ()


def test_columns_are_alike_by_header_type_and_form() -> None:
    one = traits_of(finding(column="KzMerk_2"))
    assert one is not None
    for other, near in (
        (finding(column="kz merk"), True),
        (finding(values=[f"{value}7" for value in CODES]), True),
        (finding(column="kz_markt"), False),
        (finding(values=WORDS), False),
        (finding(type="bigint"), False),
    ):
        traits = traits_of(other)
        assert traits is not None
        assert (distance(one, traits) <= 0.4) is near, other.column
    for column in ("c17", "col_3", "17"):
        assert traits_of(finding(column=column)) is None, column
    assert traits_of(finding(type="array(varchar)")) is None
    assert traits_of(finding(values=())) is None
    assert not any(value in one.model_dump_json() for value in CODES)


def test_what_a_rule_makes_of_a_column() -> None:
    found = rule_of("username").applied(finding())
    assert (found.classification.label, found.classification.subject, found.recommendation) == (
        "username",
        "person",
        "mask",
    )
    assert found.classification.evidence == (
        "people decided on columns that look alike: all 5 are username (learned.3)",
        "short codes",
    )
    assert (found.classification.confidence, found.classification.tier) == (0.9, 3)
    guessed = rule_of("none.code").applied(finding("phone", confidence=0.9, score=0.8))
    assert (guessed.classification.label, guessed.recommendation) == ("none.code", "review")
    assert (guessed.is_personal, guessed.classification.confidence) == (False, 0.45)
    assert known_label(None, guessed) == "phone", "what is made of it stays what the rules say"


@pytest.mark.parametrize(
    ("reasons", "confidence", "then"),
    [
        (("nothing personal",), 0.03, "open"),
        ((), 0.03, "review"),
        (("nothing personal",), 0.06, "review"),
    ],
    ids=["one reason more", "a reason alone", "too likely personal"],
)
def test_a_rule_is_one_reason_to_open(reasons: tuple[str, ...], confidence: float, then: str) -> None:
    unsure = finding(recommendation="review", reasons=reasons, confidence=confidence)
    found = rule_of("none.code").applied(unsure)
    assert found.recommendation == then
    assert len(set(found.classification.evidence)) == 2
    enum = rule_of("none.enum").applied(unsure)
    assert (enum.classification.label, enum.recommendation) == ("none.enum", then)


@settings(deadline=None)
@given(label=LABEL, learned=LABEL, checked=st.booleans(), reasons=st.sampled_from([(), ("nothing personal",)]))
def test_a_rule_never_takes_what_is_proven_or_grave(
    label: str, learned: str, checked: bool, reasons: tuple[str, ...]
) -> None:
    calibration = Calibration(rules=RULES_VERSION, points=((0.0, 0.0), (1.0, 0.0)), floor=0.5)
    rules = rule_of(learned).learned.model_copy(update={"calibration": calibration})
    before = finding(label, is_checked=checked, reasons=reasons, recommendation="review" if is_none(label) else "mask")
    after = LearnedVersion(number=3, learned=rules).applied(before)
    if checked:
        assert after == before
    if before.is_personal and needs_two_people(label):
        assert after.is_personal
        assert needs_two_people(after.classification.label)
    if before.is_personal or not reasons:
        assert after.recommendation != "open"
    if after.recommendation == "open":
        assert len(set(after.classification.evidence)) >= 2
    assert not any(value in after.model_dump_json() for value in CODES)


@settings(deadline=None)
@given(label=st.sampled_from(PERSONAL), learned=st.sampled_from(HARMLESS))
def test_what_comes_from_another_table_is_never_opened(label: str, learned: str) -> None:
    above = Upstream(ColumnRef.parse("crm.people.x"), Known(label, is_proven=True), "comes from")
    after = raised(rule_of(learned).applied(finding()), [above])
    assert (after.classification.label, after.is_personal) == (label, True)
    assert after.recommendation in {"mask", "deny"}
    grave = label_of(label)
    assert grave is not None
    assert after.classification.tier == int(grave.gravity)


def test_the_same_decisions_give_the_same_bytes() -> None:
    events = alike("username", 7)
    turned = [event for at in range(len(events) - 2, -1, -2) for event in events[at : at + 2]]
    assert version(turned).model_dump_json() == version(events).model_dump_json()
    kept = LearnedVersion.model_validate_json(version(events).model_dump_json())
    assert kept.applied(finding()).model_dump_json() == version(events).applied(finding()).model_dump_json()


def test_a_finding_without_values_is_left_alone() -> None:
    empty = ScanFinding(field_id=1, column="kz_merk", column_type="varchar", classification=Classification())
    assert rule_of("username").applied(empty) == empty
