"""Types go through Arrow, Iceberg and Trino's words without losing anything unsaid."""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from townlake.catalog.arrow_types import fitted, storable_schema
from townlake.catalog.catalog import Catalog
from townlake.catalog.files import LocalFiles
from townlake.catalog.iceberg_types import trino_type
from townlake.catalog.metadata import read_metadata
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef

REF = TableRef.parse("shop.things")
CASES = [
    (pa.bool_(), "boolean", True),
    (pa.int8(), "integer", 1),
    (pa.uint16(), "integer", 65535),
    (pa.int32(), "integer", 1),
    (pa.uint32(), "bigint", 4_294_967_295),
    (pa.int64(), "bigint", 1),
    (pa.uint64(), "decimal(20,0)", 2**64 - 1),
    (pa.float16(), "real", 1.5),
    (pa.float32(), "real", 1.5),
    (pa.float64(), "double", 1.5),
    (pa.decimal128(12, 2), "decimal(12,2)", Decimal("1.50")),
    (pa.string(), "varchar", "a"),
    (pa.large_string(), "varchar", "a"),
    (pa.string_view(), "varchar", "a"),
    (pa.dictionary(pa.int8(), pa.string()), "varchar", "a"),
    (pa.null(), "varchar", None),
    (pa.binary(), "varbinary", b"a"),
    (pa.binary_view(), "varbinary", b"a"),
    (pa.binary(3), "varbinary", b"abc"),
    (pa.date32(), "date", date(2026, 1, 1)),
    (pa.date64(), "date", date(2026, 1, 1)),
    (pa.time32("s"), "time(6)", time(1, 2, 3)),
    (pa.timestamp("s"), "timestamp(6)", datetime(2026, 1, 1)),  # noqa: DTZ001
    (pa.timestamp("ns"), "timestamp(6)", datetime(2026, 1, 1)),  # noqa: DTZ001
    (pa.timestamp("ns", "Europe/Lisbon"), "timestamp(6) with time zone", datetime(2026, 1, 1)),  # noqa: DTZ001
    (pa.list_(pa.string_view()), "array(varchar)", ["a"]),
    (pa.list_(pa.int8(), 2), "array(integer)", [1, 2]),
    (pa.map_(pa.string(), pa.timestamp("ns")), "map(varchar, timestamp(6))", [("a", datetime(2026, 1, 1))]),  # noqa: DTZ001
    (
        pa.struct([("x", pa.int16()), ("Per Cent", pa.list_(pa.decimal128(4, 1)))]),
        'row(x integer, "Per Cent" array(decimal(4,1)))',
        {"x": 1, "Per Cent": [Decimal("0.5")]},
    ),
]


def test_every_type_is_kept_and_named_in_trinos_words(catalog: Catalog) -> None:
    data = pa.table({f"c{i}": pa.array([value, None], kind) for i, (kind, _, value) in enumerate(CASES)})
    catalog.create(REF, data.schema)
    info = catalog.append(REF, data)
    assert [column.type for column in info.columns] == [name for _, name, _ in CASES]
    from pyiceberg.table import StaticTable

    found = StaticTable.from_metadata(info.metadata_location).scan().to_arrow().to_pylist()
    for i, (kind, _, value) in enumerate(CASES):
        kept = found[0][f"c{i}"]
        assert (kept.replace(tzinfo=None) if isinstance(kept, datetime) else kept) == value, kind
        assert found[1][f"c{i}"] is None


@pytest.mark.parametrize(
    "kind", [pa.duration("s"), pa.decimal256(50, 2), pa.list_(pa.duration("s")), pa.month_day_nano_interval()]
)
def test_what_cannot_be_kept_is_named_with_its_column(kind: pa.DataType) -> None:
    with pytest.raises(BadInput, match=r"The column stay: The type .* cannot be kept"):
        storable_schema(pa.schema([("stay", kind)]))


def test_digits_below_a_microsecond_go_but_nothing_else_does() -> None:
    target = pa.schema([("at", pa.timestamp("us")), ("n", pa.int32())])
    data = pa.table({"at": pa.array([1_234_567], pa.timestamp("ns")), "n": pa.array([1], pa.int64())})
    assert fitted(data, target).read_all()["at"].cast(pa.int64()).to_pylist() == [1_234]
    for column in (pa.array([2**40]), pa.array(["7x"]), pa.array([1.5])):
        data = pa.table({"at": pa.array([None], pa.timestamp("us")), "n": column})
        with pytest.raises(BadInput, match="column n"):
            fitted(data, target).read_all()


@pytest.mark.parametrize(
    ("iceberg", "trino"),
    [
        ("fixed[16]", "varbinary"),
        ("uuid", "uuid"),
        ("timestamp_ns", "unknown"),
        ("geometry", "unknown"),
        ({"type": "variant"}, "unknown"),
        ({"type": "struct", "fields": [{"name": 'a"b', "type": "time"}]}, 'row("a""b" time(6))'),
    ],
)
def test_types_that_other_writers_may_have_used(iceberg: str, trino: str) -> None:
    assert trino_type(iceberg) == trino


def test_deletes_are_taken_off_the_row_count(tmp_path: Path) -> None:
    text = """{"table-uuid": "u", "current-schema-id": 0, "schemas": [{"schema-id": 0, "fields": []}],
    "current-snapshot-id": 5, "snapshots": [{"snapshot-id": 5, "summary": {"total-records": "10",
    "total-position-deletes": "3", "total-equality-deletes": "%s"}}]}"""
    path = tmp_path / "1.json"
    for equality, expected in ((0, 7), (1, None)):
        path.write_text(text % equality)
        assert read_metadata(f"file://{path}", LocalFiles(path.parent)).row_count == expected
    path.write_text(text.replace('"current-snapshot-id": 5', '"current-snapshot-id": -1') % 0)
    assert read_metadata(f"file://{path}", LocalFiles(path.parent)).snapshot_id is None
