"""A column is its field id: whatever was renamed, dropped, added or widened, no value of another column comes out."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import Table
from pyiceberg.types import DecimalType, DoubleType, LongType, StringType

from townlake.domain.errors import EngineError
from townlake.domain.limits import Limits
from townlake.domain.location import location_of
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.verdict import Scan, ScanColumn, Verdict
from townlake.engines.duckdb.engine import DuckDBEngine
from townlake.engines.values import json_rows

REF = TableRef.parse("shop.t")
SCHEMA = pa.schema(
    {
        "a": pa.int32(),
        "b": pa.string(),
        "d": pa.decimal128(4, 2),
        "f": pa.float32(),
        "n": pa.struct({"x": pa.int32(), "y": pa.int32()}),
    }
)
OLD = {"a": 1, "b": "old b", "d": Decimal("1.25"), "f": 1.5, "n": {"x": 1, "y": 2}}
A, B, D, F, N = range(1, 6)


class Evolving:
    """A table whose schema changes, read by the field ids of its columns."""

    def __init__(self, table: Table, engine: DuckDBEngine) -> None:
        self.table = table
        self._engine = engine
        self.append(OLD)
        self.first = self.snapshot

    @property
    def snapshot(self) -> int:
        found = self.table.current_snapshot()
        assert found is not None
        return found.snapshot_id

    def append(self, row: dict[str, Any]) -> None:
        self.table.append(pa.Table.from_pylist([row], schema=self.table.schema().as_arrow()))

    def change(self, *steps: Callable[[Any], object]) -> None:
        for step in steps:
            with self.table.update_schema() as update:
                step(update)

    def read(self, snapshot: int, *columns: tuple[str, str, int]) -> list[list[Any]]:
        scan = Scan(
            table=REF,
            table_uuid="u",
            metadata_location=self.table.metadata_location,
            snapshot_id=snapshot,
            columns=tuple(ScanColumn(name=name, type=type_, field_id=id_) for name, type_, id_ in columns),
        )
        sql = f"SELECT {', '.join(name for name, _, _ in columns)} FROM lake.shop.t ORDER BY 1"
        verdict = Verdict(asked=sql, principal=Principal(subject="test"), sql=sql, scans=(scan,))
        assert self._engine.explain(verdict).findings == ()
        return json_rows(self._engine.run(verdict, Limits(seconds=20), "q"))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(tmp_path_factory.mktemp("warehouse"), 1)
    yield engine
    engine.close()


@pytest.fixture
def evolving(engine: DuckDBEngine, tmp_path: Path) -> Iterator[Evolving]:
    warehouse = Path(engine._pool._setup.warehouse) / tmp_path.name
    warehouse.mkdir()
    catalog = SqlCatalog("lake", uri=f"sqlite:///{warehouse}/c.db", warehouse=location_of(warehouse))
    catalog.create_namespace("shop")
    yield Evolving(catalog.create_table("shop.t", schema=SCHEMA), engine)
    catalog.engine.dispose()


def test_a_renamed_column_keeps_its_values(evolving: Evolving) -> None:
    evolving.change(lambda update: update.rename_column("b", "c"))
    assert evolving.read(evolving.first, ("c", "varchar", B)) == [["old b"]]
    evolving.append({"c": "new"})
    assert evolving.read(evolving.first, ("c", "varchar", B)) == [["old b"]]
    assert evolving.read(evolving.snapshot, ("c", "varchar", B)) == [["new"], ["old b"]]


def test_columns_that_swap_their_names_keep_their_values(evolving: Evolving) -> None:
    evolving.change(lambda update: update.add_column("e", StringType()))
    secret = max(field.field_id for field in evolving.table.schema().fields)
    evolving.append({"b": "open", "e": "secret"})
    both = evolving.snapshot
    evolving.change(
        lambda update: update.rename_column("b", "x"),
        lambda update: update.rename_column("e", "b"),
        lambda update: update.rename_column("x", "e"),
    )
    assert evolving.read(both, ("e", "varchar", B)) == [["old b"], ["open"]]
    assert evolving.read(both, ("b", "varchar", secret)) == [["secret"], [None]]
    evolving.append({"e": "open too", "b": "secret too"})
    assert evolving.read(evolving.snapshot, ("e", "varchar", B)) == [["old b"], ["open"], ["open too"]]
    assert evolving.read(both, ("e", "varchar", B)) == [["old b"], ["open"]]


def test_a_column_that_takes_the_name_of_a_dropped_one_has_none_of_its_values(evolving: Evolving) -> None:
    evolving.change(lambda update: update.delete_column("b"), lambda update: update.add_column("b", LongType()))
    (added,) = (field.field_id for field in evolving.table.schema().fields if field.name == "b")
    assert evolving.read(evolving.first, ("b", "bigint", added)) == [[None]]
    evolving.append({"b": 7})
    assert evolving.read(evolving.snapshot, ("b", "bigint", added)) == [[7], [None]]
    assert evolving.read(evolving.first, ("b", "bigint", added)) == [[None]]


def test_wider_types_hold_at_older_snapshots(evolving: Evolving) -> None:
    evolving.change(
        lambda update: update.update_column("a", LongType()),
        lambda update: update.update_column("d", DecimalType(12, 2)),
        lambda update: update.update_column("f", DoubleType()),
    )
    columns = ("a", "bigint", A), ("d", "decimal(12,2)", D), ("f", "double", F)
    assert evolving.read(evolving.first, *columns) == [[1, "1.25", 1.5]]
    evolving.append({"a": 2**40, "d": Decimal("1234567890.25"), "f": 2.5})
    assert evolving.read(evolving.snapshot, *columns) == [[1, "1.25", 1.5], [2**40, "1234567890.25", 2.5]]


def test_fields_inside_a_column_are_never_confused(evolving: Evolving) -> None:
    evolving.change(
        lambda update: update.rename_column("n.x", "z"),
        lambda update: update.rename_column("n.y", "x"),
    )
    column = ("n", "row(z integer, x integer)", N)
    with pytest.raises(EngineError, match="column n") as caught:
        evolving.read(evolving.first, column)
    assert caught.value.code == "NOT_SUPPORTED"
    assert evolving.read(evolving.first, ("b", "varchar", B)) == [["old b"]]
    evolving.append({"n": {"z": 3, "x": 4}})
    assert evolving.read(evolving.snapshot, column) == [[[1, 2]], [[3, 4]]]


def test_names_that_differ_in_case_only_are_not_told_apart_and_so_not_read(evolving: Evolving) -> None:
    evolving.change(lambda update: update.add_column("B", StringType()))
    evolving.append({"b": "open", "B": "secret"})
    with pytest.raises(EngineError) as caught:
        evolving.read(evolving.snapshot, ("b", "varchar", B))
    assert caught.value.code == "TABLE_UNREADABLE"
