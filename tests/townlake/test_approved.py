"""A statement over a limit runs by the approval of another person: that one, of that caller, a few times."""

from __future__ import annotations

import json

import pytest

from tests.support.databases import beneath, state_url
from tests.townlake.test_lake import BEA, CUSTOMERS, ORDERS, SQL, World, world  # noqa: F401 - a fixture
from townlake.domain.allowance import Allowance
from townlake.domain.errors import AccessDenied, BadInput, LimitExceeded, NotFound
from townlake.domain.limits import Limits
from townlake.domain.principal import Principal, PrincipalKind
from townlake.engines.protocol import Explanation
from townlake.governance.allowances import Allowances
from townlake.governance.approvals import MOST_WAITING, Approvals, ApprovalState
from townlake.governance.day_uses import Account, uses_of
from townlake.governance.quotas import Quotas
from townlake.lake import Lake

CAT = Principal(subject="cat")
BOT = Principal(subject="reports", kind=PrincipalKind.SERVICE, on_behalf_of="bea", behalf_groups=frozenset({"sales"}))


class Approved:
    """A lake where everybody may read 100 bytes a statement and 150 a day, and a statement reads 120."""

    def __init__(self, world: World) -> None:  # noqa: F811
        gov, self.world = world.gov, world
        world.engine.explanation = Explanation(reads=((ORDERS, 120),))
        allowances = Allowances(gov.state, gov.clock, gov.audit)
        given = {kind: Allowance(day_bytes=150) for kind in (PrincipalKind.USER, PrincipalKind.SERVICE)}
        quotas = Quotas(gov.state, gov.clock, allowances, given)
        self.approvals = Approvals(gov.state, gov.clock, gov.audit)
        limits = Limits(scan_bytes=100)
        self.lake = Lake(world.catalog, gov.policy, gov.audit, world.engine, limits, quotas, self.approvals)

    def codes(self, sql: str = SQL, who: Principal = BEA) -> list[str]:
        return [finding.code for finding in self.lake.check(sql, who).findings]

    def asked(self, sql: str = SQL, who: Principal = BEA) -> int:
        assert not self.lake.check(sql, who).passed
        return self.approvals.list()[-1].id

    def approve(self, number: int, by: Principal = CAT, **more: object) -> None:
        self.approvals.approve(number, by=by, tables=self.world.catalog.tables(), **more)  # type: ignore[arg-type]


@pytest.fixture
def over(world: World) -> Approved:  # noqa: F811
    return Approved(world)


def test_a_plan_tells_what_would_be_needed_and_asks_nobody(over: Approved) -> None:
    verdict, plan = over.lake.plan(SQL, BEA)
    assert plan is not None
    assert [finding.code for finding in verdict.findings] == ["LIM001"]
    assert (plan.may_run, plan.needs_approval, plan.approval) == (False, True, None)
    assert (plan.bytes, plan.max_bytes, [each.bytes for each in plan.reads]) == (120, 100, [120])
    assert over.approvals.list() == ()
    assert over.world.engine.ran == []
    over.approve(over.asked())
    verdict, plan = over.lake.plan(SQL, BEA, limits=Limits(rows=5))
    assert plan is not None
    assert (plan.may_run, plan.needs_approval, plan.approval, plan.max_rows) == (True, False, 1, 5)
    assert over.lake.plan("SELECT nothing FROM shop.orders", BEA)[1] is None


def test_a_plan_tells_no_size_of_a_table_of_which_rows_are_hidden(over: Approved) -> None:
    info = over.world.catalog.table(ORDERS)
    assert info is not None
    over.world.gov.row_filters.add(info, "everyone", "id = 1", by=CAT)
    plan = over.lake.plan(SQL, BEA)[1]
    assert plan is not None
    assert (plan.bytes, [each.bytes for each in plan.reads]) == (None, [None])


def test_a_request_is_made_once_and_its_number_is_told(over: Approved) -> None:
    (found,) = over.lake.check(SQL, BEA).findings
    assert found.code == "LIM001"
    (asked,) = over.approvals.list()
    assert f"`skipper approve show {asked.id}`" in found.hint
    assert (asked.statement, asked.caller, asked.estimate) == (SQL, BEA, 120)
    assert list(asked.tables.values()) == [str(ORDERS)]
    over.codes()
    assert len(over.approvals.list()) == 1
    over.codes(who=CAT)
    over.codes(SQL + " ")
    assert len(over.approvals.list()) == 3


def test_an_approved_statement_runs_once_and_counts(over: Approved) -> None:
    over.approve(over.asked())
    verdict = over.lake.check(SQL, BEA)
    assert verdict.passed
    assert [finding.code for finding in verdict.findings] == ["LIM004"]
    # Of nobody else, and no other text.
    assert over.codes(who=CAT) == over.codes(who=BOT) == over.codes("SELECT id FROM shop.orders WHERE id = 1")
    over.lake.run(verdict)
    assert over.world.engine.ran[-1][1].scan_bytes == 240
    assert (
        uses_of(over.world.gov.state, "2026-03-01", [account := Account(PrincipalKind.USER, "bea")])[account][0] == 120
    )
    with pytest.raises(LimitExceeded, match="used up"):
        over.lake.run(verdict)
    assert over.codes() == ["LIM001", "LIM002"]
    texts = beneath(state_url(over.world.gov.home), "SELECT entry FROM audit ORDER BY seq")
    entries = [json.loads(str(text)) for (text,) in texts]
    kinds = [entry["kind"] for entry in entries if entry["kind"].startswith("approval")]
    assert kinds[:2] == ["approval.asked", "approval.approved"]
    assert next(entry for entry in entries if entry["kind"] == "intent")["approval"] == 1


