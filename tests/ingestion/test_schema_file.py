"""A `schema.json` is put on tables whole, or refused by the place of what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.files import describe_tables, ingest_files
from tests.ingestion.reading import rows_of, types_of
from tests.support.shared import ROOT
from townlake.catalog.catalog import Catalog
from townlake.catalog.description import TableDescription
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState
from townlake.domain.table import Sampling, Tier
from townlake.governance.reviews import Reviews

ORDERS = TableRef.parse("shop.orders")
ADA = Principal(subject="ada")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two tables to load."""
    path = tmp_path / "db"
    path.mkdir()
    orders = {"order_id": pa.array([1, 2], pa.int32()), "customer_id": [7, 7], "amount": [1, 2]}
    pq.write_table(pa.table(orders), path / "orders.parquet")
    (path / "customers.csv").write_text("id,name\n7,Ann\n", encoding="utf-8")
    return path


def written(folder: Path, content: object) -> Path:
    path = folder / "schema.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def about_orders(**said: Any) -> dict[str, Any]:
    return {"tables": [{"name": "orders"} | said]}


def load(catalog: Catalog, folder: Path, content: object, **options: Any) -> Any:
    paths = [folder / "orders.parquet", folder / "customers.csv"]
    return ingest_files(catalog, paths, "shop", describe=written(folder, content), **options)


def key(**changed: str) -> dict[str, str]:
    return {"table": "orders", "column": "customer_id", "ref_table": "customers", "ref_column": "id"} | changed


def test_everything_that_can_be_said_of_a_table(catalog: Catalog, folder: Path) -> None:
    said = about_orders(
        comment="What was bought.",
        owner="sales",
        tier="deprecated",
        fresh_at="2026-01-31T06:00:00Z",
        primary_key=["order_id"],
        sampling={"interval": 100},
        replaced_by="customers",
        restricted=True,
        partition_filter=["order_id", "amount"],
        columns=[{"name": "amount", "type": "double", "comment": "In euro."}],
    )
    load(catalog, folder, said | {"foreign_keys": [key()]})
    info = catalog.table(ORDERS)
    assert info is not None
    assert (info.comment, info.owner, info.tier) == ("What was bought.", "sales", Tier.DEPRECATED)
    assert info.fresh_at == datetime(2026, 1, 31, 6, tzinfo=UTC)
    assert (info.primary_key, info.sampling, info.restricted) == (("order_id",), Sampling(interval=100), True)
    assert info.partition_filter == ("order_id", "amount")
    assert (str(info.replaced_by), info.foreign_keys[0].columns) == ("lake.shop.customers", ("customer_id",))
    assert {column.name: column.comment for column in info.columns}["amount"] == "In euro."


def test_a_table_that_is_there_is_described_without_its_files(catalog: Catalog, folder: Path) -> None:
    load(catalog, folder, about_orders(owner="sales", primary_key=["order_id"]))
    (done,) = describe_tables(catalog, "shop", written(folder, about_orders(tier="curated", comment="Bought.")))
    assert (done.skipped, done.described, done.rows) == (True, True, 0)
    words = catalog.description(ORDERS)
    assert words == TableDescription(owner="sales", primary_key=("order_id",), tier=Tier.CURATED, comment="Bought.")
    (again,) = describe_tables(catalog, "shop", folder / "schema.json")
    assert again.described is False


def test_files_that_were_loaded_before_bring_new_words(catalog: Catalog, folder: Path) -> None:
    load(catalog, folder, about_orders())
    orders, customers = load(catalog, folder, about_orders(owner="sales"))
    assert (orders.skipped, orders.described, customers.described) == (True, True, False)
    assert catalog.description(ORDERS).owner == "sales"


@pytest.mark.parametrize("replace", [False, True])
def test_a_wider_type_is_taken_and_makes_the_review_stale(
    catalog: Catalog, reviews: Reviews, folder: Path, replace: bool
) -> None:
    load(catalog, folder, about_orders())
    info = catalog.table(ORDERS)
    assert info is not None
    reviews.decide(ADA, info, None, ReviewState.OPEN, unscanned=True)
    wider = about_orders(columns=[{"name": "order_id", "type": "bigint"}])
    done = load(catalog, folder, wider, replace=replace)[0]
    assert [(w.column, w.before, w.now) for w in done.widened] == [("order_id", "integer", "bigint")]
    assert types_of(catalog, "shop.orders")["order_id"] == "bigint"
    assert sorted(row["order_id"] for row in rows_of(catalog, "shop.orders")) == [1, 2]
    now = catalog.table(ORDERS)
    assert now is not None
    assert reviews.states(now)["order_id"] is ReviewState.STALE


