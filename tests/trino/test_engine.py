"""Trino as an engine of the lake: the answers of the embedded one, limits, cancellation, snapshots, both ways."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.support.databases import catalog_url
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from tests.trino.grown import engine_of, lake_catalog, open_trino
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.domain.allowance import Allowance
from townlake.domain.errors import AccessDenied, BadInput, Cancelled, EngineError, LimitExceeded
from townlake.domain.limits import Limits
from townlake.domain.location import path_of
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.progress import Progress
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.verdict import Verdict
from townlake.engines.duckdb.engine import DuckDBEngine
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.engine import TrinoEngine
from townlake.engines.values import json_rows
from townlake.governance.allowances import Allowances
from townlake.governance.day_uses import Account, day_of, uses_of
from townlake.governance.quotas import Quotas
from townlake.lake import Lake

pytestmark = [pytest.mark.trino, pytest.mark.timeout(300)]
ANN, BEA = Principal(subject="ann"), Principal(subject="bea")
KINDS = TableRef.parse("shop.kinds")
LONG = (
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x) CROSS JOIN UNNEST(sequence(1, 10000)) b(y)"
    " CROSS JOIN UNNEST(sequence(1, 10000)) c(z) WHERE (x * y + z) % 7 = 3"
)
ROWS = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int64()),
        "small": pa.array([1, None, -3], pa.int32()),
        "amount": pa.array([Decimal("1.50"), None, Decimal("-99999999.99")], pa.decimal128(12, 2)),
        "share": pa.array([0.5, float("nan"), None], pa.float64()),
        "name": pa.array(["Ann", None, "ß"], pa.string()),
        "mail": pa.array(["ann@example.com", "nobody", None], pa.string()),
        "phone": pa.array(["+43 660 1234567", "112", None], pa.string()),
        "pay": pa.array([1234.5, 87.0, None], pa.float64()),
        "born": pa.array([date(1980, 3, 1), None, date(1, 1, 1)], pa.date32()),
        "seen": pa.array([datetime(2024, 3, 5, 14, 7, 9, 123456), None, datetime(1969, 12, 31)], pa.timestamp("us")),  # noqa: DTZ001
        "at": pa.array([datetime(2024, 3, 5, 14, 7, 9, tzinfo=UTC), None, None], pa.timestamp("us", "UTC")),
        "yes": pa.array([True, None, False]),
        "raw": pa.array([b"\xab", None, b""], pa.binary()),
        "tags": pa.array([["a", None], [], None], pa.list_(pa.string())),
        "attrs": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64())),
        "place": pa.array([{"city": "Graz", "zip": 8010}, None, {"city": None, "zip": None}]),
    }
)
MASKS = {
    "mail": MaskMethod.DOMAIN,
    "phone": MaskMethod.LAST4,
    "pay": MaskMethod.BAND,
    "born": MaskMethod.YEAR,
    "raw": MaskMethod.REDACT,
}
SAME = (
    "SELECT * FROM shop.kinds ORDER BY id",
    "SELECT mail, phone, pay, born FROM shop.kinds WHERE mail = '@example.com' OR phone LIKE '****%'",
    "SELECT count(*), sum(amount), avg(share), max(seen), min(name) FROM shop.kinds",
    "SELECT id / 2, small * 2, amount / 3, CAST(amount AS double) FROM shop.kinds ORDER BY id",
    "SELECT k, v FROM shop.kinds CROSS JOIN UNNEST(attrs) AS t(k, v)",
    "SELECT place.city, tags[1] FROM shop.kinds WHERE id = 1",
    "SELECT date_trunc('month', seen), date_diff('day', born, date(seen)) FROM shop.kinds ORDER BY id",
    "SELECT name FROM shop.kinds WHERE id > 5",
    "SELECT 1 AS a, 1 AS a",
    "SHOW TABLES FROM shop",
    "DESCRIBE shop.kinds",
    "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY 1, 2",
    "SELECT 1 / (id - 1) FROM shop.kinds",
    "SELECT CAST(name AS bigint) FROM shop.kinds",
    "SELECT (SELECT id FROM shop.kinds)",
    "SELECT nosuch FROM shop.kinds",
    "SELECT hush FROM shop.kinds",
    "SELECT * FROM hr.pay",
    "SELECT name + 1 FROM shop.kinds",
    "DELETE FROM shop.kinds",
    "SELECT * FROM TABLE(system.query('x'))",
    'SELECT * FROM shop."kinds$files"',
    "WITH SESSION query_max_run_time = '1h' SELECT 1",
    "SELECT",
)


@dataclass(frozen=True)
class Two:
    """One lake before two engines."""

    gov: Governance
    catalog: Catalog
    server: Coordinator
    trino: Lake
    duckdb: Lake


@pytest.fixture(scope="module")
def two(postgres: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    home = tmp_path_factory.mktemp("two")
    gov = open_governance(home, Clock())
    url = catalog_url(home)
    assert url is not None
    catalog = open_catalog(home, gov.state, url)
    hush = ROWS.append_column("hush", pa.array(["a", "b", "c"]))
    catalog.create(KINDS, hush.schema)
    info = catalog.append(KINDS, hush)
    gov.reviews.decide(ANN, info, [c for c in ROWS.column_names if c not in MASKS], ReviewState.OPEN)
    for column, method in MASKS.items():
        gov.reviews.decide(ANN, info, [column], ReviewState.MASKED, mask=method)
    pay = TableRef.parse("hr.pay")
    catalog.create(pay, pa.schema([("gross", pa.int64())]))
    gov.grants.add("shop", "everyone", by=ANN)
    with open_trino(home / "trino", {"lake": lake_catalog(path_of(catalog.files.warehouse), url)}) as server:
        engines = engine_of(server), DuckDBEngine(path_of(catalog.files.warehouse), 1)
        trino, duckdb = (Lake(catalog, gov.policy, gov.audit, engine, Limits()) for engine in engines)
        yield Two(gov, catalog, server, trino, duckdb)
        engines[1].close()
    catalog.close()
    gov.state.dispose()


def outcome(lake: Lake, sql: str) -> object:
    """All that a caller learns: findings, columns, rows, or the class and the words of an error."""
    verdict = lake.check(sql, BEA)
    told = [(f.code, f.message) for f in verdict.findings if f.code != "DIA090"]
    if not verdict.passed:
        return told
    try:
        rows = lake.run(verdict)
    except EngineError as error:
        return told, error.code, error.message, error.hint
    return told, rows.columns, json_rows(rows), rows.truncated


@pytest.mark.parametrize("sql", SAME)
def test_both_engines_give_the_same(two: Two, sql: str) -> None:
    assert outcome(two.trino, sql) == outcome(two.duckdb, sql)


def engine(two: Two) -> TrinoEngine:
    return engine_of(two.server)


def running(two: Two) -> list[str]:
    with two.server.cursor("operator") as cursor:
        rows = cursor.execute(
            "SELECT query FROM system.runtime.queries WHERE state = 'RUNNING' AND query NOT LIKE '%runtime%'"
        ).fetchall()
    return [row[0] for row in rows]


def passed(sql: str) -> Verdict:
    return Verdict(asked=sql, principal=BEA, sql=sql)


def test_a_statement_is_stopped_from_another_thread_and_ends_in_trino(two: Two) -> None:
    stop, seen = threading.Event(), list[Progress]()

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.total:
            stop.set()

    began = time.monotonic()
    with pytest.raises(Cancelled):
        engine(two).run(passed(LONG), Limits(seconds=60), "q", stop, watch)
    assert time.monotonic() - began < 20
    assert running(two) == []
    assert seen[0].state in {"QUEUED", "PLANNING", "STARTING", "RUNNING"}
    assert seen[-1].state == "RUNNING"


def test_time_is_bounded_and_the_statement_ends_in_trino(two: Two) -> None:
    began = time.monotonic()
    with pytest.raises(LimitExceeded) as caught:
        engine(two).run(passed(LONG), Limits(seconds=2), "q")
    assert caught.value.limit == "seconds"
    assert time.monotonic() - began < 10
    assert running(two) == []


def test_memory_is_bounded(two: Two) -> None:
    large = (
        "SELECT count(*) FROM (SELECT x * 10000 + y, count(*) FROM UNNEST(sequence(1, 3000)) a(x)"
        " CROSS JOIN UNNEST(sequence(1, 10000)) b(y) GROUP BY 1)"
    )
    with pytest.raises(LimitExceeded) as caught:
        engine(two).run(passed(large), Limits(memory_bytes=20_000_000), "q")
    assert caught.value.limit == "memory"


def test_what_would_read_too_much_does_not_run(two: Two) -> None:
    narrow = Lake(two.catalog, two.gov.policy, two.gov.audit, engine(two), Limits(scan_bytes=50))
    verdict = narrow.check("SELECT * FROM shop.kinds", BEA)
    assert not verdict.passed
    (found,) = [finding for finding in verdict.findings if finding.code == "LIM001"]
    assert "one may read 50 bytes" in found.message
    assert "lake.shop.kinds" in found.hint
    assert "born or seen or at" in found.hint
    assert narrow.check("SELECT 1", BEA).passed


def test_what_trino_read_counts_for_the_day(two: Two) -> None:
    gov, bea = two.gov, Account(PrincipalKind.USER, "bea")
    given = {PrincipalKind.USER: Allowance(day_bytes=1_000_000)}
    quotas = Quotas(gov.state, gov.clock, Allowances(gov.state, gov.clock, gov.audit), given)
    lake = Lake(two.catalog, gov.policy, gov.audit, engine(two), Limits(), quotas)
    day = day_of(gov.clock())
    lake.run(lake.check("SELECT 1", BEA))
    assert uses_of(gov.state, day, [bea])[bea].bytes == 0
    lake.run(lake.check("SELECT * FROM shop.kinds", BEA))
    files = sum(path.stat().st_size for path in path_of(two.catalog.files.warehouse).rglob("*.parquet"))
    used = uses_of(gov.state, day, [bea])[bea]
    assert 0 < used.bytes <= files
    assert used.milliseconds > 0


def test_more_rows_than_wanted_are_cut_and_told(two: Two) -> None:
    many = passed("SELECT x FROM UNNEST(sequence(1, 10000)) a(x) CROSS JOIN UNNEST(sequence(1, 60)) b(y)")
    some = engine(two).run(many, Limits(rows=15_000), "q")
    assert (some.table.num_rows, some.truncated) == (15_000, True)
    everything = engine(two).run(many, Limits(rows=600_000), "q")
    assert (everything.table.num_rows, everything.truncated) == (600_000, False)
    assert engine(two).run(many, Limits(rows=0), "q").table.num_rows == 0
    with pytest.raises(LimitExceeded) as caught:
        engine(two).run(many, Limits(rows=600_000, result_bytes=1_000_000), "q")
    assert caught.value.limit == "bytes"
    assert running(two) == []


@pytest.mark.parametrize("engine", ["trino", "duckdb"])
def test_a_result_of_any_size_goes_to_a_sink_as_it_comes(two: Two, engine: str) -> None:
    lake, sizes = getattr(two, engine), list[int]()
    many = "SELECT x, y FROM UNNEST(sequence(1, 1000)) a(x) CROSS JOIN UNNEST(sequence(1, 600)) b(y)"
    rows = lake.run(lake.check(many, BEA), Limits(rows=10**6), sink=lambda batch: sizes.append(batch.num_rows))
    assert (sum(sizes), rows.table.num_rows, rows.truncated) == (600_000, 0, False)
    assert max(sizes) <= 10_000

    def stop(batch: pa.RecordBatch) -> None:
        raise KeyError("full")

    with pytest.raises(KeyError, match="full"):
        lake.run(lake.check(many, BEA), sink=stop)
    assert json_rows(lake.run(lake.check("SELECT 1", BEA))) == [[1]]


def test_rows_stop_coming_when_the_rights_change(two: Two) -> None:
    sizes: list[int] = []

    def take(batch: pa.RecordBatch) -> None:
        sizes.append(batch.num_rows)
        info = two.catalog.table(KINDS)
        assert info is not None
        two.gov.reviews.decide(ANN, info, ["name"], ReviewState.DENIED)

    try:
        for lake in (two.trino, two.duckdb):
            verdict = lake.check("SELECT name FROM shop.kinds CROSS JOIN UNNEST(sequence(1, 10000)) a(x)", BEA)
            with pytest.raises(AccessDenied, match="rights changed"):
                lake.run(verdict, sink=take)
            assert len(sizes) == 1
            sizes.clear()
            info = two.catalog.table(KINDS)
            assert info is not None
            two.gov.reviews.decide(ANN, info, ["name"], ReviewState.OPEN)
    finally:
        info = two.catalog.table(KINDS)
        assert info is not None
        two.gov.reviews.decide(ANN, info, ["name"], ReviewState.OPEN)


def test_a_failure_has_trinos_class_and_no_value(two: Two) -> None:
    with pytest.raises(EngineError) as caught:
        engine(two).run(passed("SELECT CAST(x AS integer) FROM (VALUES 'hush') AS v(x)"), Limits(), "q7")
    assert (caught.value.code, caught.value.query_id) == ("INVALID_CAST_ARGUMENT", "q7")
    assert "hush" not in str(caught.value)
    assert "hush" in caught.value.detail


def test_trino_knows_who_asks_through_what_and_for_which_query(two: Two) -> None:
    verdict = two.trino.check("SELECT count(*) FROM shop.kinds", BEA)
    rows = two.trino.run(verdict)
    with two.server.cursor("operator") as cursor:
        found = cursor.execute(
            'SELECT "user", source FROM system.runtime.queries'
            " WHERE \"user\" = 'bea' AND query LIKE 'SELECT COUNT(*)%kinds%' ORDER BY created DESC LIMIT 1"
        ).fetchall()
    assert found == [["bea", "skipper"]]
    assert rows.query_id


def test_tables_are_read_at_the_snapshot_that_was_checked(two: Two) -> None:
    ref = TableRef.parse("shop.growing")
    two.catalog.create(ref, pa.schema([("id", pa.int64())]))
    info = two.catalog.table(ref)
    assert info is not None
    two.gov.reviews.decide(ANN, info, None, ReviewState.OPEN, unscanned=True)
    counting = two.trino.check("SELECT count(*) FROM shop.growing g", BEA)
    first = two.catalog.append(ref, pa.table({"id": [1, 2]}))
    assert json_rows(engine(two).run(counting, Limits(), "q")) == [[0]]
    counting = two.trino.check("SELECT count(*) FROM shop.growing g", BEA)
    two.catalog.append(ref, pa.table({"id": [3]}))
    assert json_rows(engine(two).run(counting, Limits(), "q")) == [[2]]
    assert json_rows(two.trino.run(two.trino.check("SELECT count(*) FROM shop.growing", BEA))) == [[3]]
    assert first.snapshot_id is not None
    old = two.trino.check("SELECT id FROM shop.growing", BEA, snapshots={ref: first.snapshot_id})
    assert sorted(json_rows(two.trino.run(old))) == [[1], [2]]


def test_a_schema_that_is_newer_than_the_rows_is_the_one_that_counts(two: Two) -> None:
    ref = TableRef.parse("shop.renamed")
    two.catalog.create(ref, pa.schema([("old", pa.int64())]))
    two.catalog.append(ref, pa.table({"old": [7]}))
    two.catalog.rename_column(ref, "old", "new")
    info = two.catalog.add_column(ref, "extra", pa.string())
    two.gov.reviews.decide(ANN, info, None, ReviewState.OPEN, unscanned=True)
    for lake in (two.trino, two.duckdb):
        assert json_rows(lake.run(lake.check("SELECT new, extra FROM shop.renamed", BEA))) == [[7, None]]


def test_what_trino_writes_is_a_table_of_the_lake_and_starts_closed(two: Two) -> None:
    with two.server.cursor("loader") as cursor:
        cursor.execute(
            "CREATE TABLE lake.shop.made AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, name)"
        ).fetchall()
    ref = TableRef.parse("shop.made")
    info = two.catalog.table(ref)
    assert info is not None
    assert [(c.name, c.type) for c in info.columns] == [("id", "integer"), ("name", "varchar")]
    assert not two.trino.check("SELECT id FROM shop.made", BEA).passed
    two.gov.reviews.decide(ANN, info, None, ReviewState.OPEN, unscanned=True)
    with two.server.cursor("loader") as cursor:
        cursor.execute("DELETE FROM lake.shop.made WHERE id = 1").fetchall()
        cursor.execute("INSERT INTO lake.shop.made VALUES (3, 'c')").fetchall()
    two.catalog.append(ref, pa.table({"id": pa.array([4], pa.int32()), "name": ["d"]}))
    for lake in (two.trino, two.duckdb):
        rows = json_rows(lake.run(lake.check("SELECT id, name FROM shop.made ORDER BY id", BEA)))
        assert rows == [[2, "b"], [3, "c"], [4, "d"]]


def test_a_view_that_trino_made_shows_nobody_what_is_closed(two: Two) -> None:
    with two.server.cursor("loader") as cursor:
        cursor.execute("CREATE VIEW lake.shop.seen_through AS SELECT hush FROM lake.shop.kinds").fetchall()
    ref = TableRef.parse("shop.seen_through")
    assert two.catalog.table(ref) is None
    for lake in (two.trino, two.duckdb):
        assert [f.code for f in lake.check(f"SELECT hush FROM {ref}", BEA).findings] == ["NAM001"]
    with pytest.raises(BadInput, match="a view"):
        two.catalog.create(ref, pa.schema([("id", pa.int64())]))
    with two.server.cursor("loader") as cursor:
        cursor.execute("DROP VIEW lake.shop.seen_through").fetchall()


def test_appends_of_both_at_once_lose_nothing(two: Two, tmp_path: Path) -> None:
    ref = TableRef.parse("shop.crowded")
    two.catalog.create(ref, pa.schema([("id", pa.int64())]))
    info = two.catalog.append(ref, pa.table({"id": [0]}))
    two.gov.reviews.decide(ANN, info, None, ReviewState.OPEN, unscanned=True)

    def by_trino(number: int) -> None:
        with two.server.cursor("loader") as cursor:
            cursor.execute(f"INSERT INTO lake.shop.crowded VALUES ({number})").fetchall()

    def by_catalog(number: int) -> None:
        two.catalog.append(ref, pa.table({"id": [number]}))

    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(by_trino if n % 2 else by_catalog, n) for n in range(1, 17)]
        done = [n for n, each in enumerate(work, 1) if each.exception() is None]
    assert len(done) >= 12, [each.exception() for each in work]
    rows = json_rows(two.trino.run(two.trino.check("SELECT id FROM shop.crowded ORDER BY id", BEA)))
    assert rows == [[n] for n in (0, *done)]
