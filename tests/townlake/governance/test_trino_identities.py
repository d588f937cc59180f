"""A caller has a name in Trino for a while, which nobody can guess, and which carries the caller's own rights."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.databases import beneath, state_url
from tests.townlake.governance.conftest import Governance
from tests.townlake.governance.test_trino_policy import CONTACTS, PAYROLL, Shelf, asked, column, table
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import MaskMethod, ReviewState
from townlake.governance.trino_identities import LIFETIME, REMEMBERED, TrinoIdentities
from townlake.governance.trino_policy import TrinoPolicy

BEA = Principal(subject="bea", groups=frozenset({"sales"}))
DPO = Principal(subject="dan", groups=frozenset({"dpo"}))


@pytest.fixture
def identities(gov: Governance) -> TrinoIdentities:
    return TrinoIdentities(gov.state, gov.clock)


@pytest.fixture
def policy(gov: Governance, identities: TrinoIdentities, ann: Principal) -> TrinoPolicy:
    gov.reviews.decide(ann, CONTACTS, ["id"], ReviewState.OPEN)
    gov.reviews.decide(ann, CONTACTS, ["email"], ReviewState.MASKED, mask=MaskMethod.DOMAIN)
    gov.grants.add("crm.contacts", "sales", by=ann)
    gov.grants.add_unmasked("crm.contacts", "dpo", by=ann, tables=[CONTACTS])
    return TrinoPolicy(Shelf((CONTACTS, PAYROLL)), gov.policy, frozenset({"skipper"}), identities.principal)


def test_a_name_is_kept_for_half_of_its_life_and_known_for_all_of_it(
    gov: Governance, identities: TrinoIdentities
) -> None:
    name = identities.identify(BEA)
    assert name.startswith("bea~")
    gov.clock.move(seconds=LIFETIME.total_seconds() / 2 - 1)
    assert identities.identify(BEA) == name
    gov.clock.move(seconds=2)
    newer = identities.identify(BEA)
    assert newer != name
    other = TrinoIdentities(gov.state, gov.clock)
    assert other.principal(name) == other.principal(newer) == BEA
    gov.clock.now += LIFETIME / 2
    assert identities.principal(name) is None
    assert other.principal(name) is None
    assert other.principal(newer) == BEA


def test_what_is_over_is_forgotten(gov: Governance, identities: TrinoIdentities) -> None:
    identities.identify(BEA)
    gov.clock.now += LIFETIME + REMEMBERED + timedelta(seconds=1)
    identities.identify(DPO)
    assert len(beneath(state_url(gov.home), "SELECT digest FROM trino_identities")) == 1


def test_who_reads_the_database_cannot_take_a_name(gov: Governance, identities: TrinoIdentities) -> None:
    name = identities.identify(BEA)
    ((digest, principal),) = beneath(state_url(gov.home), "SELECT digest, principal FROM trino_identities")
    assert name not in f"{digest}{principal}"
    assert identities.principal(f"bea~{digest}") is None


def test_different_rights_have_different_names(identities: TrinoIdentities) -> None:
    bot = Principal(subject="bot", kind=PrincipalKind.SERVICE, on_behalf_of="bea", behalf_groups=frozenset({"sales"}))
    names = {identities.identify(p) for p in (BEA, BEA.model_copy(update={"groups": frozenset()}), bot)}
    assert len(names) == 3
    assert identities.principal("bea") is None
    assert identities.principal("bea~") is None
    assert len(identities.identify(Principal(subject="x" * 10_000))) < 120


@pytest.mark.parametrize("subject", ["jürgen", "李", "a b\r\nX-Trino-Role: x", "a~b", "😀", "ann@example.org"])
def test_every_subject_has_a_name_that_a_header_carries(identities: TrinoIdentities, subject: str) -> None:
    principal = Principal(subject=subject)
    name = identities.identify(principal)
    assert name.isascii()
    assert name.isprintable()
    assert " " not in name
    assert name.count("~") == 1
    assert identities.principal(name) == principal


def test_rights_are_those_of_the_caller_and_not_of_trinos_groups(
    policy: TrinoPolicy, identities: TrinoIdentities
) -> None:
    bea, dan = identities.identify(BEA), identities.identify(DPO)
    read = table("lake.crm.contacts", "id", "email")
    assert policy.allow(asked("SelectFromColumns", by=bea, **read))
    assert policy.allow(asked("ExecuteQuery", by=bea))
    assert policy.column_masks(asked("GetColumnMask", column("email"), by=bea)) != []
    # Clearance comes with the name alone.
    assert policy.column_masks(asked("GetColumnMask", column("email"), by=dan)) == []
    assert policy.column_masks(asked("GetColumnMask", column("email"), by=bea, groups=["dpo"])) != []


@pytest.mark.parametrize("name", ["bea~", "bea~0123456789abcdef0123456789abcdef", "~", "a~b~c"])
def test_a_name_that_nobody_made_may_do_nothing(policy: TrinoPolicy, name: str) -> None:
    read = table("lake.crm.contacts", "id")
    for operation in ("ExecuteQuery", "SelectFromColumns", "FindTable", "SetSystemSessionProperty"):
        assert not policy.allow(
            asked(operation, by=name, groups=["dpo"], **read, systemSessionProperty={"name": "query_max_memory"})
        )
    assert not policy.allow(asked("ImpersonateUser", by="skipper", user={"user": name, "groups": []}))
    assert policy.row_filters(asked("GetRowFilters", by=name, **read)) == [{"expression": "false"}]


def test_only_skipper_becomes_somebody_and_only_limits_are_set(
    policy: TrinoPolicy, identities: TrinoIdentities
) -> None:
    bea = identities.identify(BEA)
    become = {"user": {"user": bea, "groups": []}}
    assert policy.allow(asked("ImpersonateUser", by="skipper", **become))
    assert not policy.allow(asked("ImpersonateUser", by="eve", **become))
    assert not policy.allow(asked("ImpersonateUser", by=bea, **become))
    # The password of the service alone makes it nobody.
    assert not policy.allow(asked("ImpersonateUser", by="skipper", user={"user": "ceo", "groups": ["board"]}))
    limit = {"systemSessionProperty": {"name": "query_max_run_time"}}
    assert policy.allow(asked("SetSystemSessionProperty", by=bea, **limit))
    assert not policy.allow(asked("SetSystemSessionProperty", by="bea", **limit))
    assert not policy.allow(asked("SetSystemSessionProperty", by="skipper", **limit))
    other = {"systemSessionProperty": {"name": "legacy_catalog_roles"}}
    assert not policy.allow(asked("SetSystemSessionProperty", by=bea, **other))


def test_row_filters_read_their_columns_as_they_are_where_the_guard_lays_them_too(
    gov: Governance, policy: TrinoPolicy, identities: TrinoIdentities, ann: Principal
) -> None:
    gov.row_filters.add(CONTACTS, "sales", "email LIKE '%@example.com' AND region = 'EMEA'", by=ann)
    bea = identities.identify(BEA)
    masked, closed = column("email"), column("region")
    assert policy.column_masks(asked("GetColumnMask", masked, closed, by=bea)) == []
    assert policy.allow(asked("SelectFromColumns", by=bea, **table("lake.crm.contacts", "id", "email", "region")))
    assert len(policy.row_filters(asked("GetRowFilters", by=bea, **table("lake.crm.contacts")))) == 1
    # Whoever comes to Trino without the guard sees neither.
    assert len(policy.column_masks(asked("GetColumnMask", masked, closed, by="bea", groups=["sales"]))) == 2
    read = table("lake.crm.contacts", "id", "region")
    assert not policy.allow(asked("SelectFromColumns", by="bea", groups=["sales"], **read))
    # Nor does a caller to whom the filter does not apply.
    free = identities.identify(Principal(subject="cy"))
    assert policy.allow(asked("SelectFromColumns", by=free, **read)) is False
