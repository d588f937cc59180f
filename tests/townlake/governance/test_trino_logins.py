"""Whose login in Trino may take a name that Skipper made: the service's, or only the caller's own."""

from __future__ import annotations

import pytest

from tests.townlake.governance.conftest import Governance
from tests.townlake.governance.test_trino_policy import CONTACTS, Shelf, asked, column, table
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import ReviewState
from townlake.governance.trino_canary import CANARY
from townlake.governance.trino_harvest import HARVESTER
from townlake.governance.trino_identities import TrinoIdentities
from townlake.governance.trino_policy import TrinoPolicy

BEA = Principal(subject="bea", groups=frozenset({"sales"}))
BOT = Principal(subject="bot", kind=PrincipalKind.SERVICE, on_behalf_of="bea", behalf_groups=BEA.groups)
HARVEST = HARVESTER.model_copy(update={"on_behalf_of": "bea"})


@pytest.fixture
def identities(gov: Governance) -> TrinoIdentities:
    return TrinoIdentities(gov.state, gov.clock)


def policy(gov: Governance, identities: TrinoIdentities, *, do_callers_log_in: bool) -> TrinoPolicy:
    return TrinoPolicy(
        Shelf((CONTACTS,)),
        gov.policy,
        frozenset({"skipper"}),
        identities.principal,
        do_callers_log_in=do_callers_log_in,
    )


@pytest.mark.parametrize(
    ("who", "services", "callers"),
    [
        (BEA, {"skipper"}, {"bea"}),
        (BOT, {"skipper"}, {"bot"}),
        (HARVEST, {"skipper"}, {"bea"}),
        (CANARY, {"skipper"}, {"skipper", "canary"}),
        # A person who is called as the service is, or whom the service made up.
        (Principal(subject="skipper", groups=frozenset({"dpo"})), {"skipper"}, set()),
        (HARVESTER.model_copy(update={"on_behalf_of": "skipper"}), {"skipper"}, set()),
    ],
)
def test_a_name_is_taken_by_the_service_or_by_the_caller_alone(
    gov: Governance, identities: TrinoIdentities, who: Principal, services: set[str], callers: set[str]
) -> None:
    name = identities.identify(who)
    for do_callers_log_in, wanted in ((False, services), (True, callers)):
        answers = policy(gov, identities, do_callers_log_in=do_callers_log_in)
        logins = ("skipper", "bea", "bot", "eve", "canary", name)
        become = {"user": {"user": name, "groups": []}}
        assert {login for login in logins if answers.allow(asked("ImpersonateUser", by=login, **become))} == wanted


def test_nobody_takes_a_name_that_is_over_or_a_persons_own(gov: Governance, identities: TrinoIdentities) -> None:
    answers = policy(gov, identities, do_callers_log_in=True)
    for name in ("bea", "bea~", "bea~0123456789abcdef0123456789abcdef", "skipper"):
        assert not answers.allow(asked("ImpersonateUser", by="bea", user={"user": name, "groups": []}))
    assert not answers.allow(asked("ImpersonateUser", by="bea"))


@pytest.mark.parametrize("do_callers_log_in", [True, False])
def test_a_service_reads_nothing_under_its_own_name(
    gov: Governance, identities: TrinoIdentities, ann: Principal, do_callers_log_in: bool
) -> None:
    gov.reviews.decide(ann, CONTACTS, ["id"], ReviewState.OPEN)
    gov.grants.add("crm.contacts", "everyone", by=ann)
    answers = policy(gov, identities, do_callers_log_in=do_callers_log_in)
    read = table("lake.crm.contacts", "id")
    assert answers.allow(asked("SelectFromColumns", by="eve", **read))
    assert answers.allow(asked("ExecuteQuery", by="skipper"))
    for operation in ("SelectFromColumns", "FindTable", "FilterTables", "ShowColumns"):
        assert not answers.allow(asked(operation, by="skipper", groups=["dpo"], **read))
    assert answers.row_filters(asked("GetRowFilters", by="skipper", **read)) == [{"expression": "false"}]
    assert answers.column_masks(asked("GetColumnMask", column("id"), by="skipper")) != []


def test_whoever_harvests_is_the_harvester(gov: Governance, identities: TrinoIdentities) -> None:
    answers, name = policy(gov, identities, do_callers_log_in=True), identities.identify(HARVEST)
    assert answers.allow(asked("SelectFromColumns", by=name, **table("crm.information_schema.tables", "table_name")))
    assert not answers.allow(asked("SelectFromColumns", by=name, **table("crm.public.accounts", "id")))