@pytest.mark.parametrize("how", ["load", "replace", "describe"])
def test_a_type_that_the_rows_cannot_take_is_refused_before_anything_is_done(
    catalog: Catalog, folder: Path, how: str
) -> None:
    load(catalog, folder, about_orders())
    before = catalog.version()
    other = about_orders(owner="sales", columns=[{"name": "order_id", "type": "varchar"}])
    ways: dict[str, Callable[[], object]] = {
        "load": lambda: load(catalog, folder, other),
        "replace": lambda: load(catalog, folder, other, replace=True),
        "describe": lambda: describe_tables(catalog, "shop", written(folder, other)),
    }
    with pytest.raises(
        BadInput, match=r"order_id of lake\.shop\.orders is integer and cannot become varchar"
    ) as caught:
        ways[how]()
    assert "skipper drop lake.shop.orders" in caught.value.hint
    assert catalog.version() == before


@pytest.mark.parametrize(
    ("content", "place", "meant"),
    [
        ({"tables": [{"name": "ordrs"}]}, "tables[0].name", "`orders`"),
        ({"tables": [{"name": "quite_other"}]}, "tables[0].name", "customers, orders"),
        ({"tables": [{"name": "orders"}, {"name": "Orders"}]}, "tables[1].name", "twice"),
        (about_orders(columns=[{"name": "amout"}]), "tables[0].columns[0].name", "`amount`"),
        (about_orders(columns=[{"name": "amount"}, {"name": "amount"}]), "tables[0].columns[1].name", "twice"),
        (about_orders(primary_key=["orderid"]), "tables[0].primary_key[0]", "`order_id`"),
        (about_orders(partition_filter=["amuont"]), "tables[0].partition_filter[0]", "`amount`"),
        (about_orders(partition_filter="amuont"), "tables[0].partition_filter[0]", "`amount`"),
        (about_orders(sampling={"interval_column": "amuont"}), "tables[0].sampling", "`amount`"),
        (about_orders(replaced_by="no such"), "tables[0].replaced_by", "schema.table"),
        (about_orders() | {"foreign_keys": [key(table="order")]}, "foreign_keys[0].table", "`orders`"),
        (about_orders() | {"foreign_keys": [key(column="customerid")]}, "foreign_keys[0].column", "`customer_id`"),
        (about_orders() | {"foreign_keys": [key(ref_table="customer")]}, "foreign_keys[0].ref_table", "`customers`"),
        (about_orders() | {"foreign_keys": [key(ref_column="nam")]}, "foreign_keys[0].ref_column", "`name`"),
        (about_orders(colums=[]), "tables[0].colums", "`columns`"),
        (about_orders(columns=[{"name": "amount", "coment": "x"}]), "tables[0].columns[0].coment", "`comment`"),
        (about_orders(foreign_keys=[key()]), "tables[0].foreign_keys", "top of the file"),
        (about_orders() | {"foreign_key": [key()]}, "foreign_key", "`foreign_keys`"),
        (about_orders() | {"foreign_keys": key()}, "foreign_keys", 'must be a list. Write [{"table": "orders"'),
        (about_orders() | {"foreign_keys": [["orders", "id"]]}, "foreign_keys[0]", "must be an object. Write"),
        (about_orders() | {"foreign_keys": [{"table": "orders"}]}, "foreign_keys[0].column", "is missing. Write"),
        (about_orders(primary_key="order_id"), "tables[0].primary_key", 'must be a list. Write ["order_id"]'),
        (about_orders(tier="golden"), "tables[0].tier", '"curated"'),
        (about_orders(fresh_at="2026-01-31T06:00:00"), "tables[0].fresh_at", "time zone"),
        (about_orders(columns=[{"name": "amount", "type": 7}]), "tables[0].columns[0].type", "text in quotes"),
    ],
)
def test_what_is_wrong_is_told_by_its_place_and_nothing_is_loaded(
    catalog: Catalog, folder: Path, content: object, place: str, meant: str
) -> None:
    with pytest.raises(BadInput) as caught:
        load(catalog, folder, content)
    assert f"schema.json: {place}: " in caught.value.message or f"\n  {place}: " in caught.value.message
    assert meant in caught.value.message
    assert "docs/ingestion.md" in caught.value.hint
    assert catalog.tables() == ()


def test_a_name_is_offered_once_and_only_when_it_is_there(catalog: Catalog, folder: Path) -> None:
    load(catalog, folder, about_orders())
    with pytest.raises(BadInput) as caught:
        load(catalog, folder, about_orders(primary_key=["x"], columns=[{"name": "amout"}]))
    assert "Did you mean `amount`?" in caught.value.message
    assert "There are: amount, customer_id, order_id." in caught.value.message


def test_all_faults_are_told_at_once(catalog: Catalog, folder: Path) -> None:
    content = about_orders(primary_key=["id"], columns=[{"name": "amout"}]) | {"foreign_keys": [key(column="x")]}
    with pytest.raises(BadInput, match="has 3 faults") as caught:
        load(catalog, folder, content)
    assert len(caught.value.message.splitlines()) == 4


