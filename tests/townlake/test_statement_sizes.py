"""How large a statement is: by its snapshots, over any limit when unknown, in steps where rows are hidden."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.townlake.test_approved import CAT, Approved, over  # noqa: F401 - a fixture
from tests.townlake.test_lake import (  # noqa: F401 - a fixture
    ANN,
    BEA,
    CUSTOMERS,
    DATA,
    ORDERS,
    SQL,
    World,
    limited,
    used,
    world,
)
from townlake.domain.errors import LimitExceeded
from townlake.domain.names import TableRef
from townlake.domain.progress import Progress
from townlake.engines.protocol import Explanation
from townlake.governance.quotas import Bounds
from townlake.governance.run_charge import RunCharge
from townlake.governance.scan_estimate import estimated_reads, in_steps
from townlake.governance.scan_limit import UNKNOWN_SIZE

MB = 2**20
BOTH = "SELECT o.id FROM shop.orders o JOIN shop.customers c ON c.id = o.customer"


def filtered(world: World) -> None:  # noqa: F811
    info = world.catalog.table(ORDERS)
    assert info is not None
    world.gov.row_filters.add(info, "sales", "id = 1", by=ANN)


def test_an_unknown_size_is_over_any_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    info = world.catalog.table(ORDERS)
    assert info is not None
    lake = limited(world, day_bytes=2**50)
    assert lake.check(SQL, BEA).passed
    monkeypatch.setattr(world.catalog, "table", lambda ref: info.model_copy(update={"byte_count": None}))
    (found,) = lake.check(SQL, BEA).findings
    assert (found.code, "an unknown amount" in found.message) == ("LIM002", True)
    verdict = world.lake.check(SQL, BEA)
    assert estimated_reads(verdict, lambda scan: None) == ()


def test_an_older_snapshot_has_its_own_size(world: World) -> None:  # noqa: F811
    world.catalog.append(ORDERS, pa.table({"id": list(range(10**5)), "customer": [7] * 10**5, "note": ["x"] * 10**5}))
    large = world.catalog.table(ORDERS)
    assert large is not None
    assert large.snapshot_id is not None
    assert world.catalog.snapshot_bytes(ORDERS, large.snapshot_id) == large.byte_count
    assert world.catalog.snapshot_bytes(ORDERS, 1) is None
    assert world.catalog.snapshot_bytes(TableRef.parse("shop.none"), 1) is None
    lake = limited(world, scan_bytes=5000)
    assert not lake.check(SQL, BEA).passed
    world.catalog.replace(ORDERS, DATA)
    assert lake.check(SQL, BEA).passed
    assert not lake.check(SQL, BEA, snapshots={ORDERS: large.snapshot_id}).passed


@pytest.mark.parametrize("told", [None, ((ORDERS, 3),), ((ORDERS, 10**9),)])
def test_what_hides_rows_counts_in_steps_whatever_is_read(
    world: World,  # noqa: F811
    told: tuple[tuple[TableRef, int], ...] | None,
) -> None:
    filtered(world)
    world.engine.explanation = Explanation(reads=told)
    lake = limited(world, day_bytes=3 * MB)
    for read, where in ((1, ""), (10**7, " WHERE customer = 7")):
        before = used(world).bytes
        world.engine.told = Progress(state="FINISHED", bytes=read, stored_bytes=read)
        lake.run(lake.check(SQL + where, BEA))
        assert used(world).bytes - before == MB
    # Beside it, another table counts whole, and no filter on it tells anything.
    customers = world.catalog.table(CUSTOMERS)
    assert customers is not None
    assert customers.byte_count is not None
    before = used(world).bytes
    assert MB + customers.byte_count > 3 * MB - before
    assert [finding.code for finding in lake.check(BOTH, BEA).findings] == ["LIM002"]
    assert sum(size for _, size in estimated_reads(world.lake.check(BOTH, BEA), lambda s: customers)) == sum(
        (MB, customers.byte_count)
    )


def test_beside_another_source_at_least_the_steps_count(world: World) -> None:  # noqa: F811
    filtered(world)
    mails = TableRef(catalog="crm", namespace="public", name="mails")
    world.engine.explanation = Explanation(reads=((ORDERS, 3), (mails, 7)))
    lake = limited(world, day_bytes=10 * MB)
    verdict = lake.check(SQL, BEA)
    assert lake.check(SQL, BEA).passed
    other = verdict.scans[0].model_copy(update={"table": mails})
    joined = verdict.model_copy(update={"scans": (*verdict.scans, other)})
    assert [ref for ref, _ in estimated_reads(joined, lambda scan: world.catalog.table(ORDERS))] == [ORDERS]
    charge = RunCharge(joined, None, Bounds(lake._admission.limits), MB)
    for read, counted in ((5, MB), (2 * MB, 2 * MB)):
        charge.meter(None)(Progress(state="RUNNING", bytes=read))
        assert charge._charged(lost=False) == counted


def test_steps() -> None:
    assert [in_steps(size) for size in (0, 1, MB, MB + 1, 3 * MB, UNKNOWN_SIZE)] == [
        MB,
        MB,
        MB,
        2 * MB,
        4 * MB,
        UNKNOWN_SIZE,
    ]


def test_what_only_runs_is_not_used_and_asks_nobody(over: Approved) -> None:  # noqa: F811
    engine = over.world.engine
    engine.explanation = Explanation(reads=((ORDERS, 90),))
    verdict = over.lake.check(SQL, BEA)
    seen: list[str] = []

    def meanwhile() -> None:
        seen.extend(over.codes(SQL + " "))
        assert "run now" in over.lake.check(SQL + " ", BEA).findings[0].message
        assert over.approvals.list() == ()
        with pytest.raises(LimitExceeded, match="run now"):
            over.lake.run(verdict)

    engine.meanwhile = meanwhile
    over.lake.run(verdict)
    assert seen == ["LIM006"]
    # What is settled is used, and a reviewer can help.
    assert over.codes(SQL + " ") == ["LIM002"]
    assert len(over.approvals.list()) == 1


def test_what_a_dead_process_held_is_used_when_its_time_is_over(over: Approved) -> None:  # noqa: F811
    engine, clock = over.world.engine, over.world.gov.clock
    engine.explanation = Explanation(reads=((ORDERS, 90),))
    verdict = over.lake.check(SQL, BEA)
    seen: list[str] = []
    engine.meanwhile = lambda: (clock.move(minutes=2), seen.extend(over.codes(SQL + " ")))
    over.lake.run(verdict)
    assert seen == ["LIM002"]


def test_an_approval_is_used_by_whoever_may_not_ask(over: Approved) -> None:  # noqa: F811
    over.approve(over.asked())
    assert over.lake.check(SQL, BEA, may_ask=False).passed
    over.approvals.deny(1, by=CAT)
    (found,) = over.lake.check(SQL, BEA, may_ask=False).findings
    assert "denied by cat" in found.hint


def test_what_is_checked_again_asks_only_where_it_might(over: Approved) -> None:  # noqa: F811
    for may_ask, waiting in ((False, 0), (True, 1)):
        over.world.engine.explanation = Explanation(reads=((ORDERS, 50),))
        verdict = over.lake.check(SQL, BEA, may_ask=may_ask)
        over.world.gov.grants.add("x", f"team{waiting}", by=ANN)
        over.world.engine.explanation = Explanation(reads=((ORDERS, 120),))
        with pytest.raises(Exception, match="120 bytes"):
            over.lake.run(verdict)
        assert len(over.approvals.list()) == waiting
