"""Of special categories, credentials and official ids nothing is seen until two people decided the same."""

import pytest

from tests.townlake.governance.conftest import Governance, by_id
from townlake.domain.errors import AccessDenied, BadInput
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.audit_entries import Wanted
from townlake.governance.review_records import How

OPEN, MASKED, DENIED = ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED
PROPOSED, STALE = ReviewState.PROPOSED, ReviewState.STALE
SKIMMER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)
BOB = Principal(subject="bob")
CAT = Principal(subject="cat")
LAST4 = MaskMethod.LAST4


def held(label: str = "health", **more: object) -> Classification:
    told = {"subject": "person", "tier": 4, "confidence": 0.9, "evidence": ("words of it",), "rules": "r-1"}
    return Classification.model_validate({"label": label} | told | more)


def propose(gov: Governance, table: TableInfo, **labels: str) -> None:
    gov.reviews.classified(SKIMMER, table, by_id(table, {name: held(label) for name, label in labels.items()}))


@pytest.mark.parametrize("label", ["health", "religion", "national_id", "passport_number", "driver_license"])
def test_the_first_decision_waits_and_the_second_person_makes_it_hold(
    gov: Governance, contacts: TableInfo, ann: Principal, label: str
) -> None:
    propose(gov, contacts, email=label)
    gov.grants.add("crm.contacts", "everyone", by=ann)
    for state, mask in ((OPEN, None), (MASKED, LAST4)):
        (made,) = gov.reviews.decide(ann, contacts, ["email"], state, mask=mask)
        assert (made.state, made.first and made.first.state, made.reviewer) == (PROPOSED, state, "ann")
        assert "email" not in gov.access(contacts).visible
    (made,) = gov.reviews.decide(BOB, contacts, ["email"], MASKED, mask=LAST4)
    assert (made.state, made.mask, made.first) == (MASKED, LAST4, None)
    assert [event.how for event in gov.reviews.history(contacts)][-1] is How.SECOND
    assert gov.access(contacts).visible == ("email",)


def test_the_same_person_twice_does_not_count_whatever_the_case_of_the_name(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    at = gov.clock.now
    gov.clock.move(hours=1)
    for again in (ann, Principal(subject="Ann")):
        (made,) = gov.reviews.decide(again, contacts, ["email"], OPEN)
        assert (made.state, made.first and (made.first.reviewer, made.first.at)) == (PROPOSED, ("ann", at))
        (made,) = gov.reviews.decide(again, contacts, ["email"], OPEN, as_proposed=True)
        assert made.state is PROPOSED


def test_two_people_who_decide_otherwise_have_not_agreed(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    (made,) = gov.reviews.decide(BOB, contacts, ["email"], MASKED, mask=LAST4)
    assert (made.state, made.first and made.first.reviewer) == (PROPOSED, "bob")
    (made,) = gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=LAST4)
    assert made.state is MASKED


def test_approving_as_proposed_is_agreeing_with_the_first(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=LAST4)
    (made,) = gov.reviews.decide(BOB, contacts, ["email"], OPEN, as_proposed=True)
    assert (made.state, made.mask) == (MASKED, LAST4)


def test_approving_all_of_a_table_agrees_with_nobody(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    made = gov.reviews.decide(BOB, contacts, None, OPEN, unscanned=True)
    assert {review.column for review in made} == {"id", "region", "born"}
    assert gov.reviews.states(contacts)["email"] is PROPOSED


def test_a_full_mask_or_a_denial_needs_one(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="health", region="religion", born="health")
    for name, mask in (("email", None), ("region", MaskMethod.REDACT)):
        (made,) = gov.reviews.decide(ann, contacts, [name], MASKED, mask=mask)
        assert (made.state, made.first) == (MASKED, None)
    assert gov.reviews.of(contacts.uuid)[2].mask is MaskMethod.NULL
    (made,) = gov.reviews.decide(ann, contacts, ["born"], DENIED)
    assert made.state is DENIED


def test_what_two_people_opened_one_may_narrow_and_none_may_widen(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health")
    for person in (ann, BOB):
        gov.reviews.decide(person, contacts, ["email"], MASKED, mask=LAST4)
    (made,) = gov.reviews.decide(ann, contacts, ["email"], OPEN)
    assert (made.state, made.mask, made.first and made.first.state) == (MASKED, LAST4, OPEN)
    (made,) = gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=MaskMethod.DOMAIN)
    assert (made.mask, made.first and made.first.mask) == (LAST4, MaskMethod.DOMAIN)
    (made,) = gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=MaskMethod.NULL)
    assert (made.mask, made.first) == (MaskMethod.NULL, None)


def test_one_person_may_show_less_of_what_two_opened(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="health")
    for person in (ann, BOB):
        gov.reviews.decide(person, contacts, ["email"], OPEN)
    (made,) = gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=LAST4)
    assert (made.state, made.mask, made.first) == (MASKED, LAST4, None)


