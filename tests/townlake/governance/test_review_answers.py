"""What comes of reviews: answers, incidents, figures and lessons."""

import pytest

from tests.townlake.governance.conftest import Governance, by_id, table_info
from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.audit_entries import Wanted
from townlake.governance.incidents import Incidents
from townlake.governance.leaf_reasons import in_leaf
from townlake.governance.review_lessons import lessons
from townlake.governance.review_records import How
from townlake.governance.review_stats import stats_of

OPEN, MASKED, DENIED = ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED
SKIMMER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)
BEA = Principal(subject="bea")
KEY = Classification(label="credential.api_key", subject="unknown", tier=4, confidence=0.99, recommendation="deny")
EMAIL = Classification(
    label="email",
    subject="person",
    tier=3,
    confidence=0.9,
    recommendation="mask",
    evidence=("the name says email (strong)", "addresses: 98 % of distinct values"),
    rules="r-1",
    taxonomy=1,
)
CODE = Classification(
    label="none.code", tier=1, confidence=0.01, recommendation="open", evidence=("short codes", "few"), rules="r-1"
)


@pytest.fixture
def incidents(gov: Governance) -> Incidents:
    return Incidents(gov.state, gov.clock, gov.audit)


def test_an_answer_is_kept_until_its_asker_has_seen_it(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    asked = gov.reviews.asked
    gov.reviews.request(BEA, contacts, "campaign")
    asked.ask(BEA, contacts, "wrong", contacts.columns[1])
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    assert [(r.column, r.closed_at is None) for r in asked.unseen(BEA)] == [("", True), ("email", False)]
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    unseen = asked.unseen(BEA)
    assert all(request.closed_at for request in unseen)
    asked.seen(unseen)
    assert asked.unseen(BEA) == ()
    assert len(asked.of(BEA)) == 2
    assert asked.of(Principal(subject="cem")) == ()


def test_live_credentials_are_an_incident_until_somebody_closes_it_with_a_word(
    gov: Governance, contacts: TableInfo, ann: Principal, incidents: Incidents
) -> None:
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": KEY, "region": EMAIL}))
    gov.reviews.decide(ann, contacts, ["email"], DENIED)
    (found,) = incidents.list()
    assert (str(found.table), found.column, found.label) == ("lake.crm.contacts", "email", "credential.api_key")
    (entry,) = gov.audit.entries(Wanted(kind="incident"), 9)
    assert (entry["kind"], entry["column"], entry["owner"]) == ("incident.secret", "email", "crm-team")
    with pytest.raises(BadInput, match="word"):
        incidents.close(found.id, ann, " ")
    with pytest.raises(AccessDenied, match="person"):
        incidents.close(found.id, SKIMMER, "done")
    closed = incidents.close(found.id, ann, "rotated")
    assert (closed.closed_by, closed.word, incidents.list()) == ("ann", "rotated", ())
    assert incidents.list(closed_too=True) == (closed,)
    with pytest.raises(NotFound):
        incidents.close(found.id, ann, "again")
    assert gov.audit.entries(Wanted(kind="incident.closed"), 1)[0]["note"] == "rotated"
    gov.reviews.decide(ann, contacts, ["email"], MASKED)
    assert incidents.list() == ()


def test_a_person_who_finds_credentials_opens_an_incident_too(
    gov: Governance, contacts: TableInfo, ann: Principal, incidents: Incidents
) -> None:
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    gov.reviews.decide(ann, contacts, ["email"], MASKED, classification=KEY, how=How.OVERRIDE)
    assert [one.column for one in incidents.list()] == ["email"]


def test_figures_come_from_the_history(gov: Governance, ann: Principal) -> None:
    table = table_info("a.b", **dict.fromkeys(("one", "two", "three", "four", "five"), "varchar"))
    gov.reviews.classified(SKIMMER, table, by_id(table, {"one": EMAIL, "two": EMAIL, "three": CODE, "four": CODE}))
    gov.clock.move(hours=2)
    gov.reviews.decide(ann, table, ["one"], MASKED)
    gov.clock.move(hours=8)
    harmless = EMAIL.model_copy(update={"label": "none"})
    gov.reviews.decide(ann, table, ["two"], OPEN, classification=harmless, how=How.OVERRIDE)
    gov.reviews.decide(ann, table, None, OPEN, below=0.05, how=How.BULK)
    gov.reviews.decide(ann, table, ["five"], OPEN)
    gov.reviews.decide(ann, table, ["three"], DENIED)
    found = stats_of(gov.reviews.history(), sla_hours=8)
    assert (found.decisions, found.timed, found.median_hours, found.p90_hours) == (6, 4, 10.0, 10.0)
    assert found.in_time == 0.25
    assert (found.proposals, found.overridden, found.in_bulk, found.opened, found.reversed) == (3, 2, 2, 5, 1)
    assert [(r.name, r.decided, r.overridden) for r in found.by_label] == [("none.code", 1, 1), ("email", 2, 1)]
    rules = {rate.name: rate.overridden for rate in found.by_rule}
    assert rules == {"the name says email (strong)": 1, "addresses": 1, "short codes": 1, "few": 1}
    empty = stats_of((), 8)
    assert (empty.decisions, empty.median_hours, empty.in_time) == (0, None, None)


def test_what_is_decided_with_its_table_is_in_bulk_and_teaches_nothing(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": EMAIL, "region": CODE}))
    gov.reviews.decide(ann, contacts, None, MASKED)
    assert {event.how for event in gov.reviews.history() if event.reviewer == "ann"} == {How.BULK}
    found = stats_of(gov.reviews.history(), sla_hours=8)
    assert (found.proposals, found.overridden, found.by_label) == (0, 0, ())
    assert found.in_bulk == found.decisions == len(contacts.columns)
    assert list(lessons(gov.reviews.history(), lambda event: {})) == []
    gov.reviews.decide(ann, contacts, ["region"], OPEN)
    assert stats_of(gov.reviews.history(), sla_hours=8).proposals == 1, "looked at now"


def test_what_says_again_what_holds_is_no_decision(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": EMAIL}))
    gov.reviews.decide(ann, contacts, ["id"], OPEN)
    gov.reviews.decide(ann, contacts, ["email"], MASKED)
    first = stats_of(gov.reviews.history(), sla_hours=8)
    assert (first.decisions, first.proposals, first.opened) == (2, 1, 2)
    for _ in range(2):
        gov.reviews.decide(BEA, contacts, ["id"], OPEN, note="yes")
        gov.reviews.decide(BEA, contacts, ["email"], MASKED)
    assert stats_of(gov.reviews.history(), sla_hours=8) == first
    gov.reviews.decide(BEA, contacts, ["email"], MASKED, mask=MaskMethod.DOMAIN)
    gov.reviews.decide(BEA, contacts, None, DENIED)
    gov.reviews.decide(BEA, contacts, None, DENIED)
    assert stats_of(gov.reviews.history(), sla_hours=8).decisions == 3 + len(contacts.columns)
    gov.reviews.decide(BEA, contacts, ["id"], ReviewState.PENDING)
    gov.reviews.decide(BEA, contacts, ["id"], DENIED)
    assert stats_of(gov.reviews.history(), sla_hours=8).decisions == 4 + len(contacts.columns), "it was put back"


def test_a_rule_is_one_rule_whatever_leaf_it_speaks_of(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    leaf = EMAIL.model_copy(
        update={"evidence": (in_leaf(2, 3, "addresses: 90 % of distinct values"), "beside it phone")}
    )
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": EMAIL, "region": leaf}))
    gov.reviews.decide(ann, contacts, ["email", "region"], MASKED)
    told = {rate.name: rate.decided for rate in stats_of(gov.reviews.history(), sla_hours=8).by_rule}
    assert told == {"the name says email (strong)": 1, "addresses": 2}


def test_asking_again_without_a_reason_keeps_the_first(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.request(ann, contacts, "campaign in May")
    assert gov.reviews.request(ann, contacts).reason == "campaign in May"
    assert gov.reviews.request(ann, contacts, "and in June").reason == "and in June"


def test_lessons_hold_facts_that_are_no_values(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.classified(SKIMMER, contacts, by_id(contacts, {"email": EMAIL, "region": CODE}))
    code = EMAIL.model_copy(update={"label": "none.code", "subject": "unknown"})
    gov.reviews.decide(ann, contacts, ["email"], OPEN, classification=code, note="numbers", how=How.OVERRIDE)
    gov.reviews.decide(ann, contacts, ["region", "id"], OPEN)
    told = list(lessons(gov.reviews.history(), lambda event: {"name": event.column}))
    assert told == [
        {
            "name": "email",
            "label_before": "email",
            "subject_before": "person",
            "label_after": "none.code",
            "subject_after": "unknown",
            "state": "open",
            "overridden": True,
            "rules": "r-1",
            "taxonomy": 1,
        },
        {
            "name": "region",
            "label_before": "none.code",
            "subject_before": "",
            "label_after": "none.code",
            "subject_after": "",
            "state": "open",
            "overridden": False,
            "rules": "r-1",
            "taxonomy": 0,
        },
    ]