def test_an_approval_has_its_own_bounds(over: Approved) -> None:
    number = over.asked()
    with pytest.raises(BadInput, match="more than is approved"):
        over.approve(number, bounds=Allowance(scan_bytes=119))
    for runs in (0, -1, 101):
        with pytest.raises(BadInput):
            over.approve(number, runs=runs)
    over.approve(number, runs=2, bounds=Allowance(scan_bytes=130, seconds=300.0, memory_bytes=9))
    over.lake.run(over.lake.check(SQL, BEA))
    limits = over.world.engine.ran[-1][1]
    assert (limits.scan_bytes, limits.seconds, limits.memory_bytes) == (130, 300.0, 9)
    # The table grew beyond what was approved.
    over.world.engine.explanation = Explanation(reads=((ORDERS, 131),))
    assert "LIM001" in over.codes()


def test_an_approval_ends(over: Approved) -> None:
    over.approve(over.asked())
    verdict = over.lake.check(SQL, BEA)
    over.world.gov.clock.move(hours=24)
    with pytest.raises(LimitExceeded):
        over.lake.run(verdict)
    assert "LIM001" in over.codes()
    for gone in (1, 99):
        with pytest.raises(NotFound):
            over.approve(gone)
    with pytest.raises(NotFound):
        over.approvals.get(99)


def test_nobody_approves_their_own(over: Approved) -> None:
    number = over.asked()
    for who in (BEA, BOT, Principal(subject="shop-team"), Principal(subject="dan", groups=frozenset({"shop-team"}))):
        with pytest.raises(AccessDenied):
            over.approve(number, by=who)
    for_bea = over.asked(who=BOT)
    with pytest.raises(AccessDenied):
        over.approve(for_bea, by=BEA)
    over.approve(number, by=BEA, four_eyes=False)
    with pytest.raises(BadInput, match="decided already"):
        over.approve(number)


def test_a_denial_holds_for_a_day_and_takes_an_approval_back(over: Approved) -> None:
    over.approve(over.asked())
    verdict = over.lake.check(SQL, BEA)
    over.approvals.deny(1, by=CAT)
    assert over.approvals.get(1).state is ApprovalState.DENIED
    with pytest.raises(LimitExceeded):
        over.lake.run(verdict)
    (found,) = over.lake.check(SQL, BEA).findings
    assert "denied by cat" in found.hint
    assert over.approvals.list() == ()


def test_an_approval_lifts_no_access_decision(over: Approved) -> None:
    over.approve(over.asked())
    over.world.gov.grants.remove("shop", "everyone", by=CAT)
    assert over.codes() == ["NAM001"]
    over.world.gov.grants.add("shop", "everyone", by=CAT)
    over.world.catalog.drop(ORDERS)
    assert over.codes() == ["NAM001"]


def test_another_table_of_the_same_name_was_not_approved(over: Approved) -> None:
    over.approve(over.asked())
    kept = over.approvals.get(1)
    other = {"uuid": str(CUSTOMERS)}
    beneath(state_url(over.world.gov.home), "UPDATE approvals SET tables = :tables", tables=json.dumps(other))
    assert kept.tables != other
    assert "LIM001" in over.codes()


def test_a_statement_that_cannot_run_asks_nobody(over: Approved) -> None:
    assert over.codes("SELECT hush FROM shop.orders") == ["NAM002"]
    assert over.codes(who=Principal(subject="indexer", kind=PrincipalKind.SYSTEM)) == ["LIM001"]
    assert [f.code for f in over.lake.check(SQL, BEA, may_ask=False).findings] == ["LIM001"]
    assert over.approvals.list() == ()


def test_requests_of_one_caller_are_bounded(over: Approved) -> None:
    for at in range(MOST_WAITING + 2):
        (found,) = over.lake.check(f"{SQL} WHERE id = {at}", BEA).findings
    assert len(over.approvals.list()) == MOST_WAITING
    assert "Too many" in found.hint
    over.world.gov.clock.move(days=40)
    over.codes()
    assert len(over.approvals.list()) == 1


def test_what_would_read_nothing_keeps_the_callers_own_bound(over: Approved) -> None:
    engine = over.world.engine
    engine.explanation = Explanation(reads=((ORDERS, 0),))
    allowances = Allowances(over.world.gov.state, over.world.gov.clock, over.world.gov.audit)
    allowances.add("user:bea", Allowance(day_seconds=0.0), by=CAT)
    over.approve(over.asked())
    over.lake.run(over.lake.check(SQL, BEA))
    assert engine.ran[-1][1].scan_bytes == 100
    over.approve(over.asked(SQL + " "))
    engine.explanation = Explanation(reads=((ORDERS, 1),))
    assert over.codes(SQL + " ") == ["LIM003"]


def test_people_are_the_same_in_any_case(over: Approved) -> None:
    asked = over.asked(who=Principal(subject="Cat"))
    for_cat = over.asked(who=BOT.model_copy(update={"on_behalf_of": "CAT"}))
    for number in (asked, for_cat):
        with pytest.raises(AccessDenied):
            over.approve(number)


def test_no_number_is_given_twice(over: Approved) -> None:
    first = over.asked()
    over.world.gov.clock.move(days=33)
    assert over.asked(SQL + " ") == first + 1
    assert len(over.approvals.list()) == 1