def test_what_was_closed_before_it_was_scanned_needs_two_people_too(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, ["email", "region"], DENIED)
    gov.reviews.decide(ann, contacts, ["born"], MASKED)
    gov.reviews.asked.ask(BOB, contacts, "wrong", contacts.columns[1])
    before = gov.reviews.states(contacts)
    assert gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": held(), "born": held()})) == ()
    assert gov.reviews.states(contacts) == before
    assert [gov.reviews.of(contacts.uuid)[i].reviewer for i in (2, 4)] == ["ann", "ann"]
    assert len(gov.reviews.asked.open()) == 1
    made = gov.reviews.decide(ann, contacts, ["email", "region", "born"], OPEN)
    assert [(one.column, one.first is None) for one in made] == [("email", False), ("region", True), ("born", False)]
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": held("religion")}))
    assert gov.reviews.of(contacts.uuid)[2].classification == held()


def test_secrets_that_turn_up_behind_a_mask_are_null_for_everybody(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    found = held("email", recommendation="mask")
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": found}))
    gov.reviews.decide(ann, contacts, ["email"], MASKED)
    gov.grants.add_unmasked("crm.contacts", "everyone", by=BOB, tables=[contacts])
    assert gov.access(contacts).columns[1].decision.mask is None
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": held("credential")}))
    assert gov.reviews.states(contacts)["email"] is MASKED
    assert gov.access(contacts).columns[1].decision.mask is MaskMethod.NULL


def test_one_person_cannot_call_it_harmless_first_and_open_it_then(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health")
    harmless = held("none", tier=1)
    (made,) = gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=MaskMethod.NULL, classification=harmless)
    assert (made.state, made.classification and made.classification.label) == (PROPOSED, "health")
    (made,) = gov.reviews.decide(ann, contacts, ["email"], PROPOSED, classification=harmless)
    assert made.classification
    assert made.classification.label == "health"
    gov.reviews.decide(ann, contacts, ["email"], OPEN, classification=harmless)
    assert gov.reviews.states(contacts)["email"] is PROPOSED
    (made,) = gov.reviews.decide(BOB, contacts, ["email"], OPEN, as_proposed=True)
    assert (made.state, made.classification and made.classification.label) == (OPEN, "none")


def test_a_graver_label_closes_what_was_open_until_two_agree(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    (made,) = gov.reviews.decide(ann, contacts, ["email"], OPEN, classification=held())
    assert (made.state, made.classification and made.classification.label) == (PROPOSED, "health")
    assert gov.reviews.decide(BOB, contacts, ["email"], OPEN, as_proposed=True)[0].state is OPEN


def test_the_owner_is_no_second_person(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    with pytest.raises(AccessDenied, match="owns"):
        gov.reviews.decide(Principal(subject="crm-team"), contacts, ["email"], OPEN)
    with pytest.raises(AccessDenied, match="person"):
        gov.reviews.decide(SKIMMER, contacts, ["email"], OPEN)
    assert gov.reviews.states(contacts)["email"] is PROPOSED


def test_a_first_person_who_loads_afterwards_does_not_count(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    later = contacts.model_copy(update={"loaded_by": ("etl", "Ann")})
    (waits,) = gov.reviews.decide(BOB, later, ["email"], OPEN)
    assert (waits.state, waits.first and waits.first.reviewer) == (PROPOSED, "bob")
    with pytest.raises(AccessDenied, match="loaded"):
        gov.reviews.decide(ann, later, ["email"], OPEN)
    (made,) = gov.reviews.decide(Principal(subject="eve"), later, ["email"], OPEN)
    assert (made.state, made.co_reviewers) == (OPEN, ("bob",))


def test_a_scan_that_finds_the_same_leaves_the_first_decision_and_another_finding_voids_it(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": held(confidence=0.8)}))
    assert gov.reviews.of(contacts.uuid)[2].first is not None
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": held("religion")}))
    assert gov.reviews.of(contacts.uuid)[2].first is None


def test_whoever_unmasks_it_is_another_person_than_whoever_reviewed_it(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health", region="email")
    gov.reviews.decide(ann, contacts, ["email", "region"], MASKED)
    for by, masks in ((ann, [MaskMethod.NULL, None]), (BOB, [None, None])):
        gov.grants.add_unmasked("crm.contacts", "doctors", by=by, tables=[contacts])
        access = gov.access(contacts, "doctors")
        seen = {column.column.column: column.decision.mask for column in access.columns}
        assert [seen["email"], seen["region"]] == masks


def test_neither_of_two_who_reviewed_it_unmasks_it(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="health")
    for person in (ann, BOB):
        (made,) = gov.reviews.decide(person, contacts, ["email"], MASKED, mask=LAST4)
    assert (made.reviewer, made.co_reviewers) == ("bob", ("ann",))
    for once_more in (False, True):
        if once_more:
            (made,) = gov.reviews.decide(BOB, contacts, ["email"], MASKED, mask=LAST4)
            assert made.co_reviewers == ("ann",), "saying the same again takes nobody out"
        for by, mask in ((ann, LAST4), (BOB, LAST4), (Principal(subject="Ann"), LAST4), (CAT, None)):
            gov.grants.add_unmasked("crm.contacts", "doctors", by=by, tables=[contacts])
            assert gov.access(contacts, "doctors").columns[1].decision.mask is mask


def test_a_scan_takes_away_no_label_of_two_people_that_a_person_set(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    harmless = held("none.enum", subject="unknown", tier=1, confidence=0.01, recommendation="open", evidence=("a", "b"))
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": harmless}))
    mine = held(confidence=1.0, recommendation="")
    gov.reviews.decide(BOB, contacts, ["email"], MASKED, mask=LAST4, classification=mine, how=How.OVERRIDE)
    for _ in range(2):
        gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": harmless}))
        now = gov.reviews.of(contacts.uuid)[2]
        assert now.classification
        assert (now.classification.label, now.labelled_by, now.first and now.first.reviewer) == ("health", "bob", "bob")
        assert now.classification.evidence == ("a scan found none.enum", "words of it")
    assert gov.reviews.decide(ann, contacts, None, OPEN, below=0.06, how=How.BULK) == ()
    assert gov.reviews.decide(ann, contacts, ["email"], OPEN)[0].state is PROPOSED
    assert gov.reviews.decide(ann, contacts, ["email"], ReviewState.PENDING)[0].labelled_by == "bob"
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": harmless}))
    assert gov.reviews.decide(ann, contacts, ["email"], OPEN)[0].state is PROPOSED
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": held("credential")}))
    now = gov.reviews.of(contacts.uuid)[2]
    assert now.classification
    assert (now.classification.label, now.labelled_by) == ("credential", "bob"), "what is graver holds"


def test_what_two_people_decided_on_waits_for_two_when_its_type_changes(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health")
    for person in (ann, BOB):
        gov.reviews.decide(person, contacts, ["email"], OPEN)
    changed = tuple(c.model_copy(update={"type": "bigint"}) if c.name == "email" else c for c in contacts.columns)
    contacts = contacts.model_copy(update={"columns": changed})
    propose(gov, contacts, email="none.code")
    (made,) = gov.reviews.decide(ann, contacts, ["email"], OPEN)
    assert (made.state, made.first and made.first.reviewer) == (STALE, "ann")
    propose(gov, contacts, email="none.code")
    assert gov.reviews.decide(BOB, contacts, ["email"], OPEN)[0].state is OPEN


def test_live_credentials_are_null_for_everybody(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    propose(gov, contacts, email="credential.api_key")
    for state, mask in ((OPEN, None), (MASKED, LAST4), (MASKED, MaskMethod.REDACT)):
        with pytest.raises(BadInput, match="NULL for everybody"):
            gov.reviews.decide(ann, contacts, ["email"], state, mask=mask)
    gov.reviews.decide(ann, contacts, ["email"], OPEN, as_proposed=True)
    gov.grants.add_unmasked("crm.contacts", "everyone", by=BOB, tables=[contacts])
    (decision,) = [c.decision for c in gov.access(contacts).columns if c.column.column == "email"]
    assert (decision.mask, decision.rule) == (MaskMethod.NULL, "label:credential")


def test_each_decision_is_in_the_audit_with_what_it_was_made_on(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    propose(gov, contacts, email="health")
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    gov.reviews.decide(BOB, contacts, ["email"], OPEN)
    first, second = gov.audit.entries(Wanted(kind="review.decided"), 2)
    basis = {"label": "health", "rules": "r-1", "taxonomy": 0, "evidence": held().digest}
    assert first["made_on"] == second["made_on"] == {"email": basis}
    assert (first["columns"], first["how"], first["wait_for_second"]) == (
        {"email": ["proposed", None]},
        {"email": "first"},
        {"email": ["open", None]},
    )
    assert (second["columns"], second["how"]) == ({"email": ["open", None]}, {"email": "second"})
    assert gov.audit.verify().sound
