"""Nobody lets people see more of a table that they loaded, whoever is said to own it."""

import pytest

from tests.townlake.governance.conftest import Governance, table_info
from townlake.domain.errors import AccessDenied
from townlake.domain.principal import Principal
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.table import TableInfo
from townlake.governance.deciding import owns, part_in

OPEN, MASKED, DENIED = ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED
ADA = Principal(subject="ada", groups=frozenset({"loaders"}))


def loaded(by: str = "ada", owner: str = "", name: str = "crm.contacts") -> TableInfo:
    return table_info(name, owner=owner, id="bigint", email="varchar").model_copy(update={"loaded_by": (by, "etl")})


@pytest.mark.parametrize("owner", ["", "a-stranger"])
@pytest.mark.parametrize("who", [ADA, Principal(subject="ADA")])
def test_whoever_loaded_a_table_closes_it_and_does_not_open_it(gov: Governance, who: Principal, owner: str) -> None:
    table = loaded(owner=owner)
    for state in (OPEN, MASKED):
        with pytest.raises(AccessDenied, match=r"(?i)ada loaded lake\.crm\.contacts and may not open it\."):
            gov.reviews.decide(who, table, ["id"], state)
    with pytest.raises(AccessDenied):
        gov.reviews.decide(who, table, None, OPEN, unscanned=True)
    gov.reviews.decide(who, table, ["id"], DENIED)
    gov.reviews.decide(who, table, ["id"], OPEN, four_eyes=False)


def test_others_open_it_also_those_who_are_in_a_group_of_that_name(gov: Governance) -> None:
    gov.reviews.decide(Principal(subject="bea", groups=frozenset({"ada"})), loaded(), None, OPEN, unscanned=True)
    assert set(gov.reviews.states(loaded()).values()) == {OPEN}


def test_what_was_found_in_another_source_is_for_another_than_who_harvested_it(gov: Governance) -> None:
    with pytest.raises(AccessDenied, match=r"ada harvested pg\.public\.orders and may not open it\."):
        gov.reviews.decide(ADA, loaded(name="pg.public.orders"), None, OPEN, unscanned=True)


def test_it_is_shown_in_the_clear_and_unfiltered_by_others_only(gov: Governance, ann: Principal) -> None:
    table = loaded()
    gov.reviews.decide(ann, table, ["email"], MASKED, mask=MaskMethod.LAST4)
    with pytest.raises(AccessDenied, match="loaded"):
        gov.grants.add_unmasked("crm.contacts", "sales", by=ADA, tables=(table,))
    kept = gov.row_filters.add(table, "sales", "id = 1", by=ADA)
    with pytest.raises(AccessDenied, match="loaded"):
        gov.row_filters.remove(kept.id, by=ADA, tables=(table,))
    gov.row_filters.remove(kept.id, by=ann, tables=(table,))


def test_to_load_makes_nobody_an_owner_who_sees_what_is_known_of_a_table() -> None:
    assert not owns(ADA, loaded())
    assert part_in(ADA, loaded(owner="loaders")) == "owns"
    assert part_in(Principal(subject=""), table_info("crm.free", owner="", id="bigint")) == ""
