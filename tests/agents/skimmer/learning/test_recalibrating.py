"""What decisions make of probabilities: too few change nothing, more caution is free, less has a bound."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.skimmer.calibration import calibrated
from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.learning.learned import Learned, LearnedVersion
from agents.skimmer.learning.recalibrating import ENOUGH, Fitted, recalibrate
from agents.skimmer.learning.report import learn
from tests.agents.skimmer.learning.cases import DENIED, OPENED, alike, decided, finding, scored, told


def fitted(*parts: tuple[float, int, int], people: str = "ann bob", least: int = 2) -> Fitted:
    """A calibration on (score, columns, personal ones of them), decided on by people in turn."""
    names = people.split()
    examples = [
        scored(score, number < personal, f"t{part}_{number}", names[number % len(names)])
        for part, (score, count, personal) in enumerate(parts)
        for number in range(count)
    ]
    return recalibrate(examples, RULES_VERSION, least)


def test_one_person_alone_lowers_nothing() -> None:
    parts = (0.0, 100, 0), (0.2, 300, 0), (0.99, 60, 60)
    for people in ("mal", "mal Mal", "mal mal mal bob"):
        found = fitted(*parts, people=people).calibration
        for score in (0.0, 0.1, 0.2, 0.5, 0.99):
            assert found is None or found(score) >= calibrated(score), people
    for people, least in (("mal bob", 2), ("mal bob eve", 2), ("mal", 1)):
        alone = fitted(*parts, people=people, least=least).calibration
        assert alone is not None
        assert alone(0.2) < calibrated(0.2), people


def test_one_person_alone_lowers_nothing_beside_what_several_decided_on() -> None:
    ours = [scored(0.1, n < 10, f"a{n}", ("ann", "bob")[n % 2]) for n in range(40)]
    theirs = [scored(0.3, False, f"m{n}", "mal") for n in range(400)]
    sure = [scored(0.99, True, f"s{n}", ("ann", "bob")[n % 2]) for n in range(60)]
    apart, beside = (recalibrate(part, RULES_VERSION).calibration for part in (ours + sure, ours + theirs + sure))
    assert apart is not None
    # Without a calibration the rules alone hold.
    probability = beside or calibrated
    assert probability(0.1) >= min(apart(0.1), calibrated(0.1))
    assert probability(0.3) >= calibrated(0.3)


def test_too_few_decisions_change_nothing() -> None:
    found = fitted((0.0, 60, 0), (0.99, 39, 39))
    assert found.calibration is None
    assert found.why == "unchanged: 99 decided columns, 39 of them personal; it takes 100, 10 of each kind"
    assert "9 of them personal" in fitted((0.0, 191, 0), (0.99, 9, 9)).why
    assert recalibrate((), RULES_VERSION).before is None


def test_columns_that_turn_out_personal_are_opened_no_more() -> None:
    found = fitted((0.0, 100, 30), (0.99, 60, 60))
    assert found.calibration is not None
    assert found.calibration(0.0) > 0.2
    assert found.before is not None
    assert found.after is not None
    assert found.after.brier < found.before.brier
    assert (found.before.opened_personal, found.after.opened) == (30, 0)
    version = LearnedVersion(number=1, learned=Learned(calibration=found.calibration))
    assert version.applied(finding(score=0.0)).recommendation == "review"


def test_a_probability_is_at_most_halved() -> None:
    found = fitted((0.0, 100, 0), (0.2, 300, 0), (0.99, 60, 60))
    assert found.calibration is not None
    assert found.calibration(0.2) == round(calibrated(0.2) / 2, 4)


def test_it_is_only_raised_where_lowering_would_open_too_much() -> None:
    found = fitted((0.0, 40, 2), (0.2, 60, 0), (0.5, 60, 60), (0.99, 60, 60))
    assert found.calibration is not None
    assert found.calibration.floor == 1.0
    assert "only raised" in found.why
    assert found.calibration(0.2) >= calibrated(0.2)


@settings(max_examples=25, deadline=None)
@given(
    parts=st.lists(
        st.tuples(st.sampled_from([0.0, 0.003, 0.05, 0.1, 0.3, 0.6, 0.95]), st.integers(20, 60), st.integers(0, 60)),
        min_size=3,
        max_size=5,
    ),
    scores=st.lists(st.floats(0, 1), min_size=2, max_size=6),
)
def test_a_calibration_never_falls_and_keeps_its_bound(
    parts: list[tuple[float, int, int]], scores: list[float]
) -> None:
    found = fitted(*((score, count, min(count, personal)) for score, count, personal in parts))
    if found.calibration is None:
        return
    ordered = sorted(scores)
    levels = [found.calibration(score) for score in ordered]
    assert levels == sorted(levels)
    for score, level in zip(ordered, levels, strict=True):
        assert found.calibration.floor * calibrated(score) - 1e-4 <= level <= 1.0
    assert found.after is not None
    if found.calibration.floor < 1.0:
        assert found.after.opened_personal <= 0.05 * max(1, found.after.opened)


def test_scores_of_other_rules_are_left_alone() -> None:
    found = fitted((0.0, 100, 30), (0.99, 60, 60)).calibration
    assert found is not None
    other = Learned(calibration=found.model_copy(update={"rules": "skimmer-0.9"}))
    assert LearnedVersion(number=1, learned=other).applied(finding()) == finding()


def test_the_report_tells_what_would_change() -> None:
    events = alike("username", 24) + decided("x", "none.enum", OPENED, proposed=None)
    findings = {("x", 1): finding(column="other")}
    scanned = {("shop.new", "kz_merk"): finding(), ("shop.x", "other"): finding(column="other")}
    learned, report = learn(told(events, findings), scanned, LearnedVersion())
    assert (report.examples, report.agreement) == (25, 0.04)
    assert report.agreement_then == 1.0
    assert (report.recommended, report.recommended_then) == ({"open": 2}, {"mask": 1, "open": 1})
    (change,) = report.changes
    assert (change.column, change.label_then) == ("shop.new.kz_merk", "username")
    assert [(one.proposed, one.decided, one.count) for one in report.overrides] == [
        ("none.code", "username", 24),
        ("none.code", "none.enum", 1),
    ]
    in_use = LearnedVersion(number=1, learned=learned)
    again = learn(told(alike("username", 2)), {}, in_use).report
    assert (again.appear, len(again.vanish)) == ((), 1)


def test_columns_without_a_verdict_do_not_count() -> None:
    denied = [event for n in range(ENOUGH) for event in decided(f"d{n}", "none.code", DENIED)]
    assert "0 decided columns" in recalibrate(told(denied).found, RULES_VERSION).why
