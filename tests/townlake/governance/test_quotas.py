"""What a caller may take of a day: who it counts for, what is told, and that nothing slips through side by side."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.databases import beneath, state_url
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.domain.allowance import Allowance
from townlake.domain.errors import AccessDenied, BadInput, HomeError, LimitExceeded, NotFound
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.governance.allowances import Allowances
from townlake.governance.audit import Audit
from townlake.governance.day_finding import day_finding
from townlake.governance.day_uses import Account, Use, uses_of
from townlake.governance.quotas import Quotas, Reserved, narrower
from townlake.state.store import open_state, writing

ANN = Principal(subject="ann")
BEA = Principal(subject="bea", groups=frozenset({"analysts", "night"}))
BOT = Principal(subject="reports", kind=PrincipalKind.SERVICE)
FOR_BEA = BOT.model_copy(update={"on_behalf_of": "bea", "behalf_groups": frozenset({"analysts"})})
INDEXER = Principal(subject="indexer", kind=PrincipalKind.SYSTEM)
DAY = "2026-03-01"


def quotas(gov: Governance, **defaults: Allowance) -> Quotas:
    by_kind: Mapping[PrincipalKind, Allowance] = {PrincipalKind(kind): each for kind, each in defaults.items()}
    return Quotas(gov.state, gov.clock, Allowances(gov.state, gov.clock, gov.audit), by_kind)


def taken(gov: Governance, kind: str, subject: str, day: str = DAY) -> Use:
    account = Account(PrincipalKind(kind), subject)
    return Use(*uses_of(gov.state, day, [account])[account][:2])


def reserve(gov: Governance, found: Quotas, who: Principal, size: int) -> Reserved | None:
    bounds = found.bounds(who, gov.policy.version(), Limits())
    with writing(gov.state) as connection:
        return found.reserve(connection, bounds, size)


def settle(gov: Governance, found: Quotas, reserved: Reserved | None, took: Use) -> None:
    assert reserved is not None
    with writing(gov.state) as connection:
        found.settle(connection, reserved, took)


def test_where_nothing_is_said_nothing_is_read_or_written(gov: Governance) -> None:
    found = quotas(gov)
    bounds = found.bounds(BEA, gov.policy.version(), Limits())
    assert (bounds.days, bounds.need_reads) == ((), False)
    gov.state.dispose()
    assert found.shortage(bounds.days, 10**12) is None
    assert reserve(gov, found, BEA, 10**12) is None


def test_a_name_goes_before_groups_and_groups_before_the_settings(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=10, day_seconds=5.0, memory_bytes=7))
    allowances = Allowances(gov.state, gov.clock, gov.audit)
    allowances.add("group:analysts", Allowance(day_bytes=20, seconds=3.0), by=ANN)
    allowances.add("group:night", Allowance(day_bytes=30, seconds=2.0), by=ANN)
    assert found.allowance(BEA, gov.policy.version()) == Allowance(
        day_bytes=30, day_seconds=5.0, seconds=3.0, memory_bytes=7
    )
    allowances.add("user:bea", Allowance(day_bytes=1), by=ANN)
    assert found.allowance(BEA, gov.policy.version()).day_bytes == 1
    assert found.allowance(BEA, gov.policy.version()).seconds == 3.0
    allowances.remove("user:bea", by=ANN)
    assert found.allowance(BEA, gov.policy.version()).day_bytes == 30
    allowances.add("service:bea", Allowance(day_bytes=1), by=ANN)
    assert found.allowance(BEA, gov.policy.version()).day_bytes == 30


def test_a_statement_of_a_bot_counts_for_the_bot_and_for_whom_it_acts(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100), service=Allowance(day_bytes=100))
    reserve(gov, found, FOR_BEA, 30)
    reserve(gov, found, BOT, 5)
    reserve(gov, found, BEA, 7)
    assert taken(gov, "user", "bea").bytes == 37
    assert taken(gov, "service", "reports").bytes == 35
    assert reserve(gov, found, INDEXER, 10**9) is None
    # What runs is not used yet; what nobody ended is.
    assert found.use(BEA) == Use()
    gov.clock.move(minutes=5)
    assert (found.use(BEA).bytes, found.use(INDEXER)) == (37, Use())


def test_both_must_have_room_and_figures_of_others_are_not_told(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100), service=Allowance(day_bytes=40))
    reserve(gov, found, BOT, 39)
    gov.clock.move(minutes=5)
    version = gov.policy.version()
    short = found.shortage(found.bounds(FOR_BEA, version, Limits()).days, 5)
    assert short is not None
    told = day_finding(short, ((TableRef.parse("a.b"), 5),), "Filter on day.")
    assert (told.code, told.message) == (
        "LIM002",
        "What reports may take of a day does not suffice for this statement.",
    )
    assert told.hint == "Filter on day. The day begins anew at 2026-03-02 00:00 UTC."
    own = found.shortage(found.bounds(BOT, version, Limits()).days, 5)
    assert own is not None
    assert "97 % of the 40 bytes" in day_finding(own, (), "").message
    reserve(gov, found, BEA, 99)
    gov.clock.move(minutes=5)
    hers = found.shortage(found.bounds(FOR_BEA, version, Limits()).days, 1)
    assert hers is None
    hers = found.shortage(found.bounds(BEA, version, Limits()).days, 2)
    assert hers is not None
    assert "bea has used 99 %" in day_finding(hers, (), "").message


def test_the_size_of_a_table_with_hidden_rows_is_not_told(gov: Governance) -> None:
    found, table = quotas(gov, user=Allowance(day_bytes=10)), TableRef.parse("a.b")
    short = found.shortage(found.bounds(BEA, gov.policy.version(), Limits()).days, 12_345)
    assert short is not None
    assert "12345" in day_finding(short, ((table, 12_345),), "").message
    assert "12345" not in day_finding(short, ((table, 12_345),), "", {table}).message


def test_what_was_reserved_is_settled_by_what_was_read(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100, day_seconds=50.0))
    first = reserve(gov, found, BEA, 60)
    assert taken(gov, "user", "bea") == Use(60, 30_000)
    with pytest.raises(LimitExceeded, match="run now"):
        reserve(gov, found, BEA, 60)
    settle(gov, found, first, Use(10, 500))
    assert taken(gov, "user", "bea") == Use(10, 500)
    # The next run gets no more than is left, and dies: it counts in full.
    settle(gov, found, reserve(gov, found, BEA, 0), Use(0, 40_000))
    last = reserve(gov, found, BEA, 20)
    assert last is not None
    assert (last.limits.seconds, last.limits.scan_bytes) == (9.5, 90)
    assert taken(gov, "user", "bea") == Use(30, 50_000)
    gov.clock.move(minutes=5)
    with pytest.raises(LimitExceeded, match="seconds"):
        reserve(gov, found, BEA, 0)


def test_a_day_begins_anew_and_what_began_before_counts_for_the_day_before(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100))
    gov.clock.now = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    running = reserve(gov, found, BEA, 100)
    gov.clock.move(seconds=2)
    reserve(gov, found, BEA, 50)
    settle(gov, found, running, Use(70, 10))
    assert taken(gov, "user", "bea").bytes == 70
    assert taken(gov, "user", "bea", "2026-03-02").bytes == 50
    # A clock that goes back finds that day as it was left.
    gov.clock.move(seconds=-2)
    with pytest.raises(LimitExceeded, match="70 %"):
        reserve(gov, found, BEA, 50)


def test_whoever_acts_for_themselves_counts_once(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100))
    reserve(gov, found, BEA.model_copy(update={"on_behalf_of": "bea"}), 30)
    assert taken(gov, "user", "bea").bytes == 30


def test_a_run_has_no_more_than_is_left(gov: Governance) -> None:
    for allowance, limits in (
        (Allowance(day_bytes=100), Limits(scan_bytes=100)),
        (Allowance(day_seconds=5.0), Limits(seconds=5.0)),
        (Allowance(day_bytes=100, scan_bytes=60), Limits(scan_bytes=60)),
    ):
        reserved = reserve(gov, quotas(gov, service=allowance), BOT, 0)
        assert reserved is not None
        assert reserved.limits == limits
        gov.clock.move(days=1)


def test_bounds_are_kept_for_some_callers(gov: Governance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townlake.governance.quotas.MOST_KEPT", 1)
    found, version = quotas(gov, user=Allowance(day_bytes=100)), gov.policy.version()
    first = found.bounds(BEA, version, Limits())
    assert found.bounds(BEA, version, Limits()) is first
    assert found.bounds(ANN, version, Limits()).days != first.days
    assert found.bounds(BEA, version, Limits()) == first


def test_a_day_that_cannot_be_read_stops_everything(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100))
    beneath(state_url(gov.home), "DROP TABLE day_uses")
    with pytest.raises(HomeError):
        found.shortage(found.bounds(BEA, gov.policy.version(), Limits()).days, 1)


def test_nothing_a_day_is_nothing(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_seconds=0.0))
    with pytest.raises(LimitExceeded):
        reserve(gov, found, BEA, 0)
    found = quotas(gov, user=Allowance(day_bytes=0))
    for size in (0, 1):
        with pytest.raises(LimitExceeded):
            reserve(gov, found, BEA, size)


def test_a_day_that_is_used_up_to_the_byte_is_over(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100))
    reserve(gov, found, BEA, 100)
    gov.clock.move(minutes=5)
    with pytest.raises(LimitExceeded, match="100 %"):
        reserve(gov, found, BEA, 0)


def test_more_than_was_taken_cannot_be_given_back(gov: Governance) -> None:
    found = quotas(gov, user=Allowance(day_bytes=100))
    first = reserve(gov, found, BEA, 60)
    settle(gov, found, first, Use(0, 0))
    settle(gov, found, first, Use(0, 0))
    assert taken(gov, "user", "bea") == Use(0, 0)


@pytest.mark.parametrize(
    "allowance",
    [
        Allowance(),
        Allowance(day_bytes=-1),
        Allowance(seconds=0.0),
        Allowance(day_seconds=float("nan")),
        Allowance(day_seconds=float("inf")),
        Allowance(scan_bytes=2**70),
    ],
)
def test_a_figure_that_cannot_be_is_refused(gov: Governance, allowance: Allowance) -> None:
    allowances = Allowances(gov.state, gov.clock, gov.audit)
    with pytest.raises(BadInput):
        allowances.add("user:bea", allowance, by=ANN)
    assert allowances.list() == ()


def test_only_people_give_and_everything_is_in_the_audit(gov: Governance) -> None:
    allowances = Allowances(gov.state, gov.clock, gov.audit)
    with pytest.raises(AccessDenied):
        allowances.add("user:bea", Allowance(day_bytes=1), by=BOT)
    with pytest.raises(NotFound):
        allowances.remove("user:bea", by=ANN)
    for wrong in ("bea", "robot:bea", "user:", "user:a b"):
        with pytest.raises(BadInput):
            allowances.add(wrong, Allowance(day_bytes=1), by=ANN)
    version = gov.policy.version()
    allowances.add("user:bea", Allowance(day_bytes=1), by=ANN)
    assert gov.policy.version() != version
    allowances.add("user:bea", Allowance(day_bytes=2), by=ANN)
    assert [given.allowance.day_bytes for given in allowances.list()] == [2]
    allowances.remove("user:bea", by=ANN)
    from townlake.governance.audit_entries import Wanted

    kinds = [entry["kind"] for entry in gov.audit.entries(Wanted(), 10)]
    assert kinds == ["limit.added", "limit.removed", "limit.added", "limit.removed"]


@pytest.mark.parametrize("who", ["user:bea", "user:BEA", "group:analysts", "group:Night", "group:everyone"])
def test_nobody_changes_a_limit_of_their_own(gov: Governance, who: str) -> None:
    allowances = Allowances(gov.state, gov.clock, gov.audit)
    with pytest.raises(AccessDenied, match="of their own"):
        allowances.add(who, Allowance(day_bytes=10**9), by=BEA)
    allowances.add(who, Allowance(day_bytes=1), by=BEA, four_eyes=False)
    with pytest.raises(AccessDenied, match="of their own"):
        allowances.remove(who, by=BEA)
    assert len(allowances.list()) == 1
    allowances.remove(who, by=BEA, four_eyes=False)
    # A bot of that name is somebody else.
    allowances.add("service:bea", Allowance(day_bytes=1), by=BEA)


def test_names_of_identity_providers_can_have_limits(gov: Governance) -> None:
    allowances, who = Allowances(gov.state, gov.clock, gov.audit), Principal(subject="auth0|5f3")
    for name in (f"user:{who.subject}", "service:spiffe://lake/reports#1"):
        allowances.add(name, Allowance(day_bytes=7), by=ANN)
    assert quotas(gov).allowance(who, gov.policy.version()).day_bytes == 7


def _reserve_often(home: str, counted: multiprocessing.Queue[int]) -> None:
    """One of several processes: takes ten bytes as often as it may."""
    state = open_state(state_url(Path(home)))
    clock = Clock()
    allowances = Allowances(state, clock, Audit(state, Path(home) / "audit.key", clock))
    found = Quotas(state, clock, allowances, {PrincipalKind.USER: Allowance(day_bytes=100)})
    done = 0
    for _ in range(10):
        try:
            with writing(state) as connection:
                found.reserve(connection, found.bounds(BEA, "1", Limits()), 10)
            done += 1
        except LimitExceeded:
            pass
    counted.put(done)


def test_two_processes_cannot_take_more_than_there_is(tmp_path: Path) -> None:
    gov = open_governance(tmp_path, Clock())
    context = multiprocessing.get_context("spawn")
    counted = context.Queue()
    both = [context.Process(target=_reserve_often, args=(str(tmp_path), counted)) for _ in range(2)]
    for each in both:
        each.start()
    total = sum(counted.get(timeout=60) for _ in both)
    for each in both:
        each.join()
    assert total == 10
    assert taken(gov, "user", "bea").bytes == 100
    gov.state.dispose()


def test_the_narrower_of_two_bounds() -> None:
    found = narrower(Limits(rows=3, seconds=9.0, memory_bytes=5), Limits(rows=1, seconds=4.0, scan_bytes=8))
    assert (found.rows, found.seconds, found.memory_bytes, found.scan_bytes) == (3, 4.0, 5, 8)
    assert narrower(Limits(scan_bytes=3), Limits()).scan_bytes == 3
