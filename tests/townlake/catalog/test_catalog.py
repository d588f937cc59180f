"""What the catalog says of tables that it wrote, and that it notices what others do."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.support.databases import catalog_url
from tests.support.shared import ROOT
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.description import TableDescription
from townlake.catalog.lineage import LineageEdge
from townlake.catalog.metadata import read_metadata
from townlake.domain.errors import BadInput, HomeError, InvalidName, NotFound
from townlake.domain.location import path_of
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import ForeignKey, Sampling, TableInfo, Tier

ORDERS = TableRef.parse("shop.orders")
CUSTOMERS = TableRef.parse("shop.customers")
SCHEMA = pa.schema(
    [pa.field("id", pa.int64(), nullable=False), ("customer_id", pa.int64()), ("amount", pa.decimal128(12, 2))]
)
ROWS = pa.table({"id": [1, 2], "customer_id": [7, None], "amount": pa.array([1, 2], pa.decimal128(12, 2))})


def make(catalog: Catalog, ref: TableRef = ORDERS, **words: object) -> TableInfo:
    return catalog.create(ref, SCHEMA, TableDescription.model_validate(words))


def rows_of(catalog: Catalog, ref: TableRef) -> pa.Table:
    from pyiceberg.table import StaticTable

    info = catalog.table(ref)
    assert info is not None
    return StaticTable.from_metadata(info.metadata_location).scan().to_arrow()


def test_an_empty_lake_has_no_tables(catalog: Catalog) -> None:
    assert catalog.tables() == ()
    assert catalog.table(ORDERS) is None
    assert catalog.lineage() == ()
    assert catalog.as_of() is None


def test_a_table_is_told_with_types_sizes_and_words(catalog: Catalog) -> None:
    fresh = datetime(2026, 1, 31, tzinfo=UTC)
    make(
        catalog,
        comment="What was bought.",
        owner="sales",
        tier=Tier.CURATED,
        fresh_at=fresh,
        primary_key=("id",),
        column_comments={"amount": "In EUR."},
    )
    info = catalog.append(ORDERS, ROWS)
    assert [(c.name, c.type, c.nullable, c.comment) for c in info.columns] == [
        ("id", "bigint", False, ""),
        ("customer_id", "bigint", True, ""),
        ("amount", "decimal(12,2)", True, "In EUR."),
    ]
    assert (info.comment, info.owner, info.tier, info.fresh_at) == ("What was bought.", "sales", Tier.CURATED, fresh)
    assert info.primary_key == ("id",)
    assert info.row_count == 2
    assert info.byte_count
    assert info.byte_count > 0
    assert info.snapshot_id is not None
    assert catalog.has_snapshot(ORDERS, info.snapshot_id)
    assert not catalog.has_snapshot(ORDERS, 1)
    assert catalog.tables() == (info,)


def test_a_new_table_is_empty_and_has_no_snapshot(catalog: Catalog) -> None:
    info = make(catalog)
    assert (info.snapshot_id, info.row_count, info.byte_count) == (None, 0, 0)


def test_rows_come_back_as_they_went_in(catalog: Catalog) -> None:
    make(catalog)
    catalog.append(ORDERS, ROWS.to_reader(max_chunksize=1))
    catalog.append(ORDERS, ROWS.select(["id", "amount"]))
    found = rows_of(catalog, ORDERS)
    assert sorted(found["id"].to_pylist()) == [1, 1, 2, 2]
    assert sorted(found["customer_id"].to_pylist(), key=str) == [7, None, None, None]


def test_replacing_shows_the_new_rows_and_keeps_the_old_snapshot(catalog: Catalog) -> None:
    make(catalog)
    before = catalog.append(ORDERS, ROWS)
    after = catalog.replace(ORDERS, ROWS.slice(0, 1))
    assert after.row_count == 1
    assert after.uuid == before.uuid
    assert before.snapshot_id is not None
    assert catalog.has_snapshot(ORDERS, before.snapshot_id)
    assert catalog.replace(ORDERS, ROWS.slice(0, 0)).row_count == 0


def test_a_renamed_column_keeps_its_field_id_words_keys_and_lineage(catalog: Catalog) -> None:
    key = ForeignKey(columns=("customer_id",), ref_table=CUSTOMERS, ref_columns=("id",))
    make(catalog, CUSTOMERS, primary_key=("id",))
    before = make(
        catalog,
        foreign_keys=(key,),
        column_comments={"customer_id": "Who bought."},
        sampling=Sampling(interval_column="customer_id"),
    )
    catalog.add_lineage(
        [
            LineageEdge(
                source=ColumnRef(table=CUSTOMERS, column="id"),
                target=ColumnRef(table=ORDERS, column="customer_id"),
                kind="copy",
            )
        ]
    )
    catalog.rename_column(ORDERS, "customer_id", "buyer")
    catalog.rename_column(CUSTOMERS, "id", "number")
    after = catalog.table(ORDERS)
    assert after is not None
    old, new = before.column("customer_id"), after.column("buyer")
    assert old is not None
    assert new is not None
    assert (new.field_id, new.comment) == (old.field_id, "Who bought.")
    assert after.foreign_keys == (ForeignKey(columns=("buyer",), ref_table=CUSTOMERS, ref_columns=("number",)),)
    assert after.sampling == Sampling(interval_column="buyer")
    assert [str(edge.source) + " -> " + str(edge.target) for edge in catalog.lineage(ORDERS)] == [
        "lake.shop.customers.number -> lake.shop.orders.buyer"
    ]


def test_a_dropped_and_added_column_is_another_one(catalog: Catalog) -> None:
    before = make(catalog, column_comments={"amount": "In EUR."}, primary_key=("id", "amount"))
    catalog.drop_column(ORDERS, "amount")
    after = catalog.add_column(ORDERS, "amount", pa.string())
    old, new = before.column("amount"), after.column("amount")
    assert old is not None
    assert new is not None
    assert new.field_id not in {column.field_id for column in before.columns}
    assert (new.type, new.comment, new.nullable) == ("varchar", "", True)
    assert after.primary_key == ()


def test_a_column_can_be_widened_but_not_narrowed(catalog: Catalog) -> None:
    catalog.create(ORDERS, pa.schema([("n", pa.int32())]))
    assert catalog.widen_column(ORDERS, "n", pa.int64()).columns[0].type == "bigint"
    with pytest.raises(BadInput, match="cannot be changed"):
        catalog.widen_column(ORDERS, "n", pa.int32())


def test_what_was_said_of_a_dropped_table_goes(catalog: Catalog, state: sa.Engine) -> None:
    key = ForeignKey(columns=("customer_id",), ref_table=CUSTOMERS, ref_columns=("id",))
    make(catalog, CUSTOMERS, comment="People.", restricted=True)
    make(catalog, foreign_keys=(key,))
    catalog.add_lineage(
        [
            LineageEdge(
                source=ColumnRef(table=CUSTOMERS, column="id"), target=ColumnRef(table=ORDERS, column="id"), kind="copy"
            )
        ]
    )
    catalog.drop(CUSTOMERS)
    assert catalog.table(CUSTOMERS) is None
    assert catalog.lineage() == ()
    info = catalog.table(ORDERS)
    assert info is not None
    assert info.foreign_keys == ()
    assert [path.name.split("-")[0] for path in path_of(catalog.files.warehouse).glob("*/*")] == ["orders"]
    again = catalog.create(CUSTOMERS, SCHEMA)
    assert (again.comment, again.restricted) == ("", False)
    info = catalog.table(ORDERS)
    assert info is not None
    assert info.foreign_keys == (key,)
    with pytest.raises(NotFound):
        catalog.drop(TableRef.parse("shop.nothing"))


@pytest.mark.parametrize(
    ("schema", "ref"),
    [
        (pa.schema([("E-Mail", pa.string())]), ORDERS),
        (pa.schema([("a", pa.string()), ("a", pa.string())]), ORDERS),
        (pa.schema([("a", pa.duration("s"))]), ORDERS),
        (pa.schema([("a", pa.string())]), TableRef.parse("information_schema.tables")),
        (pa.schema([("a", pa.string())]), TableRef.parse("hive.shop.orders")),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(catalog: Catalog, schema: pa.Schema, ref: TableRef) -> None:
    with pytest.raises(BadInput):
        catalog.create(ref, schema)
    assert catalog.tables() == ()


def test_a_table_cannot_be_made_twice(catalog: Catalog) -> None:
    make(catalog)
    with pytest.raises(BadInput, match="there already"):
        make(catalog)


def test_names_that_two_parsers_could_read_differently_do_not_exist() -> None:
    for name in ("shop.orders$files", "shop.\u017fhop", "shop.or ders", "shop"):
        with pytest.raises(InvalidName):
            TableRef.parse(name)


def test_data_must_fit_the_table(catalog: Catalog) -> None:
    make(catalog)
    for data, words in (
        (pa.table({"id": [1], "colour": ["red"]}), "colour"),
        (pa.table({"amount": pa.array([1], pa.decimal128(12, 2))}), "must not be empty: id"),
        (pa.table({"id": pa.array([None], pa.int64())}), "id must not be empty"),
        (pa.table({"id": ["secret-4711"]}), "id has values of type string"),
    ):
        with pytest.raises(BadInput, match=words) as caught:
            catalog.append(ORDERS, data)
        assert "secret" not in str(caught.value)
    info = catalog.table(ORDERS)
    assert info is not None
    assert info.snapshot_id is None


def test_a_description_must_fit_the_table(catalog: Catalog) -> None:
    with pytest.raises(BadInput, match="colour"):
        make(catalog, column_comments={"colour": "?"})
    make(catalog)
    with pytest.raises(BadInput, match="time zone"):
        catalog.describe(ORDERS, TableDescription(fresh_at=datetime(2026, 1, 1)))  # noqa: DTZ001
    with pytest.raises(NotFound):
        catalog.describe(CUSTOMERS, TableDescription())


def test_a_description_can_be_read_changed_and_written_back(catalog: Catalog) -> None:
    make(catalog, comment="Old.", sampling=Sampling(interval=100), replaced_by=CUSTOMERS)
    words = catalog.description(ORDERS)
    info = catalog.describe(ORDERS, words.model_copy(update={"comment": "New."}))
    assert (info.comment, info.sampling, info.replaced_by) == ("New.", Sampling(interval=100), CUSTOMERS)
    assert catalog.description(ORDERS).comment == "New."


def test_a_partition_filter_follows_a_rename_and_loses_what_was_dropped(catalog: Catalog) -> None:
    make(catalog, partition_filter=("id", "amount"))
    assert catalog.rename_column(ORDERS, "amount", "price").partition_filter == ("id", "price")
    assert catalog.description(ORDERS).partition_filter == ("id", "price")
    assert catalog.drop_column(ORDERS, "price").partition_filter == ("id",)
    with pytest.raises(BadInput, match="colour"):
        catalog.describe(ORDERS, TableDescription(partition_filter=("colour",)))


def test_a_table_can_be_held_to_what_its_files_are_partitioned_by(catalog: Catalog) -> None:
    info = make(catalog, partition_filter=True)
    assert info.partition_filter == ()
    path = path_of(info.metadata_location)
    content = json.loads(path.read_text(encoding="utf-8"))
    parts = [
        {"source-id": info.columns[0].field_id, "field-id": 1000, "transform": "day", "name": "p"},
        {"source-id": info.columns[1].field_id, "field-id": 1001, "transform": "void", "name": "q"},
    ]
    content |= {"partition-specs": [{"spec-id": 7, "fields": parts}], "default-spec-id": 7}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_metadata(info.metadata_location, catalog.files).partitioned_by == (info.columns[0].name,)


def test_the_lake_can_have_its_own_today(catalog: Catalog) -> None:
    catalog.set_as_of(date(2026, 3, 31))
    catalog.set_as_of(date(2026, 4, 1))
    assert catalog.as_of() == date(2026, 4, 1)
    catalog.set_as_of(None)
    assert catalog.as_of() is None


def test_lineage_takes_the_newer_run(catalog: Catalog) -> None:
    edge = LineageEdge(
        source=ColumnRef.parse("postgres.public.orders.id"),
        target=ColumnRef(table=ORDERS, column="id"),
        kind="copy",
        run="1",
    )
    catalog.add_lineage([edge])
    catalog.add_lineage([edge.model_copy(update={"run": "2"})])
    assert [found.run for found in catalog.lineage()] == ["2"]
    assert catalog.lineage(CUSTOMERS) == ()


def test_every_change_by_anybody_changes_the_version(tmp_path: Path, catalog: Catalog, state: sa.Engine) -> None:
    other = open_catalog(tmp_path, state, catalog_url(tmp_path))
    steps = (
        lambda: make(other),
        lambda: other.append(ORDERS, ROWS),
        lambda: other.describe(ORDERS, TableDescription(comment="Said.")),
        lambda: other.rename_column(ORDERS, "amount", "price"),
        lambda: other.widen_column(ORDERS, "price", pa.decimal128(14, 2)),
        lambda: other.set_as_of(date(2026, 1, 1)),
        lambda: other.add_lineage([]),
        lambda: other.drop(ORDERS),
    )
    seen = {catalog.version()}
    for count, step in enumerate(steps, 2):
        step()
        assert catalog.version() == catalog.version() == other.version()
        seen.add(catalog.version())
        assert len(seen) == count
    other.close()


def test_what_did_not_change_stays_the_same_object(catalog: Catalog) -> None:
    make(catalog)
    make(catalog, CUSTOMERS)
    before = catalog.table(ORDERS)
    catalog.append(CUSTOMERS, ROWS)
    assert catalog.table(ORDERS) is before


def test_reading_imports_no_heavy_library(tmp_path: Path, catalog: Catalog) -> None:
    make(catalog)
    code = f"""
import sys
from pathlib import Path
from townlake.catalog.catalog import open_catalog
from townlake.state.store import open_state
from tests.support.databases import catalog_url, state_url
home = Path({str(tmp_path)!r})
catalog = open_catalog(home, open_state(state_url(home)), catalog_url(home))
assert len(catalog.tables()) == 1
print([name for name in ("pyiceberg", "pyarrow", "alembic", "duckdb") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_home_must_be_a_directory_with_a_usable_name(tmp_path: Path, state: sa.Engine) -> None:
    with pytest.raises(HomeError, match="no directory"):
        open_catalog(tmp_path / "nowhere", state)
    odd = tmp_path / "what?"
    odd.mkdir()
    with pytest.raises(HomeError, match="must not hold"):
        open_catalog(odd, state)


def test_a_home_may_have_blanks_and_signs_in_its_path(tmp_path: Path, state: sa.Engine) -> None:
    home = tmp_path / "my lake, 100% mine ü"
    home.mkdir()
    catalog = open_catalog(home, state, catalog_url(home))
    make(catalog)
    assert catalog.append(ORDERS, ROWS).row_count == 2
    assert catalog.faults() == ()
    catalog.close()
