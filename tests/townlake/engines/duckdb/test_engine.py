"""The engine runs verdicts at their snapshots, and tells what went wrong without a value."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
import sqlalchemy as sa
from pyiceberg.catalog.sql import SqlCatalog

from townlake.catalog.catalog import open_catalog
from townlake.domain.errors import BadInput, Cancelled, EngineError, LimitExceeded
from townlake.domain.finding import Finding, Severity
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.verdict import OutputColumn, Scan, ScanColumn, Verdict
from townlake.engines.duckdb.engine import DuckDBEngine
from townlake.engines.values import json_rows
from townlake.state.store import open_state

REF = TableRef(catalog="lake", namespace="shop", name="orders")
COLUMNS = (
    ScanColumn(name="id", type="bigint", field_id=1),
    ScanColumn(name="note", type="varchar", field_id=2),
)
LIMITS = Limits(seconds=20)


@dataclass(frozen=True)
class Shop:
    engine: DuckDBEngine
    first: Scan
    second: Scan
    empty: Scan
    pruned: Scan


def scan(location: str, snapshot: int | None, columns: tuple[ScanColumn, ...] = COLUMNS) -> Scan:
    return Scan(table=REF, table_uuid="u", metadata_location=location, snapshot_id=snapshot, columns=columns)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    warehouse = tmp_path_factory.mktemp("warehouse")
    catalog = SqlCatalog("lake", uri=f"sqlite:///{warehouse}/c.db", warehouse=f"file://{warehouse}")
    catalog.create_namespace("shop")
    data = pa.table({"id": pa.array([1, 2], pa.int64()), "note": ["a", "secret-17"]})
    table = catalog.create_table("shop.orders", schema=data.schema)
    empty = scan(table.metadata_location, None)
    table.append(data)
    snapshots = [table.metadata.current_snapshot_id]
    table.append(pa.table({"id": pa.array([3], pa.int64()), "note": ["c"]}))
    snapshots.append(table.metadata.current_snapshot_id)
    location = table.metadata_location
    catalog.engine.dispose()
    engine = DuckDBEngine(warehouse, 1)
    yield Shop(
        engine,
        scan(location, snapshots[0]),
        scan(location, snapshots[1]),
        empty,
        scan(location, snapshots[1], COLUMNS[:1]),
    )
    engine.close()


def verdict(sql: str | None, *scans: Scan, findings: tuple[Finding, ...] = ()) -> Verdict:
    return Verdict(
        asked=sql or "",
        principal=Principal(subject="test"),
        sql=sql,
        scans=scans,
        findings=findings,
        columns=(OutputColumn(name="n", type="bigint", masked=True),),
    )


def rows(shop: Shop, sql: str, *scans: Scan) -> list[list[object]]:
    return json_rows(shop.engine.run(verdict(sql, *scans), LIMITS, "q1"))


def test_each_snapshot_has_its_rows(shop: Shop) -> None:
    sql = 'SELECT count(*) FROM "lake"."shop"."orders"'
    assert rows(shop, sql, shop.first) == [[2]]
    assert rows(shop, sql, shop.second) == [[3]]
    assert rows(shop, sql, shop.empty) == [[0]]
    assert rows(shop, sql, shop.first) == [[2]]


def test_a_result_knows_its_types_masks_and_snapshots(shop: Shop) -> None:
    result = shop.engine.run(verdict('SELECT sum(id) AS n FROM "lake"."shop"."orders"', shop.second), LIMITS, "q7")
    assert [(column.name, column.type, column.masked) for column in result.columns] == [("n", "bigint", True)]
    assert result.table.schema.field(0).type == pa.int64()
    assert result.query_id == "q7"
    assert result.snapshots == {REF: shop.second.snapshot_id}


def test_a_column_outside_the_scan_does_not_exist(shop: Shop) -> None:
    sql = 'SELECT note FROM "lake"."shop"."orders"'
    assert any(f.severity is Severity.ERROR for f in shop.engine.explain(verdict(sql, shop.pruned)).findings)
    with pytest.raises(EngineError):
        rows(shop, sql, shop.pruned)


def test_a_table_outside_the_scans_does_not_exist(shop: Shop) -> None:
    rows(shop, 'SELECT 1 FROM "lake"."shop"."orders"', shop.second)
    with pytest.raises(EngineError):
        rows(shop, 'SELECT 1 FROM "lake"."shop"."orders"')


def test_explain_gives_types_and_runs_nothing(shop: Shop) -> None:
    told = shop.engine.explain(verdict('SELECT id / 2, note FROM "lake"."shop"."orders"', shop.second))
    assert [(column.name, column.type) for column in told.columns] == [("_col0", "bigint"), ("note", "varchar")]
    assert told.findings == ()
    failing = shop.engine.explain(verdict('SELECT CAST(note AS integer) FROM "lake"."shop"."orders"', shop.second))
    assert failing.findings == ()


def test_what_is_not_mapped_is_refused_by_name(shop: Shop) -> None:
    told = shop.engine.explain(verdict('SELECT checksum(id) FROM "lake"."shop"."orders"', shop.second))
    assert [(finding.code, "checksum" in finding.message) for finding in told.findings] == [("DIA001", True)]
    with pytest.raises(EngineError) as caught:
        rows(shop, 'SELECT checksum(id) FROM "lake"."shop"."orders"', shop.second)
    assert caught.value.code == "NOT_SUPPORTED"


def test_an_error_names_its_class_and_no_value(shop: Shop) -> None:
    with pytest.raises(EngineError) as caught:
        rows(shop, 'SELECT CAST(note AS integer) FROM "lake"."shop"."orders"', shop.second)
    assert (caught.value.code, caught.value.query_id) == ("INVALID_CAST_ARGUMENT", "q1")
    assert "secret" not in str(caught.value)
    assert "secret" not in caught.value.detail
    assert caught.value.detail


def test_rows_are_cut_at_the_limit(shop: Shop) -> None:
    statement = verdict('SELECT id FROM "lake"."shop"."orders" ORDER BY id', shop.second)
    result = shop.engine.run(statement, Limits(rows=2), "q")
    assert (json_rows(result), result.truncated) == ([[1], [2]], True)


def test_time_runs_out(shop: Shop) -> None:
    slow = (
        "SELECT count(*) FROM UNNEST(sequence(1, 9999)) AS a(x), UNNEST(sequence(1, 9999)) AS b(y), "
        "UNNEST(sequence(1, 9999)) AS c(z) WHERE x * y % 7 = z % 11"
    )
    with pytest.raises(LimitExceeded) as caught:
        shop.engine.run(verdict(slow), Limits(seconds=0.3), "q")
    assert caught.value.limit == "seconds"
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        shop.engine.run(verdict(slow), LIMITS, "q", cancelled)


def test_a_refused_verdict_is_not_run(shop: Shop) -> None:
    finding = Finding(code="SQL001", severity=Severity.ERROR, message="no")
    for refused in (verdict(None), verdict("SELECT 1", findings=(finding,))):
        with pytest.raises(BadInput):
            shop.engine.run(refused, LIMITS, "q")


def test_a_dropped_table_is_told_as_such(shop: Shop, tmp_path: Path) -> None:
    gone = scan(f"file://{tmp_path}/none.metadata.json", 5)
    with pytest.raises(EngineError) as caught:
        rows(shop, 'SELECT id FROM "lake"."shop"."orders"', gone)
    assert caught.value.code == "TABLE_UNREADABLE"
    with pytest.raises(EngineError) as caught:
        rows(shop, 'SELECT id FROM "lake"."shop"."orders"', scan(shop.first.metadata_location, 12345))
    assert caught.value.code == "TABLE_UNREADABLE"


@pytest.mark.parametrize("name", ["plain", "a b", "100%20 o'clock"])
def test_a_home_of_any_name_is_read_also_through_a_link(tmp_path: Path, name: str) -> None:
    real, link = tmp_path / name, tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    state = open_state(sa.URL.create("sqlite", database=str(real / "state.db")))
    catalog = open_catalog(link, state)
    catalog.create(REF, pa.schema({"id": pa.int64(), "note": pa.string()}))
    info = catalog.append(REF, pa.table({"id": [1], "note": ["x"]}))
    assert {path.name.partition("-")[0] for path in tmp_path.rglob("*.db*")} == {"catalog.db", "state.db"}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "link"])
    for home in (real, link):
        engine = DuckDBEngine(home / "warehouse", 1)
        statement = verdict('SELECT id FROM "lake"."shop"."orders"', scan(info.metadata_location, info.snapshot_id))
        assert json_rows(engine.run(statement, LIMITS, "q")) == [[1]]
        engine.close()
    catalog.close()
    state.dispose()


def test_equality_deletes_are_refused(shop: Shop) -> None:
    path = Path(urlsplit(shop.second.metadata_location).path)
    metadata = json.loads(path.read_text(encoding="utf-8"))
    metadata["snapshots"][-1]["summary"]["total-equality-deletes"] = "1"
    other = path.with_name("99999-with-deletes.metadata.json")
    other.write_text(json.dumps(metadata), encoding="utf-8")
    with pytest.raises(EngineError) as caught:
        rows(shop, 'SELECT id FROM "lake"."shop"."orders"', scan(f"file://{other}", shop.second.snapshot_id))
    assert caught.value.code == "TABLE_UNREADABLE"
