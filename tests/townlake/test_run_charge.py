"""What a run is charged: what it read, what nobody knows of, and nothing where nothing ran."""

from __future__ import annotations

import pytest

from tests.townlake.test_approved import BEA, CAT, Approved, over  # noqa: F401 - a fixture
from tests.townlake.test_lake import ORDERS, SQL, World, limited, used, world  # noqa: F401 - a fixture
from townlake.domain.errors import EngineUnavailable, LimitExceeded
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.progress import Progress
from townlake.domain.verdict import Verdict
from townlake.engines.protocol import Explanation
from townlake.governance.quotas import Bounds
from townlake.governance.run_charge import RunCharge

LOST = EngineUnavailable("Trino failed.", code="JDBC_ERROR")


@pytest.mark.parametrize(("told", "counted"), [(None, 0), (0, 60), (40, 60), (70, 70)])
def test_a_run_that_loses_its_engine_counts_what_it_may_have_read(
    world: World,  # noqa: F811
    told: int | None,
    counted: int,
) -> None:
    world.engine.explanation = Explanation(reads=((ORDERS, 60),))
    lake = limited(world, day_bytes=100)
    verdict = lake.check(SQL, BEA)
    world.engine.told = None if told is None else Progress(state="RUNNING", bytes=told, stored_bytes=told)
    world.engine.fault = LOST
    with pytest.raises(EngineUnavailable):
        lake.run(verdict)
    assert used(world).bytes == counted


def _joined(world: World) -> Verdict:  # noqa: F811
    verdict = limited(world, day_bytes=1000).check(SQL, BEA)
    other = verdict.scans[0].model_copy(update={"table": TableRef(catalog="crm", namespace="public", name="mails")})
    return verdict.model_copy(update={"scans": (*verdict.scans, other)})


def test_what_other_sources_send_counts_and_is_bounded(world: World) -> None:  # noqa: F811
    charge = RunCharge(_joined(world), None, Bounds(Limits(scan_bytes=500)), 60)
    told: list[Progress] = []
    tell = charge.meter(told.append)
    tell(Progress(state="RUNNING", bytes=500, stored_bytes=50))
    with pytest.raises(LimitExceeded, match="500 bytes"):
        tell(Progress(state="RUNNING", bytes=501, stored_bytes=50))
    assert len(told) == 2
    # Of the lake alone, Trino bounds what it reads from storage.
    charge = RunCharge(world.lake.check(SQL, BEA), None, Bounds(Limits(scan_bytes=500)), 60)
    charge.meter(None)(Progress(state="RUNNING", bytes=10**6, stored_bytes=50))


def test_an_approval_is_not_lost_when_nothing_ran(over: Approved) -> None:  # noqa: F811
    over.approve(over.asked())
    verdict, engine = over.lake.check(SQL, BEA), over.world.engine
    engine.fault = EngineUnavailable("Every worker is busy.")
    with pytest.raises(EngineUnavailable):
        over.lake.run(verdict)
    assert over.approvals.get(1).runs_left == 1
    engine.told = Progress(state="RUNNING")
    with pytest.raises(EngineUnavailable):
        over.lake.run(verdict)
    assert over.approvals.get(1).runs_left == 0


def test_an_approval_that_was_taken_back_is_not_given_back(over: Approved) -> None:  # noqa: F811
    over.approve(over.asked())
    verdict, engine = over.lake.check(SQL, BEA), over.world.engine
    engine.fault, engine.meanwhile = LOST, lambda: over.approvals.deny(1, by=CAT)
    with pytest.raises(EngineUnavailable):
        over.lake.run(verdict)
    assert over.approvals.get(1).runs_left == 0


def test_what_stops_a_run_at_its_beginning_is_in_the_audit(over: Approved) -> None:  # noqa: F811
    engine = over.world.engine
    engine.explanation = Explanation(reads=((ORDERS, 90),))
    first, second = over.lake.check(SQL, BEA), over.lake.check(f"{SQL} LIMIT 1", BEA)
    over.lake.run(first)
    with pytest.raises(LimitExceeded) as caught:
        over.lake.run(second)
    assert caught.value.code == "LIM002"
    assert over.world.entries()[-1]["findings"][-1] == "LIM002"


def test_an_approval_that_is_used_up_has_a_code_of_its_own(over: Approved) -> None:  # noqa: F811
    over.approve(over.asked())
    verdict = over.lake.check(SQL, BEA)
    over.lake.run(verdict)
    with pytest.raises(LimitExceeded) as caught:
        over.lake.run(verdict)
    assert caught.value.code == "LIM007"
    assert over.world.entries()[-1]["findings"] == ["LIM004", "LIM007"]
