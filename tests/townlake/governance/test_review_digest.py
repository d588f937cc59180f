"""A decision holds for what its reviewer saw: a short text tells when that is another now."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.townlake.governance.conftest import Governance, by_id
from townlake.domain.errors import Outdated
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.audit_entries import Wanted
from townlake.governance.review_digest import review_digest

OPEN, MASKED, DENIED, PENDING = ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED, ReviewState.PENDING
SKIMMER = Principal(subject="skimmer", kind=PrincipalKind.SYSTEM)
BEA = Principal(subject="bea")
HEALTH = Classification(label="health", subject="person", tier=4, confidence=0.9, evidence=("words of health",))
EMAIL = Classification(label="email", subject="person", tier=3, confidence=0.9, evidence=("addresses",))


def digest(gov: Governance, table: TableInfo, *names: str) -> str:
    reviews = gov.reviews.of(table.uuid)
    since = gov.reviews.found_since({table.uuid: reviews}, (table.uuid,)).get(table.uuid, {})
    return review_digest(table, reviews, since, names or None)


def found(gov: Governance, table: TableInfo, **columns: Classification) -> None:
    gov.reviews.classified(SKIMMER, table, by_id(table, columns))


def changed(table: TableInfo, **change: Any) -> TableInfo:
    columns = tuple(c.model_copy(update=change) if c.name == "email" else c for c in table.columns)
    return table.model_copy(update={"columns": columns})


def test_it_is_short_and_the_same_as_long_as_nothing_changes(gov: Governance, contacts: TableInfo) -> None:
    found(gov, contacts, email=EMAIL)
    first = digest(gov, contacts)
    gov.clock.move(days=1)
    found(gov, contacts, email=EMAIL)
    assert digest(gov, contacts) == first
    assert len(first) == 24


@pytest.mark.parametrize(
    "happens",
    [
        lambda gov, table, ann: found(gov, table, email=HEALTH),
        lambda gov, table, ann: found(gov, table, email=EMAIL.model_copy(update={"evidence": ("the name",)})),
        lambda gov, table, ann: found(gov, table, email=EMAIL.model_copy(update={"confidence": 0.4})),
        lambda gov, table, ann: gov.reviews.decide(ann, table, ["email"], OPEN),
        lambda gov, table, ann: gov.reviews.decide(ann, table, ["email"], MASKED, mask=MaskMethod.LAST4),
        lambda gov, table, ann: gov.reviews.decide(ann, table, ["email"], PENDING),
        lambda gov, table, ann: gov.reviews.decide(ann, table, ["email"], OPEN, classification=HEALTH),
    ],
    ids=["label", "evidence", "confidence", "opened", "masked", "put back", "first of two"],
)
def test_nobody_approves_other_than_they_saw(
    gov: Governance,
    contacts: TableInfo,
    ann: Principal,
    happens: Callable[[Governance, TableInfo, Principal], object],
) -> None:
    found(gov, contacts, email=EMAIL)
    column, whole = digest(gov, contacts, "email"), digest(gov, contacts)
    happens(gov, contacts, ann)
    before, decided = gov.reviews.of(contacts.uuid), len(gov.audit.entries(Wanted(), 99))
    for names, seen in ((["email"], column), (["email"], whole), (None, whole)):
        for state in (OPEN, MASKED, DENIED, PENDING):
            with pytest.raises(Outdated, match="Nothing was decided") as caught:
                gov.reviews.decide(BEA, contacts, names, state, seen=seen)
            assert "skipper review show lake.crm.contacts" in caught.value.hint
    assert gov.reviews.of(contacts.uuid) == before
    assert len(gov.audit.entries(Wanted(), 99)) == decided
    gov.reviews.decide(BEA, contacts, ["email"], DENIED, seen=digest(gov, contacts, "email"))


@pytest.mark.parametrize("change", [{"name": "mail"}, {"type": "bigint"}, {"field_id": 99}])
def test_another_name_type_or_column_is_another_thing(
    gov: Governance, contacts: TableInfo, ann: Principal, change: dict[str, Any]
) -> None:
    seen, later = digest(gov, contacts), changed(contacts, **change)
    with pytest.raises(Outdated):
        gov.reviews.decide(ann, later, None, OPEN, unscanned=True, seen=seen)
    for other in (
        contacts.model_copy(update={"uuid": "another"}),
        contacts.model_copy(update={"columns": contacts.columns[:-1]}),
    ):
        with pytest.raises(Outdated):
            gov.reviews.decide(ann, other, None, OPEN, unscanned=True, seen=seen)
    gov.reviews.decide(ann, contacts, None, OPEN, unscanned=True, seen=seen)


def test_the_digest_of_the_column_or_of_its_table_will_do(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    whole, column = digest(gov, contacts), digest(gov, contacts, "email")
    gov.reviews.decide(ann, contacts, ["id"], OPEN, seen=f" {whole.upper()}\n")
    with pytest.raises(Outdated):
        gov.reviews.decide(ann, contacts, ["email"], OPEN, seen=whole)
    gov.reviews.decide(ann, contacts, ["email"], OPEN, seen=column)
    for wrong in ("", "0" * 24, column, whole[:12]):
        with pytest.raises(Outdated):
            gov.reviews.decide(ann, contacts, ["region"], OPEN, seen=wrong)


def test_the_audit_tells_what_each_decision_was_made_on(gov: Governance, contacts: TableInfo, ann: Principal) -> None:
    found(gov, contacts, email=EMAIL)
    whole, column, born = digest(gov, contacts), digest(gov, contacts, "email"), digest(gov, contacts, "born")
    gov.reviews.decide(ann, contacts, ["email"], MASKED, seen=whole)
    gov.reviews.decide(ann, contacts, ["born"], DENIED)
    proposal, first, second = gov.audit.entries(Wanted(kind="review.decided"), 9)
    assert "digest" not in proposal
    assert (first["digest"], first["seen"]) == (column, whole)
    assert (second["digest"], second["seen"]) == (born, None)
