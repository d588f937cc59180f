"""The door: nothing runs that was not checked for now, everything is audited, nothing hidden comes out."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pyarrow as pa
import pytest

from tests.support.databases import beneath, catalog_url, full_audit, state_url
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.description import TableDescription
from townlake.domain.allowance import Allowance
from townlake.domain.errors import (
    AccessDenied,
    AuditUnavailable,
    BadInput,
    Cancelled,
    EngineError,
    EngineUnavailable,
    HomeError,
    LimitExceeded,
    NotFound,
    Unplannable,
)
from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.progress import Progress
from townlake.domain.review import ReviewState
from townlake.domain.rows import Rows
from townlake.domain.table import ForeignKey, Sampling, Tier
from townlake.domain.verdict import OutputColumn, Verdict
from townlake.engines.protocol import Explanation
from townlake.governance.allowances import Allowances
from townlake.governance.day_uses import Account, Use, uses_of
from townlake.governance.quotas import Quotas
from townlake.governance.scan_estimate import estimated_reads
from townlake.lake import Lake, check

ORDERS, CUSTOMERS, PAYROLL = (TableRef.parse(name) for name in ("shop.orders", "shop.customers", "hr.payroll"))
ANN = Principal(subject="ann")
BEA = Principal(subject="bea", groups=frozenset({"sales"}))
SQL = "SELECT id FROM shop.orders"
DATA = pa.table({"id": [1, 2, 3], "customer": [7, 7, 8], "note": ["a", "b", "c"]})


@dataclass
class FakeEngine:
    """Gives the same rows for every statement, and can be told to do something while it runs."""

    name: str = "fake 1"
    explanation: Explanation = field(default_factory=Explanation)
    ran: list[tuple[Verdict, Limits]] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    fault: BaseException | None = None
    told: Progress | None = None
    batches: int = 1

    def explain(self, verdict: Verdict, *, runs_next: bool = False) -> Explanation:
        if isinstance(self.fault, EngineUnavailable):
            raise self.fault
        return Explanation() if runs_next else self.explanation

    def run(
        self,
        verdict: Verdict,
        limits: Limits,
        query_id: str,
        cancelled: Event | None = None,
        progress: Callable[[Progress], None] | None = None,
        sink: Callable[[pa.RecordBatch], None] | None = None,
    ) -> Rows:
        self.ran.append((verdict, limits))
        if progress and self.told:
            progress(self.told)
        self.meanwhile()
        if self.fault:
            raise self.fault
        if cancelled and cancelled.is_set():
            raise Cancelled("Stopped.")
        table = pa.table({"id": [1, 2]})
        if sink is not None:
            for batch in table.to_batches() * self.batches:
                sink(batch)
            table = table.slice(0, 0)
        return Rows(
            table=table,
            columns=verdict.columns,
            truncated=False,
            query_id=query_id,
            snapshots={scan.table: scan.snapshot_id for scan in verdict.scans},
        )

    def close(self) -> None:
        """Nothing to stop."""


@dataclass
class World:
    """A small lake: orders open to all, payroll restricted and closed."""

    lake: Lake
    engine: FakeEngine
    catalog: Catalog
    gov: Governance

    def entries(self) -> list[dict[str, object]]:
        texts = beneath(state_url(self.gov.home), "SELECT entry FROM audit ORDER BY seq")
        found = [json.loads(str(text)) for (text,) in texts]
        return [entry for entry in found if entry["kind"] in {"intent", "outcome", "refusal"}]

    def statuses(self) -> list[object]:
        return [entry.get("status", entry["kind"]) for entry in self.entries()]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    gov = open_governance(tmp_path, Clock())
    catalog = open_catalog(tmp_path, gov.state, catalog_url(tmp_path))
    key = ForeignKey(columns=("customer",), ref_table=CUSTOMERS, ref_columns=("id",))
    catalog.create(CUSTOMERS, DATA.schema, TableDescription(owner="shop-team", primary_key=("id",)))
    catalog.create(ORDERS, DATA.schema, TableDescription(owner="shop-team", primary_key=("id",), foreign_keys=(key,)))
    catalog.create(PAYROLL, DATA.schema, TableDescription(owner="people", restricted=True))
    for ref in (ORDERS, CUSTOMERS):
        info = catalog.append(ref, DATA)
        gov.reviews.decide(ANN, info, ["id", "customer"], ReviewState.OPEN)
    gov.grants.add("shop", "everyone", by=ANN)
    engine = FakeEngine()
    yield World(Lake(catalog, gov.policy, gov.audit, engine, Limits()), engine, catalog, gov)
    catalog.close()
    gov.state.dispose()


def test_a_statement_is_checked_run_and_audited(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    assert verdict.passed
    rows = world.lake.run(verdict, run_id="r1")
    assert rows.table.num_rows == 2
    intent, outcome = world.entries()
    assert (intent["query_id"], intent["run_id"], intent["engine"]) == (rows.query_id, "r1", "fake 1")
    assert (outcome["query_id"], outcome["status"], outcome["rows"]) == (rows.query_id, "ok", 2)
    assert world.engine.ran[0][1] == Limits()
    world.lake.run(verdict, Limits(rows=1))
    assert world.engine.ran[1][1] == Limits(rows=1)


def test_a_refused_statement_never_reaches_the_engine_and_is_audited(world: World) -> None:
    for sql, kind in (
        ("SELECT note FROM shop.orders", BadInput),
        ("SELECT id FROM hr.payroll", AccessDenied),
        ("DROP TABLE shop.orders", BadInput),
    ):
        verdict = world.lake.check(sql, BEA)
        assert not verdict.passed
        with pytest.raises(kind):
            world.lake.run(verdict)
    assert world.engine.ran == []
    assert world.statuses() == ["refusal"] * 3


def test_the_engines_findings_and_types_are_merged(world: World) -> None:
    wrong = Finding(code="DIA001", severity=Severity.ERROR, message="Not mapped.")
    world.engine.explanation = Explanation(columns=(OutputColumn(name="id", type="bigint"),), findings=(wrong,))
    verdict = world.lake.check(SQL, BEA)
    assert (verdict.passed, verdict.columns, verdict.findings) == (
        False,
        (OutputColumn(name="id", type="bigint"),),
        (wrong,),
    )
    with pytest.raises(BadInput, match="Not mapped"):
        world.lake.run(verdict)


def test_what_only_a_plan_shows_is_told_by_a_run_that_was_not_planned(world: World) -> None:
    wrong = Finding(code="DIA090", severity=Severity.ERROR, message="No such thing.", hint="Another way.")
    world.engine.explanation = Explanation(findings=(wrong,))
    world.engine.fault = EngineError("The engine could not run the statement.", code="TYPE_MISMATCH", detail="b@x.org")
    verdict = world.lake.check(SQL, BEA, runs_next=True)
    assert verdict.passed
    with pytest.raises(Unplannable, match="No such thing") as caught:
        world.lake.run(verdict)
    assert (caught.value.hint, caught.value.findings) == ("Another way.", (wrong,))
    world.engine.explanation = Explanation()
    with pytest.raises(EngineError) as failed:
        world.lake.run(verdict)
    assert (failed.value.code, failed.value.detail) == ("TYPE_MISMATCH", "")
    assert world.statuses() == ["intent", "error"] * 2


def test_a_statement_that_counts_for_a_day_is_planned_before_it_runs(world: World) -> None:
    world.engine.explanation = Explanation(reads=((ORDERS, 60),))
    few = Limits(scan_bytes=10)
    lake = Lake(world.catalog, world.gov.policy, world.gov.audit, world.engine, few)
    assert [f.code for f in lake.check(SQL, BEA, runs_next=True).findings] == ["LIM001"]


def test_masks_survive_whatever_columns_the_engine_tells(world: World) -> None:
    info = world.catalog.table(ORDERS)
    assert info is not None
    world.gov.reviews.decide(ANN, info, ["note"], ReviewState.MASKED)
    told = tuple(OutputColumn(name=name, type="varchar") for name in ("id", "note"))
    world.engine.explanation = Explanation(columns=told)
    masked = [c.masked for c in world.lake.check("SELECT id, note FROM shop.orders", BEA).columns]
    assert masked == [False, True]
    masked = [c.masked for c in world.lake.check("SELECT note FROM shop.orders", BEA).columns]
    assert masked == [True, True]


def test_a_change_between_check_and_run_is_noticed(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.catalog.append(ORDERS, DATA)
    rows = world.lake.run(verdict)
    info = world.catalog.table(ORDERS)
    assert info is not None
    assert rows.snapshots == {ORDERS: info.snapshot_id}
    assert verdict.scans[0].snapshot_id != info.snapshot_id


def test_a_right_taken_back_between_check_and_run_stops_it(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.gov.grants.remove("shop", "everyone", by=ANN)
    with pytest.raises(AccessDenied):
        world.lake.run(verdict)
    assert world.engine.ran == []


def test_a_column_closed_between_check_and_run_stops_it(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    info = world.catalog.table(ORDERS)
    assert info is not None
    world.gov.reviews.decide(ANN, info, ["id"], ReviewState.DENIED)
    with pytest.raises(BadInput):
        world.lake.run(verdict)


def test_a_right_taken_back_while_it_runs_withholds_the_rows(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.engine.meanwhile = lambda: world.gov.grants.remove("shop", "everyone", by=ANN)
    with pytest.raises(AccessDenied, match="while the statement ran"):
        world.lake.run(verdict)
    assert world.statuses() == ["intent", "withdrawn"]


def test_a_fault_after_the_rows_came_has_an_outcome_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = world.lake.check(SQL, BEA)

    def damaged(_: Verdict, __: str) -> str:
        raise HomeError("A table of this lake is damaged.")

    monkeypatch.setattr(world.lake, "_must_hold", damaged)
    with pytest.raises(HomeError):
        world.lake.run(verdict)
    intent, outcome = world.entries()
    assert (outcome["query_id"], outcome["status"], outcome["error"]) == (intent["query_id"], "error", "HomeError")


def test_each_batch_is_held_against_the_policy_of_its_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    verdict, looked = world.lake.check(SQL, BEA), []
    monkeypatch.setattr("townlake.lake.check", lambda *args, **named: looked.append(1) or check(*args, **named))
    taken: list[int] = []

    def take(batch: pa.RecordBatch) -> None:
        taken.append(batch.num_rows)
        if len(taken) == 1:
            world.gov.grants.add("hr", "people", by=ANN)

    world.engine.batches = 4
    rows = world.lake.run(verdict, sink=take)
    assert (taken, rows.table.num_rows, len(looked)) == ([2] * 4, 0, 1)
    assert world.entries()[-1]["rows"] == 8


def test_another_decision_while_it_runs_changes_nothing(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.engine.meanwhile = lambda: world.gov.grants.add("hr", "people", by=ANN)
    assert world.lake.run(verdict).table.num_rows == 2


def test_a_dropped_table_is_told_as_such(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.catalog.drop(ORDERS)
    with pytest.raises(NotFound, match=r"shop\.orders was dropped"):
        world.lake.run(verdict)
    world.catalog.create(ORDERS, DATA.schema)
    with pytest.raises(NotFound, match=r"shop\.orders was dropped"):
        world.lake.run(verdict)


def test_a_table_dropped_while_it_runs_is_told_as_such(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.engine.meanwhile = lambda: world.catalog.drop(ORDERS)
    world.engine.fault = EngineError("It failed.", detail="no such file /secret")
    with pytest.raises(NotFound, match="dropped"):
        world.lake.run(verdict)
    assert world.statuses() == ["intent", "error"]


def test_a_verdict_from_elsewhere_is_checked_again_from_the_text_as_asked(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    forged = verdict.model_copy(update={"sql": "SELECT * FROM hr.payroll"})
    world.lake.run(forged)
    assert world.engine.ran[0][0] == verdict
    other = forged.model_copy(update={"asked": "SELECT id FROM hr.payroll"})
    with pytest.raises(AccessDenied):
        world.lake.run(other)
    revived = Verdict.model_validate_json(verdict.model_dump_json())
    assert world.lake.run(revived).table.num_rows == 2


def test_the_schema_that_was_given_holds_for_the_second_check(world: World) -> None:
    verdict = world.lake.check("SELECT id FROM orders", BEA, namespace="shop")
    assert verdict.passed
    world.catalog.append(CUSTOMERS, DATA)
    assert world.lake.run(verdict).table.num_rows == 2


def test_old_verdicts_are_forgotten_but_still_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townlake.lake._MOST_ISSUED", 1)
    first = world.lake.check(SQL, BEA)
    world.lake.check("SELECT customer FROM shop.orders", BEA)
    assert world.lake.run(first).table.num_rows == 2


def test_rows_of_an_older_snapshot_can_be_read_again(world: World) -> None:
    before = world.catalog.table(ORDERS)
    assert before is not None
    assert before.snapshot_id is not None
    world.catalog.append(ORDERS, DATA)
    pinned = {ORDERS: before.snapshot_id}
    verdict = world.lake.check(SQL, BEA, snapshots=pinned)
    assert verdict.pinned == (ORDERS,)
    assert world.lake.run(verdict).snapshots == pinned
    world.catalog.append(ORDERS, DATA)
    assert world.lake.run(verdict).snapshots == pinned
    with pytest.raises(NotFound, match="no longer kept"):
        world.lake.check(SQL, BEA, snapshots={ORDERS: 1})
    refused = world.lake.check("SELECT id FROM hr.payroll", BEA, snapshots={PAYROLL: 1})
    assert not refused.passed


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (LimitExceeded("Too long.", limit="seconds"), "limit", "seconds"),
        (Cancelled("Stopped."), "cancelled", ""),
        (KeyboardInterrupt(), "cancelled", ""),
        (EngineError("It failed.", code="DIVISION_BY_ZERO", detail="value 4711"), "error", "DIVISION_BY_ZERO"),
        (RuntimeError("value 4711"), "error", "RuntimeError"),
    ],
)
def test_every_end_has_an_outcome_and_no_value_leaves(
    world: World, caplog: pytest.LogCaptureFixture, fault: BaseException, status: str, words: str
) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.engine.fault = fault
    with caplog.at_level(logging.ERROR), pytest.raises(type(fault)) as caught:
        world.lake.run(verdict)
    outcome = world.entries()[-1]
    assert (outcome["status"], outcome["error"]) == (status, words)
    assert "4711" not in json.dumps(world.entries())
    if isinstance(fault, EngineError):
        assert "4711" in caplog.text
        found = caught.value
        assert isinstance(found, EngineError)
        assert (found.detail, found.code, found.__suppress_context__) == ("", "DIVISION_BY_ZERO", True)


def test_cancelling_reaches_the_engine(world: World) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        world.lake.run(world.lake.check(SQL, BEA), cancelled=stop)


def test_an_engine_that_is_away_is_told_without_its_words(world: World) -> None:
    world.engine.fault = EngineUnavailable("The engine does not answer.", detail="socket /secret")
    with pytest.raises(EngineUnavailable) as caught:
        world.lake.check(SQL, BEA)
    assert caught.value.detail == ""


def test_nothing_runs_when_the_intent_cannot_be_written(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    full_audit(world.gov.home)
    with pytest.raises(AuditUnavailable):
        world.lake.run(verdict)
    assert world.engine.ran == []
    with pytest.raises(AuditUnavailable):
        world.lake.check("DROP TABLE x", BEA)


def test_no_rows_come_out_when_the_outcome_cannot_be_written(world: World) -> None:
    verdict = world.lake.check(SQL, BEA)
    world.engine.meanwhile = lambda: full_audit(world.gov.home)
    with pytest.raises(AuditUnavailable):
        world.lake.run(verdict)


def test_a_caller_sees_of_a_table_what_is_open(world: World) -> None:
    view = world.lake.table(ORDERS, BEA)
    assert view is not None
    assert [column.name for column in view.info.columns] == ["id", "customer"]
    assert view.access.visible == ("id", "customer")
    assert len(view.access.columns) == 2
    assert view.info.metadata_location == ""
    assert (view.info.row_count, view.info.primary_key) == (3, ("id",))
    assert [key.ref_table for key in view.info.foreign_keys] == [CUSTOMERS]
    assert view.access.ask


def test_of_a_closed_table_only_the_description_is_told(world: World) -> None:
    world.gov.grants.remove("shop", "everyone", by=ANN)
    view = world.lake.table(ORDERS, BEA)
    assert view is not None
    assert (view.info.columns, view.access.columns, view.info.row_count, view.info.byte_count) == ((), (), None, None)
    assert (view.info.primary_key, view.info.foreign_keys, view.info.snapshot_id) == ((), (), None)
    assert view.info.owner == "shop-team"
    assert "skipper review request" in view.access.ask


def test_a_restricted_table_and_a_missing_one_are_the_same(world: World) -> None:
    assert world.lake.table(PAYROLL, BEA) is None
    assert world.lake.table(TableRef.parse("hr.nothing"), BEA) is None
    assert [view.info.ref for view in world.lake.tables(BEA)] == [CUSTOMERS, ORDERS]
    world.gov.grants.add("hr", "sales", by=ANN)
    assert world.lake.table(PAYROLL, BEA) is None
    info = world.catalog.table(PAYROLL)
    assert info is not None
    world.gov.reviews.decide(ANN, info, ["id"], ReviewState.OPEN)
    assert world.lake.table(PAYROLL, BEA) is not None
    assert world.lake.table(PAYROLL, ANN) is None
    assert [view.info.ref for view in world.lake.tables(BEA)] == [PAYROLL, CUSTOMERS, ORDERS]


def test_keys_and_successors_name_nothing_hidden(world: World) -> None:
    to_payroll = ForeignKey(columns=("customer",), ref_table=PAYROLL, ref_columns=("id",))
    to_hidden = ForeignKey(columns=("customer",), ref_table=CUSTOMERS, ref_columns=("note",))
    from_hidden = ForeignKey(columns=("note",), ref_table=CUSTOMERS, ref_columns=("id",))
    world.catalog.describe(
        ORDERS,
        TableDescription(
            primary_key=("note",),
            foreign_keys=(to_payroll, to_hidden, from_hidden),
            replaced_by=PAYROLL,
            tier=Tier.DEPRECATED,
            sampling=Sampling(interval_column="note"),
        ),
    )
    for view in (world.lake.table(ORDERS, BEA), world.lake.tables(BEA)[1]):
        assert view is not None
        assert (view.info.foreign_keys, view.info.primary_key, view.info.replaced_by) == ((), (), None)
        assert view.info.sampling == Sampling()
    findings = {finding.code: finding.hint for finding in world.lake.check(SQL, BEA).findings}
    assert findings == {
        "CAT001": "Ask its owner what took its place.",
        "CAT002": "Counts and sums are too low by an interval that you may not see.",
    }


def test_deprecated_and_sampled_tables_are_said_to_be_so(world: World) -> None:
    for sampling, words in ((Sampling(interval_column="customer"), "sum(customer)"), (Sampling(interval=100), "100")):
        world.catalog.describe(ORDERS, TableDescription(tier=Tier.DEPRECATED, replaced_by=CUSTOMERS, sampling=sampling))
        findings = {finding.code: finding for finding in world.lake.check(SQL, BEA).findings}
        assert findings["CAT001"].hint == "Use lake.shop.customers."
        assert words in findings["CAT002"].hint


def test_who_sees_only_some_rows_is_told_no_count(world: World) -> None:
    info = world.catalog.table(ORDERS)
    assert info is not None
    world.gov.row_filters.add(info, "sales", "id > 1", by=ANN)
    view = world.lake.table(ORDERS, BEA)
    assert view is not None
    assert (view.info.row_count, view.info.byte_count) == (None, None)
    assert world.lake.check(SQL, BEA).row_filtered == (ORDERS,)


def test_the_list_of_tables_is_kept_until_something_changes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("townlake.lake._MOST_SIGHTS", 1)
    version = world.lake.version()
    first = world.lake.tables(BEA)
    assert world.lake.tables(BEA) is first
    assert world.lake.version() == version
    world.lake.tables(ANN)
    assert world.lake.tables(BEA) is not first
    world.catalog.append(ORDERS, DATA)
    assert world.lake.version() != version
    assert world.lake.tables(BEA) != first


def limited(world: World, **figures: float) -> Lake:
    """The same lake, with a day of every user limited."""
    gov = world.gov
    allowances = Allowances(gov.state, gov.clock, gov.audit)
    quotas = Quotas(gov.state, gov.clock, allowances, {PrincipalKind.USER: Allowance.model_validate(figures)})
    return Lake(world.catalog, gov.policy, gov.audit, world.engine, Limits(), quotas)


def used(world: World, day: str = "2026-03-01") -> Use:
    bea = Account(PrincipalKind.USER, "bea")
    return Use(*uses_of(world.gov.state, day, [bea])[bea][:2])


def test_what_is_read_counts_for_the_day(world: World) -> None:
    world.engine.explanation = Explanation(reads=((ORDERS, 60),))
    lake = limited(world, day_bytes=100, day_seconds=50.0)
    verdict = lake.check(SQL, BEA)
    world.engine.meanwhile = lambda: _holds(used(world) == Use(60, 30_000))
    lake.run(verdict)
    assert used(world).bytes == 60
    assert used(world).milliseconds < 5_000
    assert world.entries()[-1]["read_bytes"] == 60
    with pytest.raises(LimitExceeded, match="60 %"):
        # It was checked before, and somebody took the rest meanwhile.
        lake.run(verdict)
    assert world.statuses() == ["intent", "ok", "refusal"]
    again = lake.check(SQL, BEA)
    assert [finding.code for finding in again.findings] == ["LIM002"]
    assert "Filter its rows" in again.findings[0].hint
    world.gov.clock.move(days=1)
    assert lake.check(SQL, BEA).passed


@pytest.mark.parametrize(("size", "passes"), [(-5, True), (10**30, False)])
def test_an_estimate_that_cannot_be_breaks_nothing(world: World, size: int, passes: bool) -> None:
    world.engine.explanation = Explanation(reads=((ORDERS, size),))
    lake = limited(world, day_bytes=100)
    verdict = lake.check(SQL, BEA)
    assert verdict.passed is passes
    if passes:
        lake.run(verdict)
        assert used(world).bytes == 0


def test_an_engine_that_counts_is_believed(world: World) -> None:
    world.engine.explanation = Explanation(reads=((ORDERS, 60),))
    lake = limited(world, day_bytes=100)
    world.engine.told = Progress(state="FINISHED", bytes=9, stored_bytes=7)
    told: list[Progress] = []
    lake.run(lake.check(SQL, BEA), progress=told.append)
    assert (used(world).bytes, told) == (7, [world.engine.told])
    lake.run(lake.check(SQL, BEA))
    assert used(world).bytes == 14


def test_a_run_that_fails_is_settled_too(world: World) -> None:
    world.engine.explanation = Explanation(reads=((ORDERS, 60),))
    lake = limited(world, day_bytes=100)
    verdict = lake.check(SQL, BEA)
    world.engine.fault = Cancelled("Stopped.")
    with pytest.raises(Cancelled):
        lake.run(verdict)
    assert used(world).bytes == 60
    world.gov.clock.move(days=1)
    world.engine.fault = EngineUnavailable("It does not answer.")
    with pytest.raises(EngineUnavailable):
        lake.run(verdict)
    assert used(world, "2026-03-02") == Use(0, 0)


def test_a_run_gets_no_more_time_than_is_left_of_the_day(world: World) -> None:
    lake = limited(world, day_seconds=4.0, day_bytes=10**9, memory_bytes=1000)
    lake.run(lake.check(SQL, BEA), Limits(rows=5, seconds=9.0))
    limits = world.engine.ran[-1][1]
    assert (limits.rows, limits.seconds, limits.memory_bytes) == (5, 4.0, 1000)


def test_time_that_is_used_up_is_told_without_a_table(world: World) -> None:
    world.engine.explanation = Explanation(reads=())
    (found,) = limited(world, day_seconds=0.0).check("SELECT 1", BEA).findings
    assert found.code == "LIM003"
    assert found.hint == "Ask again later. The day begins anew at 2026-03-02 00:00 UTC."


def test_without_an_intent_nothing_is_reserved(world: World) -> None:
    lake = limited(world, day_bytes=10**9)
    verdict = lake.check(SQL, BEA)
    full_audit(world.gov.home)
    with pytest.raises(AuditUnavailable):
        lake.run(verdict)
    assert used(world) == Use(0, 0)


def test_an_engine_without_an_estimate_gets_one_from_the_snapshots(world: World) -> None:
    def wanted(sql: str) -> int:
        size = world.catalog.table(ORDERS)
        assert size is not None
        assert size.byte_count is not None
        verdict = limited(world, day_bytes=10**9).check(sql, BEA)
        reads = estimated_reads(verdict, lambda scan: world.catalog.table(scan.table))
        return sum(read for _, read in reads) * 100 // size.byte_count

    assert 0 < wanted(SQL) < wanted("SELECT id, customer FROM shop.orders") < 100
    assert wanted("SELECT a.id FROM shop.orders a JOIN shop.orders b ON a.id = b.id") // wanted(SQL) == 2
    assert wanted("SELECT 1") == 0
    verdict = limited(world, scan_bytes=1).check(SQL, BEA)
    assert [finding.code for finding in verdict.findings] == ["LIM001"]


def _holds(fact: bool) -> None:
    assert fact
