"""Columns are closed until a person decides, and every decision is kept."""

import pytest

from tests.townlake.governance.conftest import Governance, table_info
from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import TableInfo

OPEN, MASKED, DENIED = ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED
PENDING, PROPOSED, STALE = ReviewState.PENDING, ReviewState.PROPOSED, ReviewState.STALE
SKIMMER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)


def email(label: str = "email") -> Classification:
    return Classification(label=label, subject="person", tier=3, confidence=0.9)


def retyped(table: TableInfo, name: str, kind: str) -> TableInfo:
    columns = tuple(c.model_copy(update={"type": kind}) if c.name == name else c for c in table.columns)
    return table.model_copy(update={"columns": columns})


def renamed(table: TableInfo, old: str, new: str) -> TableInfo:
    columns = tuple(c.model_copy(update={"name": new}) if c.name == old else c for c in table.columns)
    return table.model_copy(update={"columns": columns})


def test_every_column_starts_pending(gov: Governance, contacts: TableInfo) -> None:
    assert set(gov.reviews.states(contacts).values()) == {PENDING}
    assert gov.reviews.of(contacts.uuid) == {}


def test_a_person_opens_masks_and_denies(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, ["id", "id"], OPEN, note="public")
    gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=MaskMethod.DOMAIN)
    made = gov.reviews.decide(ann, contacts, ["born"], DENIED)
    assert [(review.column, review.state, review.mask) for review in made] == [("born", DENIED, None)]
    assert gov.reviews.states(contacts) == {"id": OPEN, "email": MASKED, "region": PENDING, "born": DENIED}
    kept = gov.reviews.of(contacts.uuid)[2]
    assert (kept.reviewer, kept.at, kept.mask, kept.column_type) == ("ann", gov.clock.now, MaskMethod.DOMAIN, "varchar")


def test_the_history_only_grows(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, ["id"], OPEN, note="first")
    gov.clock.move(days=1)
    gov.reviews.decide(ann, contacts, ["id"], MASKED, note="second thoughts")
    told = [(e.reviewer, e.column, e.before, e.after, e.mask, e.note) for e in gov.reviews.history(contacts)]
    assert told == [
        ("ann", "id", PENDING, OPEN, None, "first"),
        ("ann", "id", OPEN, MASKED, MaskMethod.REDACT, "second thoughts"),
    ]
    assert gov.reviews.history(table_info("crm.other", id="bigint")) == ()


def test_opening_everything_takes_what_waits_and_keeps_to_the_labels(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(SKIMMER, contacts, ["email"], PROPOSED, classification=email())
    gov.reviews.decide(SKIMMER, contacts, ["region"], PROPOSED, classification=email("none.place"))
    gov.reviews.decide(ann, contacts, ["born"], DENIED)
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    assert gov.reviews.states(contacts) == {"id": OPEN, "email": MASKED, "region": OPEN, "born": DENIED}
    assert gov.reviews.of(contacts.uuid)[2].mask is MaskMethod.REDACT
    assert gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True) == ()
    gov.reviews.decide(ann, contacts, ["email"], OPEN)
    assert gov.reviews.states(contacts)["email"] is OPEN


