"""Files become tables: once, whole, and closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.files import ingest_files
from ingestion.ingested import Ingested
from tests.ingestion.reading import rows_of, types_of
from townlake.catalog.catalog import Catalog
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef
from townlake.governance.reviews import Reviews

ORDERS = TableRef.parse("shop.orders")


def parquet(path: Path, **columns: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def one(done: tuple[Ingested, ...]) -> Ingested:
    assert len(done) == 1
    return done[0]


def test_a_file_becomes_a_table_that_nobody_can_read(catalog: Catalog, reviews: Reviews, tmp_path: Path) -> None:
    done = one(ingest_files(catalog, [parquet(tmp_path / "orders.parquet", id=[1, 2])], "shop"))
    assert (str(done.table), done.rows, done.columns, done.skipped) == ("lake.shop.orders", 2, 1, False)
    info = catalog.table(ORDERS)
    assert info is not None
    assert reviews.of(info.uuid) == {}


def test_the_same_contents_are_loaded_once_whatever_the_file_is_called(catalog: Catalog, tmp_path: Path) -> None:
    first = parquet(tmp_path / "a" / "orders.parquet", id=[1, 2])
    ingest_files(catalog, [first], "shop")
    again = parquet(tmp_path / "b" / "orders.parquet", id=[1, 2])
    done = one(ingest_files(catalog, [again], "shop"))
    assert (done.skipped, done.rows) == (True, 0)
    assert len(rows_of(catalog, "shop.orders")) == 2


def test_other_contents_add_rows_and_both_files_stay_known(catalog: Catalog, tmp_path: Path) -> None:
    first = parquet(tmp_path / "a" / "orders.parquet", id=[1, 2])
    second = parquet(tmp_path / "b" / "orders.parquet", id=[3])
    before = [one(ingest_files(catalog, [path], "shop")).before for path in (first, second, first, second)]
    assert before == [None, 2, None, None]
    assert sorted(row["id"] for row in rows_of(catalog, "shop.orders")) == [1, 2, 3]


def test_a_folder_that_grew_adds_only_the_new_part(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    parquet(folder / "part-0.parquet", id=[1])
    parquet(folder / "part-1.parquet", id=[2])
    (folder / "_SUCCESS").touch()
    assert one(ingest_files(catalog, [folder], "shop")).rows == 2
    parquet(folder / "part-2.parquet", id=[3])
    assert one(ingest_files(catalog, [folder], "shop")).rows == 1
    assert sorted(row["id"] for row in rows_of(catalog, "shop.orders")) == [1, 2, 3]


def test_replace_puts_other_rows_in_place_and_new_columns_start_closed(
    catalog: Catalog, reviews: Reviews, tmp_path: Path
) -> None:
    ingest_files(catalog, [parquet(tmp_path / "a" / "orders.parquet", id=[1, 2])], "shop")
    later = parquet(tmp_path / "b" / "orders.parquet", id=[9], note=["x"])
    with pytest.raises(BadInput, match="note"):
        ingest_files(catalog, [later], "shop")
    assert one(ingest_files(catalog, [later], "shop", replace=True)).rows == 1
    assert rows_of(catalog, "shop.orders") == [{"id": 9, "note": "x"}]
    info = catalog.table(ORDERS)
    assert info is not None
    assert reviews.of(info.uuid) == {}


def test_a_table_that_fails_leaves_nothing_and_the_ones_before_stay(catalog: Catalog, tmp_path: Path) -> None:
    good = parquet(tmp_path / "good.parquet", id=[1])
    bad = parquet(tmp_path / "bad.parquet", when=["yesterday"])
    describe = tmp_path / "schema.json"
    describe.write_text(json.dumps({"tables": [{"name": "bad", "columns": [{"name": "when", "type": "date"}]}]}))
    with pytest.raises(BadInput, match="when") as caught:
        ingest_files(catalog, [good, bad], "shop", describe=describe)
    assert "yesterday" not in str(caught.value)
    assert [str(table.ref) for table in catalog.tables()] == ["lake.shop.good"]
    assert catalog.leftovers() == ()


def test_what_a_killed_load_left_is_loaded_again(catalog: Catalog, tmp_path: Path) -> None:
    catalog.create(ORDERS, pa.schema([("half", pa.string())]))
    assert one(ingest_files(catalog, [parquet(tmp_path / "orders.parquet", id=[1])], "shop")).rows == 1
    assert types_of(catalog, "shop.orders") == {"id": "bigint"}


def test_types_that_the_lake_does_not_have_are_brought_to_those_it_has(catalog: Catalog, tmp_path: Path) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    path = parquet(
        tmp_path / "orders.parquet",
        view=pa.array(["a", None], pa.string_view()),
        code=pa.array(["x", "y"]).dictionary_encode(),
        small=pa.array([1, 2], pa.uint8()),
        wide=pa.array([2**64 - 1, 0], pa.uint64()),
        at=pa.array([moment, None], pa.timestamp("ns", "UTC")),
        tags=pa.array([["a"], []], pa.list_(pa.string_view())),
        place=pa.array([{"lat": 1.5}, None], pa.struct([("lat", pa.float64())])),
    )
    ingest_files(catalog, [path], "shop")
    assert types_of(catalog, "shop.orders") == {
        "view": "varchar",
        "code": "varchar",
        "small": "integer",
        "wide": "decimal(20,0)",
        "at": "timestamp(6) with time zone",
        "tags": "array(varchar)",
        "place": "row(lat double)",
    }
    first = rows_of(catalog, "shop.orders")[0]
    assert first["wide"] == Decimal(2**64 - 1)
    assert (first["code"], first["at"], first["tags"]) == ("x", moment, ["a"])


def test_parts_may_differ_in_how_wide_their_types_are(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    parquet(folder / "1.parquet", id=pa.array([1], pa.int32()), note=pa.array([None], pa.null()))
    parquet(folder / "2.parquet", note=["x"], id=pa.array([2**40], pa.int64()))
    ingest_files(catalog, [folder], "shop")
    assert sorted(rows_of(catalog, "shop.orders"), key=lambda row: row["id"]) == [
        {"id": 1, "note": None},
        {"id": 2**40, "note": "x"},
    ]


def test_names_are_brought_to_the_lakes_and_the_change_is_told(catalog: Catalog, tmp_path: Path) -> None:
    done = one(
        ingest_files(catalog, [parquet(tmp_path / "My Orders.parquet", **{"Unit Price": [1], "id": [2]})], "shop")
    )
    assert str(done.table) == "lake.shop.my_orders"
    assert done.renamed == (("Unit Price", "unit_price"),)


def test_a_description_gives_names_types_comments_and_keys(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "db"
    parquet(folder / "o.parquet", OrderNo=[1], customer=[7], amount=["12.50"], extra=['{"a": 1}'])
    parquet(folder / "customers.parquet", id=[7])
    describe = folder / "schema.json"
    columns = [
        {"name": "order_id", "original_name": "OrderNo", "type": "bigint", "comment": "Number of the order."},
        {"name": "customer", "type": "bigint"},
        {"name": "amount", "type": "decimal(10,2)"},
        {"name": "extra", "type": "json"},
    ]
    orders = {
        "name": "orders",
        "file": "o.parquet",
        "comment": "What was bought.",
        "primary_key": ["order_id"],
        "columns": columns,
    }
    customers = {"name": "customers", "columns": [{"name": "id", "type": "bigint"}]}
    key = {"table": "orders", "column": "customer", "ref_table": "customers", "ref_column": "id"}
    describe.write_text(json.dumps({"tables": [orders, customers], "foreign_keys": [key]}))
    done = ingest_files(catalog, [folder], "shop", describe=describe)
    assert sorted(str(d.table) for d in done) == ["lake.shop.customers", "lake.shop.orders"]
    info = catalog.table(ORDERS)
    assert info is not None
    assert types_of(catalog, "shop.orders") == {
        "order_id": "bigint",
        "customer": "bigint",
        "amount": "decimal(10,2)",
        "extra": "varchar",
    }
    assert (info.comment, info.primary_key) == ("What was bought.", ("order_id",))
    assert info.columns[0].comment == "Number of the order."
    assert [(k.columns, str(k.ref_table), k.ref_columns) for k in info.foreign_keys] == [
        (("customer",), "lake.shop.customers", ("id",))
    ]
    assert rows_of(catalog, "shop.orders")[0]["amount"] == Decimal("12.50")
    assert all(d.skipped for d in ingest_files(catalog, [folder], "shop", describe=describe))


@pytest.mark.parametrize(("amount", "fits"), [(99_999_999, True), (100_000_000, False)])
def test_integers_become_decimals_where_they_fit(catalog: Catalog, tmp_path: Path, amount: int, fits: bool) -> None:
    path = parquet(tmp_path / "orders.parquet", amount=pa.array([amount], pa.int64()))
    describe = tmp_path / "schema.json"
    columns = [{"name": "amount", "type": "decimal(10,2)"}]
    describe.write_text(json.dumps({"tables": [{"name": "orders", "columns": columns}]}))
    if not fits:
        with pytest.raises(BadInput, match="do not fit"):
            ingest_files(catalog, [path], "shop", describe=describe)
        return
    ingest_files(catalog, [path], "shop", describe=describe)
    assert rows_of(catalog, "shop.orders") == [{"amount": Decimal("99999999.00")}]


def test_the_same_contents_twice_are_loaded_once(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "orders"
    folder.mkdir()
    for name in ("1", "2"):
        parquet(folder / f"{name}.parquet", id=[7])
    assert one(ingest_files(catalog, [folder], "shop")).rows == 1
    ingest_files(catalog, [folder], "shop", replace=True)
    assert rows_of(catalog, "shop.orders") == [{"id": 7}]


def test_no_rows_make_an_empty_table(catalog: Catalog, tmp_path: Path) -> None:
    path = parquet(tmp_path / "orders.parquet", id=pa.array([], pa.int64()))
    assert one(ingest_files(catalog, [path], "shop")).rows == 0
    assert rows_of(catalog, "shop.orders") == []
    assert one(ingest_files(catalog, [path], "shop")).skipped


def test_progress_tells_each_table_and_the_end(catalog: Catalog, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    paths = [parquet(tmp_path / f"{name}.parquet", id=[1]) for name in ("a", "b")]
    ingest_files(catalog, paths, "shop", progress=lambda *step: told.append(step))
    assert told == [(0, 2, "a"), (1, 2, "b"), (2, 2, "done")]


def _garbage(path: Path) -> Path:
    path.write_bytes(b"these are no columns")
    return path


def _empty(path: Path) -> Path:
    path.touch()
    return path


def _columnless(path: Path) -> Path:
    pq.write_table(pa.table({}), path)
    return path


def _cut(path: Path) -> Path:
    parquet(path, id=list(range(1000)))
    path.write_bytes(path.read_bytes()[:-20])
    return path


@pytest.mark.parametrize(
    "values",
    [
        pa.array([Decimal("9" * 50)], pa.decimal256(76, 0)),
        pa.array([1], pa.duration("s")),
        pa.array([{"": 1}]),
        pa.array([b"a" * 16], pa.uuid()),
    ],
    ids=lambda values: str(values.type),
)
def test_what_no_type_of_the_lake_can_hold_is_refused_by_column_and_type(
    catalog: Catalog, tmp_path: Path, values: pa.Array
) -> None:
    with pytest.raises(BadInput, match=r"The column odd.*(type|field)") as caught:
        ingest_files(catalog, [parquet(tmp_path / "orders.parquet", id=[1], odd=values)], "shop")
    assert caught.value.hint
    assert catalog.tables() == ()


def test_text_that_is_none_is_told_by_its_column(catalog: Catalog, tmp_path: Path) -> None:
    offsets = pa.py_buffer((0).to_bytes(4, "little") + (7).to_bytes(4, "little"))
    broken = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"secret\xff")])
    with pytest.raises(BadInput, match=r"column note.*UTF-8") as caught:
        ingest_files(catalog, [parquet(tmp_path / "orders.parquet", note=broken)], "shop")
    assert "secret" not in str(caught.value)
    assert catalog.tables() == ()


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (lambda path: path, "missing.parquet", "no file or folder"),
        (_empty, "orders.parquet", "is empty"),
        (_garbage, "orders.parquet", "not Parquet"),
        (_cut, "orders.parquet", "damaged"),
        (_columnless, "orders.parquet", "no columns"),
        (_garbage, "orders.xlsx", "neither Parquet nor CSV"),
        (lambda path: path.mkdir() or path, "orders", "holds no Parquet"),
        (_garbage, "%%%.parquet", "no name"),
    ],
)
def test_what_cannot_be_loaded_is_told_and_leaves_nothing(
    catalog: Catalog, tmp_path: Path, make: object, name: str, says: str
) -> None:
    path = make(tmp_path / name)  # type: ignore[operator]
    with pytest.raises(BadInput, match=says):
        ingest_files(catalog, [path], "shop")
    assert catalog.tables() == ()


def test_columns_that_would_share_a_name_are_refused(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="both be called total"):
        ingest_files(catalog, [parquet(tmp_path / "orders.parquet", **{"Total": [1], "total ": [2]})], "shop")


def test_two_paths_for_one_table_are_refused(catalog: Catalog, tmp_path: Path) -> None:
    paths = [parquet(tmp_path / d / "orders.parquet", id=[1]) for d in ("a", "b")]
    with pytest.raises(BadInput, match="both be the table orders"):
        ingest_files(catalog, paths, "shop")


def test_a_folder_of_different_tables_says_how_to_load_it(catalog: Catalog, tmp_path: Path) -> None:
    parquet(tmp_path / "db" / "a.parquet", id=[1])
    parquet(tmp_path / "db" / "b.parquet", name=["x"])
    with pytest.raises(BadInput, match=r"give the files: .*\*\.parquet"):
        ingest_files(catalog, [tmp_path / "db"], "shop")


@pytest.mark.parametrize("schema", ["My Shop", "", "1st", "shop.a"])
def test_a_schema_needs_a_name_of_the_lake(catalog: Catalog, tmp_path: Path, schema: str) -> None:
    with pytest.raises(BadInput, match="cannot be a schema"):
        ingest_files(catalog, [parquet(tmp_path / "orders.parquet", id=[1])], schema)


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "not JSON"), ('{"tables": [{"columns": []}]}', r"tables\[0\]\.name"), ("[]", "the whole file")],
)
def test_a_wrong_description_is_told_by_its_place(catalog: Catalog, tmp_path: Path, text: str, says: str) -> None:
    describe = tmp_path / "schema.json"
    describe.write_text(text)
    with pytest.raises(BadInput, match=says):
        ingest_files(catalog, [parquet(tmp_path / "orders.parquet", id=[1])], "shop", describe=describe)
