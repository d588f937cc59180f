"""A sample sees all ages and places of a table, every leaf, and no more than it should."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from townlake.catalog.catalog import Catalog
from townlake.catalog.sample_values import SampleValues
from townlake.catalog.sampling import _File, chosen_files, sample_files
from townlake.domain.errors import HomeError
from townlake.domain.location import path_of
from townlake.domain.names import TableRef
from townlake.domain.sample import ColumnSample, TableSample
from townlake.domain.table import ColumnInfo

REF = TableRef.parse("shop.orders")


def sampled(catalog: Catalog, since: int | None = None) -> TableSample:
    info = catalog.table(REF)
    assert info is not None
    return sample_files(info, catalog.files, since, 30.0)


def loaded(catalog: Catalog, *parts: pa.Table) -> TableSample:
    catalog.create(REF, parts[0].schema)
    for part in parts:
        catalog.append(REF, part)
    return sampled(catalog)


def leaf(sample: TableSample, path: str) -> ColumnSample:
    return next(column for column in sample.columns if column.path == path)


def test_all_files_have_their_share(catalog: Catalog) -> None:
    found = loaded(catalog, *(pa.table({"day": [f"day {n}"] * 500}) for n in range(12)))
    assert set(leaf(found, "day").values) == {f"day {n}" for n in range(12)}
    assert (found.files, found.files_read, found.rows) == (12, 12, 6000)


def test_of_many_files_the_oldest_the_newest_and_each_partition_are_read() -> None:
    files = [_File(f"f{n}", f"country={n % 3}", n, 10, 10) for n in range(500)]
    files.append(_File("small", "country=9", 250, 10, 10))
    chosen = chosen_files(files, 24)
    assert len(chosen) == 24
    assert {"f0", "f499", "small"} <= {file.path for file in chosen}
    ages = sorted(file.sequence for file in chosen)
    assert max(later - earlier for earlier, later in pairwise(ages)) < 100
    assert chosen_files([], 24) == []


def test_a_column_has_300_different_values_and_a_long_text_1000(catalog: Catalog) -> None:
    data = pa.table(
        {"code": [f"c{n}" for n in range(5000)], "text": [f"{n} is told here at length" * 3 for n in range(5000)]}
    )
    found = loaded(catalog, data)
    assert len(set(leaf(found, "code").values)) == 300
    assert len(set(leaf(found, "text").values)) == 1000


def test_nobody_without_the_salt_knows_which_rows_are_read(catalog: Catalog) -> None:
    loaded(catalog, pa.table({"code": [f"c{n}" for n in range(10_000)]}))
    info = catalog.table(REF)
    assert info is not None
    one, again, other = (
        set(leaf(sample_files(info, catalog.files, None, 30.0, salt), "code").values) for salt in (b"a", b"a", b"b")
    )
    assert one == again != other
    places = [int(value[1:]) for value in one]
    assert min(places) < 500
    assert max(places) > 9_500
    assert len(one & other) < 100


def test_rows_behind_the_first_of_a_row_group_are_read(catalog: Catalog) -> None:
    count = 400_000
    loaded(catalog, pa.table({"code": range(count)}))
    info = catalog.table(REF)
    assert info is not None
    found = [sample_files(info, catalog.files, None, 30.0, bytes([salt])) for salt in range(4)]
    assert {sample.rows_read for sample in found} == {199_992}
    assert max(int(value) for sample in found for value in leaf(sample, "code").values) > 200_000


def test_leaves_that_are_left_out_are_told() -> None:
    columns = [ColumnInfo(name="stock", type="row(...)", field_id=1), ColumnInfo(name="id", type="bigint", field_id=2)]
    values = SampleValues(columns, 1)
    one = pa.array([1], pa.int64())
    values.take(1, pa.StructArray.from_arrays([one] * 2_000, names=[f"qty_{n}" for n in range(2_000)]))
    values.take(2, one)
    found = values.columns({})
    assert len(found) == 1_999
    assert {(column.field_id, column.is_whole) for column in found} == {(1, False), (2, True)}


def test_a_value_is_cut(catalog: Catalog) -> None:
    found = loaded(catalog, pa.table({"text": ["x" * 100_000] * 3}))
    assert {len(value) for value in leaf(found, "text").values} == {600}


def test_nested_types_are_sampled_leaf_by_leaf(catalog: Catalog) -> None:
    rows = [{"city": f"c{n}", "phones": [{"no": f"p{n}"}, {"no": f"q{n}"}]} for n in range(5)]
    more = pa.array([[("k", n)] for n in range(5)], pa.map_(pa.string(), pa.int64()))
    found = loaded(catalog, pa.table({"contact": rows, "more": more}))
    assert [(c.path, c.type) for c in found.columns] == [
        ("contact.city", "varchar"),
        ("contact.phones.element.no", "varchar"),
        ("more.key", "varchar"),
        ("more.value", "bigint"),
    ]
    assert set(leaf(found, "contact.phones.element.no").values) == {f"{letter}{n}" for letter in "pq" for n in range(5)}


def test_values_read_as_trino_writes_them(catalog: Catalog) -> None:
    data = pa.table(
        {
            "flag": [True],
            "day": pa.array([0], pa.date32()),
            "at": pa.array([0], pa.timestamp("us", "UTC")),
            "price": pa.array(["1.50"]).cast(pa.decimal128(10, 2)),
            "raw": [b"\xff\x01"],
            "told": [b"ann@shop.example"],
        }
    )
    found = loaded(catalog, data)
    assert [column.values for column in found.columns] == [
        ("true",),
        ("1970-01-01",),
        ("1970-01-01 00:00:00.000000",),
        ("1.50",),
        ("ff01",),
        ("ann@shop.example",),
    ]


def test_nulls_come_from_the_metrics(catalog: Catalog) -> None:
    rare = pa.array([None] * 99_980 + [f"v{n}" for n in range(20)], pa.string())
    found = loaded(catalog, pa.table({"id": range(100_000), "rare": rare}))
    assert len(set(leaf(found, "rare").values)) == 20
    assert leaf(found, "rare").null_share == pytest.approx(0.9998)
    assert leaf(found, "id").null_count == 0


def test_later_only_new_files_are_read(catalog: Catalog) -> None:
    first = loaded(catalog, pa.table({"id": ["old"] * 5}))
    catalog.append(REF, pa.table({"id": ["new"] * 3}))
    found = sampled(catalog, first.sequence_number)
    assert (set(leaf(found, "id").values), found.files, found.rows) == ({"new"}, 1, 3)
    assert sampled(catalog, found.sequence_number).files == 0


def test_a_column_is_its_id_and_not_its_name(catalog: Catalog) -> None:
    loaded(catalog, pa.table({"a": ["first"] * 3, "b": ["stays"] * 3}))
    catalog.rename_column(REF, "b", "renamed")
    catalog.drop_column(REF, "a")
    catalog.add_column(REF, "a", pa.string())
    catalog.append(REF, pa.table({"renamed": ["s2"], "a": ["second"]}))
    found = sampled(catalog)
    assert set(leaf(found, "a").values) == {"second"}
    assert set(leaf(found, "renamed").values) == {"stays", "s2"}


def test_an_empty_table_has_no_values(catalog: Catalog) -> None:
    catalog.create(REF, pa.schema([("id", pa.int64())]))
    assert [column.values for column in sampled(catalog).columns] == [()]


def test_time_that_is_over_is_told(catalog: Catalog) -> None:
    loaded(catalog, *(pa.table({"id": [n]}) for n in range(3)))
    info = catalog.table(REF)
    assert info is not None
    assert not sample_files(info, catalog.files, None, 0.0).is_complete


def test_a_wide_table_is_bounded(catalog: Catalog) -> None:
    wide = pa.table({f"c{n}": [f"{n}-{row}" for row in range(50)] for n in range(500)})
    found = loaded(catalog, wide)
    assert len(found.columns) == 500
    assert all(column.values for column in found.columns)


def test_no_value_shows_in_the_repr(catalog: Catalog) -> None:
    assert "hush" not in repr(loaded(catalog, pa.table({"a": ["hush-hush"]})))


def test_damaged_files_are_told_as_such(catalog: Catalog) -> None:
    loaded(catalog, pa.table({"a": ["x"]}))
    for path in _data_files(catalog):
        path.write_bytes(b"PAR1 no more")
    with pytest.raises(HomeError, match="cannot be sampled"):
        sampled(catalog)


def _data_files(catalog: Catalog) -> list[Path]:
    info = catalog.table(REF)
    assert info is not None
    folder = catalog.files.folder_of(info.metadata_location)
    return [path_of(each) for each in catalog.files.listed(folder) if each.endswith(".parquet")]
