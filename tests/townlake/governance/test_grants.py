"""Grants cover tables, schemas or everything, end by themselves, and can be taken back."""

from datetime import datetime, timedelta

import pytest

from tests.townlake.governance.conftest import Governance, table_info
from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.grants import covering, parse_pattern


def test_a_grant_covers_what_its_pattern_says(gov: Governance, ann: Principal) -> None:
    contacts, orders = TableRef.parse("crm.contacts"), TableRef.parse("shop.orders")
    table = gov.grants.add("crm.contacts", "sales", by=ann)
    schema = gov.grants.add("crm", "sales", by=ann)
    everything = gov.grants.add("*", "auditors", by=ann)
    assert [grant.pattern in covering(contacts) for grant in (table, schema, everything)] == [True, True, True]
    assert [grant.pattern in covering(orders) for grant in (table, schema, everything)] == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "lake",
        "lake.*",
        "",
        "a.b.c.d",
        "A b.c.d",
        "lake.a.b.c",
        "*.contacts",
        "crm.con*",
        "Ünder.x",
        "crm.orders$files",
        ".",
    ],
)
def test_a_pattern_is_a_table_a_schema_or_all(text: str) -> None:
    with pytest.raises(BadInput, match="names no table"):
        parse_pattern(text)


def test_granting_again_replaces(gov: Governance, ann: Principal) -> None:
    until = gov.clock.now + timedelta(days=1)
    gov.grants.add_unmasked("crm", "sales", by=ann, tables=(), four_eyes=False)
    gov.grants.add("lake.crm.*", "sales", by=ann, until=until)
    assert [(g.pattern, g.group, g.unmask, g.until) for g in gov.grants.list()] == [
        ("lake.crm.*", "sales", False, until)
    ]


@pytest.mark.parametrize("team", ["crm-team", "CRM-Team"])
def test_nobody_shows_what_is_masked_in_a_table_of_their_own(gov: Governance, ann: Principal, team: str) -> None:
    mine = table_info("crm.contacts", owner="crm-team", id="bigint")
    owner = Principal(subject="olga", groups=frozenset({team}))
    with pytest.raises(AccessDenied, match=r"olga owns lake\.crm\.contacts"):
        gov.grants.add_unmasked("crm.contacts", team, by=owner, tables=(mine,))
    assert gov.grants.list() == ()
    gov.grants.add_unmasked("crm.contacts", team, by=ann, tables=(mine,))
    gov.grants.add_unmasked("crm.contacts", team, by=owner, tables=(mine,), four_eyes=False)


@pytest.mark.parametrize("pattern", ["crm", "*", "crm.tomorrow"])
def test_tables_of_tomorrow_are_not_shown_in_the_clear(gov: Governance, ann: Principal, pattern: str) -> None:
    mine = table_info("crm.contacts", owner="crm-team", id="bigint")
    with pytest.raises(BadInput, match="one table at a time"):
        gov.grants.add_unmasked(pattern, "crm-team", by=ann, tables=(mine,))
    gov.grants.add_unmasked(pattern, "crm-team", by=ann, tables=(mine,), four_eyes=False)


def test_a_grant_holds_until_its_end(gov: Governance, ann: Principal) -> None:
    grant = gov.grants.add("crm", "sales", by=ann, until=gov.clock.now + timedelta(days=1))
    assert grant.holds(gov.clock.now)
    assert not grant.holds(gov.clock.now + timedelta(days=1))


def test_a_grant_is_removed_by_id_or_by_name(gov: Governance, ann: Principal) -> None:
    first = gov.grants.add("crm", "sales", by=ann)
    gov.grants.add("crm", "support", by=ann)
    assert gov.grants.remove(first.id, by=ann).group == "sales"
    assert gov.grants.remove("crm", "support", by=ann).pattern == "lake.crm.*"
    with pytest.raises(NotFound):
        gov.grants.remove("crm", "support", by=ann)
    with pytest.raises(BadInput):
        gov.grants.remove("crm", by=ann)
    assert gov.grants.list() == ()


def test_what_cannot_be_granted_is_refused(gov: Governance, ann: Principal) -> None:
    with pytest.raises(BadInput, match="future"):
        gov.grants.add("crm", "sales", by=ann, until=gov.clock.now)
    with pytest.raises(BadInput, match="future"):
        gov.grants.add("crm", "sales", by=ann, until=datetime(2030, 1, 1))  # noqa: DTZ001
    for group in ("", "a b", "x;y", "-x"):
        with pytest.raises(BadInput, match="cannot be a group"):
            gov.grants.add("crm", group, by=ann)
    for who in (Principal(subject="bot", kind=PrincipalKind.SERVICE), Principal(subject="bot", on_behalf_of="ann")):
        with pytest.raises(AccessDenied, match="person"):
            gov.grants.add("crm", "sales", by=who)
        with pytest.raises(AccessDenied, match="person"):
            gov.grants.remove(1, by=who)
    assert gov.grants.list() == ()