def test_keys_of_other_readers_and_tables_that_are_not_loaded_are_passed_over(catalog: Catalog, folder: Path) -> None:
    column = {"name": "amount", "original_type": "int8", "minimum": 1}
    content = {
        "db": "x",
        "maintainer": "y",
        "tables": [
            {"name": "orders", "rows": 2, "columns": [column]},
            {"name": "warehouses", "columns": [{"name": "id"}]},
        ],
        "foreign_keys": [key(ref_table="parties"), key(ref_table="warehouses")],
    }
    orders, customers = load(catalog, folder, content)
    assert orders.notes == ("its key to parties shows when parties is loaded",)
    assert customers.notes == ("the description says nothing about it",)
    info = catalog.table(ORDERS)
    assert info is not None
    assert info.foreign_keys == ()


def test_a_column_may_be_called_as_in_the_file_or_as_in_the_lake(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("Order No,Unit Price\n1,2\n", encoding="utf-8")
    columns = [
        {"name": "id", "original_name": "Order No"},
        {"name": "unit_price", "type": "decimal(8,2)", "comment": "In euro."},
    ]
    content = about_orders(primary_key=["id"], columns=columns)
    content |= {"foreign_keys": [{"table": "orders", "column": "Order No", "ref_table": "orders", "ref_column": "id"}]}
    for _ in range(2):  # loaded, then described only
        ingest_files(catalog, [tmp_path / "orders.csv"], "shop", describe=written(tmp_path, content))
        info = catalog.table(ORDERS)
        assert info is not None
        assert types_of(catalog, "shop.orders") == {"id": "bigint", "unit_price": "decimal(8,2)"}
        assert (info.primary_key, info.columns[1].comment) == (("id",), "In euro.")
        assert info.foreign_keys[0].columns == ("id",)


def test_only_tables_that_are_there_can_be_described(catalog: Catalog, folder: Path) -> None:
    load(catalog, folder, about_orders())
    for name, says in (("ordrs", "Did you mean `orders`"), ("warehouses", "There are: customers, orders")):
        with pytest.raises(BadInput, match=says):
            describe_tables(catalog, "shop", written(folder, {"tables": [{"name": name}]}))


def test_the_example_of_the_page_on_formats_can_be_loaded(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / "db"
    folder.mkdir()
    page = (ROOT / "docs" / "ingestion.md").read_text(encoding="utf-8")
    (folder / "schema.json").write_text(page.split("```json\n")[1].split("```")[0], encoding="utf-8")
    columns = {
        "orders_2026.csv": "order_id,CustNo,region,amount,ordered_on\n1,1,North,10.50,2026-01-05\n",
        "customers.csv": "customer_id,name,email\n1,Ann,a@shop.example\n",
        "page_views.csv": "day\n2026-01-05\n",
        "orders_old.csv": "order_id\n1\n",
    }
    for name, text in columns.items():
        (folder / name).write_text(text, encoding="utf-8")
    text = (folder / "schema.json").read_text(encoding="utf-8").replace("orders_2026.parquet", "orders_2026.csv")
    (folder / "schema.json").write_text(text, encoding="utf-8")
    done = ingest_files(catalog, [folder], "shop", describe=folder / "schema.json")
    assert sorted(each.table.name for each in done) == ["customers", "orders", "orders_old", "page_views"]
    assert [note for each in done for note in each.notes] == []
    info = catalog.table(ORDERS)
    assert info is not None
    assert (info.owner, info.tier, len(info.foreign_keys)) == ("sales", Tier.CURATED, 1)
    assert types_of(catalog, "shop.orders")["customer_id"] == "bigint"


@pytest.mark.parametrize("order", [1, -1])
def test_a_column_may_take_the_name_that_another_one_had(catalog: Catalog, tmp_path: Path, order: int) -> None:
    data = tmp_path / "orders.csv"
    data.write_text("order_id,external_id\n1,a\n", encoding="utf-8")
    columns = [
        {"name": "id", "original_name": "order_id", "comment": "Ours."},
        {"name": "order_id", "original_name": "external_id", "comment": "Theirs."},
    ]
    describe = tmp_path / "schema.json"
    describe.write_text(json.dumps({"tables": [{"name": "orders", "columns": columns[::order]}]}), encoding="utf-8")
    for _ in range(2):
        ingest_files(catalog, [data], "shop", describe=describe)
        info = catalog.table(TableRef.parse("shop.orders"))
        assert info is not None
        assert {c.name: c.comment for c in info.columns} == {"id": "Ours.", "order_id": "Theirs."}


def test_a_load_that_does_not_fit_widens_nothing(catalog: Catalog, tmp_path: Path) -> None:
    first, second = tmp_path / "orders.parquet", tmp_path / "more" / "orders.parquet"
    second.parent.mkdir()
    pq.write_table(pa.table({"id": pa.array([1], pa.int32())}), first)
    pq.write_table(pa.table({"id": pa.array([2], pa.int64()), "extra": [1]}), second)
    ingest_files(catalog, [first], "shop")
    columns = [{"name": "id", "type": "bigint"}]
    describe = tmp_path / "schema.json"
    describe.write_text(json.dumps({"tables": [{"name": "orders", "columns": columns}]}), encoding="utf-8")
    with pytest.raises(BadInput, match="extra"):
        ingest_files(catalog, [second], "shop", describe=describe)
    assert types_of(catalog, "shop.orders") == {"id": "integer"}