def test_closing_everything_closes_what_is_open(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    gov.reviews.decide(ann, contacts, None, DENIED)
    assert set(gov.reviews.states(contacts).values()) == {DENIED}
    gov.reviews.decide(ann, contacts, None, PENDING)
    assert set(gov.reviews.states(contacts).values()) == {PENDING}


def test_masking_everything_masks_what_waits(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(SKIMMER, contacts, ["email"], PROPOSED, classification=email("credential.token"))
    gov.reviews.decide(ann, contacts, ["id"], OPEN)
    gov.reviews.decide(ann, contacts, None, MASKED)
    reviews = gov.reviews.of(contacts.uuid)
    assert [reviews[i].mask for i in (1, 2, 3, 4)] == [None, MaskMethod.NULL, MaskMethod.REDACT, MaskMethod.REDACT]


def test_a_rename_keeps_the_review_and_another_type_makes_it_stale(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, ["id"], OPEN)
    gov.reviews.decide(ann, contacts, ["email"], MASKED, mask=MaskMethod.LAST4)
    gov.reviews.decide(ann, contacts, ["region"], DENIED)
    later = renamed(contacts, "id", "number")
    assert gov.reviews.states(later)["number"] is OPEN
    for name in ("number", "email", "region"):
        later = retyped(later, name, "decimal(20,0)")
    assert gov.reviews.states(later) == {"number": STALE, "email": STALE, "region": DENIED, "born": PENDING}
    gov.reviews.decide(ann, later, None, OPEN, unscanned=True)
    assert gov.reviews.states(later) == {"number": OPEN, "email": MASKED, "region": DENIED, "born": OPEN}
    # The old mask means nothing for a number.
    assert gov.reviews.of(contacts.uuid)[2].mask is MaskMethod.REDACT
    assert gov.reviews.history(contacts)[-2].before is STALE


def test_a_mask_that_still_fits_is_kept_when_a_stale_column_is_opened_with_all(gov: Governance, ann: Principal) -> None:
    table = table_info("hr.pay", amount="integer")
    gov.reviews.decide(ann, table, ["amount"], MASKED, mask=MaskMethod.BAND)
    gov.reviews.decide(ann, retyped(table, "amount", "bigint"), None, OPEN, unscanned=True)
    assert gov.reviews.of(table.uuid)[1].mask is MaskMethod.BAND


def test_a_column_that_was_dropped_and_added_is_another_one(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    again = contacts.columns[0].model_copy(update={"field_id": 9})
    later = contacts.model_copy(update={"columns": (again, *contacts.columns[1:])})
    assert gov.reviews.states(later)["id"] is PENDING


def test_an_owner_may_close_but_not_open_their_own_table(gov: Governance, contacts: TableInfo) -> None:
    for owner in (Principal(subject="crm-team"), Principal(subject="bea", groups=frozenset({"crm-team"}))):
        for state in (OPEN, MASKED):
            with pytest.raises(AccessDenied, match="owns"):
                gov.reviews.decide(owner, contacts, ["id"], state)
        gov.reviews.decide(owner, contacts, ["id"], DENIED)
        gov.reviews.decide(owner, contacts, ["id"], OPEN, four_eyes=False)
    nobodys = table_info("crm.free", owner="", id="bigint")
    gov.reviews.decide(Principal(subject=""), nobodys, ["id"], OPEN)


@pytest.mark.parametrize(
    "who",
    [
        SKIMMER,
        Principal(subject="bot", kind=PrincipalKind.SERVICE),
        Principal(subject="bot", on_behalf_of="ann"),
    ],
)
def test_only_a_person_decides(gov: Governance, contacts: TableInfo, who: Principal) -> None:
    for state in (OPEN, MASKED, DENIED, PENDING):
        with pytest.raises(AccessDenied, match="person"):
            gov.reviews.decide(who, contacts, ["id"], state)
    gov.reviews.decide(who, contacts, ["id"], PROPOSED, classification=email())
    assert gov.reviews.states(contacts)["id"] is PROPOSED


def test_a_proposal_undoes_no_decision(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    gov.reviews.decide(ann, contacts, ["id"], DENIED)
    with pytest.raises(BadInput, match="decided on already"):
        gov.reviews.decide(SKIMMER, contacts, ["id"], PROPOSED)
    made = gov.reviews.decide(SKIMMER, retyped(contacts, "id", "varchar"), None, PROPOSED)
    assert {review.column for review in made} == {"email", "region", "born"}


def test_what_is_not_possible_is_refused_and_changes_nothing(
    gov: Governance, contacts: TableInfo, ann: Principal
) -> None:
    before = gov.policy.version()
    with pytest.raises(NotFound, match="colour"):
        gov.reviews.decide(ann, contacts, ["id", "colour"], OPEN)
    with pytest.raises(BadInput, match="means nothing"):
        gov.reviews.decide(ann, contacts, ["email", "id"], MASKED, mask=MaskMethod.DOMAIN)
    with pytest.raises(BadInput):
        gov.reviews.decide(ann, contacts, ["id"], STALE)
    with pytest.raises(BadInput):
        gov.reviews.decide(ann, contacts, ["id"], OPEN, mask=MaskMethod.NULL)
    assert gov.policy.version() == before
    assert gov.reviews.history(contacts) == ()


def test_the_queue_lists_what_waits_most_wanted_first(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    orders = table_info("shop.orders", id="bigint", amount="bigint")
    done = table_info("shop.done", id="bigint")
    gov.reviews.decide(ann, done, None, OPEN, unscanned=True)
    gov.reviews.decide(ann, orders, ["id"], OPEN)
    gov.reviews.request(Principal(subject="bea"), orders, "forecast")
    later = retyped(orders, "id", "varchar")
    entries = gov.reviews.queue([contacts, later, done])
    assert [(str(e.table), e.columns, e.stale, e.requests) for e in entries] == [
        ("lake.shop.orders", ("id", "amount"), ("id",), 1),
        ("lake.crm.contacts", ("id", "email", "region", "born"), (), 0),
    ]


def test_a_request_stays_until_nothing_of_the_table_waits(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    bea = Principal(subject="bea")
    gov.reviews.request(bea, contacts, "campaign")
    gov.clock.move(hours=1)
    made = gov.reviews.request(bea, contacts, "campaign in May")
    assert gov.reviews.requests() == (made,)
    gov.reviews.decide(SKIMMER, contacts, ["id"], PROPOSED)
    assert len(gov.reviews.requests()) == 1
    gov.reviews.decide(ann, contacts, ["id"], OPEN)
    assert len(gov.reviews.requests()) == 1
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True)
    assert gov.reviews.requests() == ()
    gov.reviews.request(bea, contacts)
    assert [request.reason for request in gov.reviews.requests()] == [""]
