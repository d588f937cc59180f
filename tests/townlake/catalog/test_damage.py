"""Killed commands, lost files, other writers: each is told clearly and nothing is lost."""

import logging
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from pyiceberg.table import CreateTableTransaction

from app.leftovers import tidy
from tests.support.databases import beneath, catalog_url, embedded, pointers_url, state_url
from tests.support.shared import ROOT
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.description import TableDescription
from townlake.catalog.federated import FederatedColumn, FederatedTable, table_uuid
from townlake.catalog.lineage import LineageEdge
from townlake.catalog.lock import WriteLock
from townlake.domain.errors import BadInput, HomeError
from townlake.domain.location import location_of, path_of
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import ForeignKey, TableInfo
from townlake.state.store import open_state

ORDERS, CUSTOMERS = TableRef.parse("shop.orders"), TableRef.parse("shop.customers")
ROWS = pa.table({"id": [1, 2, 3]})


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    for ref in (ORDERS, CUSTOMERS):
        catalog.create(ref, ROWS.schema, TableDescription(comment=f"All {ref.name}."))
        catalog.append(ref, ROWS)
    return catalog


def home_of(catalog: Catalog) -> Path:
    return path_of(catalog.files.warehouse).parent


def metadata_file(catalog: Catalog, ref: TableRef) -> Path:
    info = catalog.table(ref)
    assert info is not None
    return path_of(info.metadata_location)


def reopened(catalog: Catalog, state: sa.Engine) -> Catalog:
    return open_catalog(home_of(catalog), state, catalog_url(home_of(catalog)))


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"[]", b"{}", b'{"schemas": [], "current-schema-id": 0}', b"\xff\xfe"]
)
def test_one_damaged_table_stops_no_other_and_can_be_dropped(
    filled: Catalog, state: sa.Engine, caplog: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    path = metadata_file(filled, ORDERS)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    catalog = reopened(filled, state)
    with pytest.raises(HomeError, match="damaged") as caught:
        catalog.table(ORDERS)
    assert "orders" not in str(caught.value)
    with caplog.at_level(logging.WARNING):
        assert [info.ref for info in catalog.tables()] == [CUSTOMERS]
        assert [info.ref for info in catalog.tables()] == [CUSTOMERS]
    assert caplog.text.count("lake.shop.orders is damaged") == 1
    assert catalog.faults() == (f"lake.shop.orders: file://{path} is missing or unreadable",)
    with pytest.raises(HomeError, match="damaged"):
        catalog.append(ORDERS, ROWS)
    catalog.drop(ORDERS)
    assert catalog.faults() == ()
    assert catalog.create(ORDERS, ROWS.schema).comment == ""
    catalog.close()


def register(home: Path, catalog: str, namespace: str, name: str, location: str, kind: str | None) -> None:
    """Add a row to Iceberg's own table, as another tool would."""
    row = {"catalog": catalog, "namespace": namespace, "name": name, "location": location, "kind": kind}
    insert = "INSERT INTO iceberg_tables VALUES (:catalog, :namespace, :name, :location, NULL, :kind)"
    beneath(pointers_url(home), insert, **row)


def test_a_damaged_description_is_not_taken_for_none(filled: Catalog, state: sa.Engine) -> None:
    damage = "UPDATE table_descriptions SET record = '{'"
    beneath(state_url(home_of(filled)), damage, "UPDATE versions SET number = number + 1")
    with pytest.raises(HomeError, match="description"):
        filled.table(ORDERS)
    assert filled.tables() == ()


@embedded
def test_a_damaged_catalog_database_is_named(tmp_path: Path, state: sa.Engine) -> None:
    (tmp_path / "catalog.db").write_bytes(b"no database, but long enough to look at" * 40)
    with pytest.raises(HomeError, match="catalog database"):
        open_catalog(tmp_path, state, catalog_url(tmp_path))


def test_tables_of_odd_names_and_views_do_not_exist(filled: Catalog) -> None:
    home = home_of(filled)
    register(home, "lake", "shop", "Orders", "file:///nowhere", "TABLE")
    register(home, "lake", "Shop", "x", "file:///nowhere", None)
    register(home, "lake", "shop", "v", "file:///nowhere", "VIEW")
    register(home, "other", "shop", "y", "file:///nowhere", "TABLE")
    assert [info.ref for info in filled.tables()] == [CUSTOMERS, ORDERS]


def test_a_view_of_that_name_is_told_and_stays(filled: Catalog) -> None:
    register(home_of(filled), "lake", "shop", "v", "file:///nowhere", "VIEW")
    with pytest.raises(BadInput, match="a view"):
        filled.create(TableRef.parse("shop.v"), ROWS.schema)
    assert [info.ref for info in filled.tables()] == [CUSTOMERS, ORDERS]


def test_a_column_whose_name_no_statement_can_write_stays_closed(filled: Catalog) -> None:
    path = metadata_file(filled, ORDERS)
    path.write_text(path.read_text().replace('"name":"id"', '"name":"ID"'))
    home = home_of(filled)
    catalog = open_catalog(home, open_state(state_url(home)), catalog_url(home))
    info = catalog.table(ORDERS)
    assert info is not None
    assert info.columns == ()
    catalog.close()


def test_a_table_that_was_only_created_is_empty_and_can_be_filled(catalog: Catalog, state: sa.Engine) -> None:
    """What a command leaves that is killed between `create` and `append`."""
    catalog.create(ORDERS, ROWS.schema)
    again = reopened(catalog, state)
    info = again.table(ORDERS)
    assert info is not None
    assert info.row_count == 0
    assert again.replace(ORDERS, ROWS).row_count == 3
    again.close()


def test_leftovers_of_a_killed_command_are_found(filled: Catalog) -> None:
    orphan = path_of(filled.files.warehouse) / "shop" / "gone-0123"
    (orphan / "data").mkdir(parents=True)
    assert filled.leftovers() == (location_of(orphan),)


def test_what_any_table_owns_is_no_leftover(filled: Catalog, state: sa.Engine, tmp_path: Path) -> None:
    source = metadata_file(filled, ORDERS)
    for name, catalog, kind in (("2024_sales", "lake", "TABLE"), ("Sales", "lake", None), ("x", "other", "VIEW")):
        copy = path_of(filled.files.warehouse) / "shop" / f"{name}-copy"
        shutil.copytree(source.parent.parent, copy)
        register(tmp_path, catalog, "shop", name, f"file://{copy}/metadata/{source.name}", kind)


@pytest.mark.parametrize(("owner", "name"), [("lake", "2024-orders"), ("elsewhere", "plain")])
def test_what_lies_in_the_folder_of_a_dropped_table_stays(
    filled: Catalog, tmp_path: Path, owner: str, name: str
) -> None:
    info = filled.create(TableRef.parse("shop.outer"), ROWS.schema)
    folder = path_of(filled.files.folder_of(info.metadata_location))
    source = metadata_file(filled, ORDERS)
    shutil.copytree(source.parent.parent, folder / name)
    register(tmp_path, owner, "shop", name, f"file://{folder}/{name}/metadata/{source.name}", "TABLE")
    filled.drop(info.ref)
    assert (folder / name / "metadata" / source.name).exists()
    # It has no rows of its own.
    assert tidy(filled) == 0
    assert (folder / name / "metadata" / source.name).exists()


def test_a_damaged_description_of_a_table_of_another_source_stops_no_other(filled: Catalog) -> None:
    table = FederatedTable(ref=TableRef.parse("pg.public.t"), columns=(FederatedColumn(name="a", type="bigint"),))
    filled.harvested("pg", [table], datetime(2026, 1, 1, tzinfo=UTC))
    beneath(
        state_url(home_of(filled)),
        "INSERT INTO table_descriptions (table_uuid, record) VALUES (:uuid, '{')",
        "UPDATE versions SET number = number + 1",
        uuid=table_uuid(table.ref),
    )
    assert [info.ref for info in filled.tables()] == [CUSTOMERS, ORDERS]


def test_a_home_is_the_same_through_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    state = open_state(state_url(real))
    for first, then in ((link, real), (real, link)):
        catalog = open_catalog(first, state, catalog_url(first))
        catalog.create(ORDERS, ROWS.schema)
        catalog.append(ORDERS, ROWS)
        catalog.close()
        again = open_catalog(then, state, catalog_url(then))
        assert again.leftovers() == ()
        assert again.append(ORDERS, ROWS).row_count == 6
        again.drop(ORDERS)
        again.close()
    assert list((real / "warehouse" / "shop").iterdir()) == []
    state.dispose()


@pytest.mark.parametrize("name", ["copy", "a b%20c"])
def test_a_copied_home_is_not_taken_for_the_original(
    filled: Catalog, state: sa.Engine, tmp_path: Path, name: str
) -> None:
    copy = tmp_path.parent / f"{tmp_path.name}-{name}"
    shutil.copytree(tmp_path, copy)
    with pytest.raises(HomeError, match="copied or moved") as caught:
        open_catalog(copy, state, catalog_url(tmp_path))
    assert f"its tables lie in {str(tmp_path)!r}." in caught.value.message
    assert "SKIPPER_HOME" in caught.value.hint


def test_a_rename_that_was_killed_halfway_is_finished_by_the_next_writer(
    filled: Catalog, state: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ForeignKey(columns=("id",), ref_table=ORDERS, ref_columns=("id",))
    filled.describe(CUSTOMERS, TableDescription(foreign_keys=(key,)))
    edge = LineageEdge(
        source=ColumnRef(table=ORDERS, column="id"), target=ColumnRef(table=CUSTOMERS, column="id"), kind="copy"
    )
    filled.add_lineage([edge])
    with monkeypatch.context() as patch:
        patch.setattr(filled, "_finish_rename", lambda: None)
        filled.rename_column(ORDERS, "id", "number")
    again = reopened(filled, state)
    info = again.append(CUSTOMERS, ROWS)
    assert [key.ref_columns for key in info.foreign_keys] == [("number",)]
    assert [edge.source.column for edge in again.lineage()] == ["number"]
    again.close()


def test_a_rename_that_failed_changes_no_reference(filled: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    edge = LineageEdge(
        source=ColumnRef(table=ORDERS, column="id"), target=ColumnRef(table=CUSTOMERS, column="id"), kind="copy"
    )
    filled.add_lineage([edge])
    with pytest.raises(BadInput):
        filled.rename_column(ORDERS, "id", "Not A Name")
    filled.append(ORDERS, ROWS)
    assert filled.lineage() == (edge,)


def test_what_a_killed_drop_left_is_not_inherited(filled: Catalog, state: sa.Engine) -> None:
    edge = LineageEdge(
        source=ColumnRef(table=ORDERS, column="id"), target=ColumnRef(table=CUSTOMERS, column="id"), kind="copy"
    )
    filled.drop(ORDERS)
    filled.add_lineage([edge])  # as if the drop had been killed before it came to lineage
    filled.create(ORDERS, ROWS.schema)
    assert filled.lineage() == ()
    filled.drop_column(CUSTOMERS, "id")
    filled.add_lineage([edge])
    filled.add_column(CUSTOMERS, "id", pa.int64())
    assert filled.lineage() == ()


def test_a_table_appears_with_its_description_or_not_at_all(filled: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = TableRef.parse("hr.layoffs")
    for words in ({"typo": "x"}, {"id": "x"}):
        description = TableDescription(restricted=True, column_comments=words)
        with monkeypatch.context() as patch:
            patch.setattr(CreateTableTransaction, "commit_transaction", _full)
            with pytest.raises((BadInput, HomeError)):
                filled.create(secret, ROWS.schema, description)
        assert filled.table(secret) is None
    info = filled.create(secret, ROWS.schema, description)
    assert (info.restricted, info.columns[0].comment) == (True, "x")


def _full(_: object) -> None:
    raise OSError(28, "No space left on device")


@embedded
def test_a_locked_catalog_database_is_told(filled: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("townlake.catalog.pointers.PATIENCE_SECONDS", 0.1)
    filled.__dict__.pop("_writer").close()
    with closing(sqlite3.connect(tmp_path / "catalog.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HomeError, match="catalog database"):
            filled.append(ORDERS, ROWS)
        with pytest.raises(HomeError, match="catalog database"):
            filled.create(TableRef.parse("shop.more"), ROWS.schema)
    assert filled.append(ORDERS, ROWS).row_count == 6


def test_metadata_files_and_manifests_do_not_pile_up(catalog: Catalog) -> None:
    catalog.create(ORDERS, ROWS.schema)
    for _ in range(45):
        info = catalog.append(ORDERS, ROWS)
    folder = path_of(info.metadata_location).parent
    assert info.row_count == 135
    assert len(list(folder.glob("*.metadata.json"))) <= 22
    table = catalog._writer._load(ORDERS)
    snapshot = table.current_snapshot()
    assert snapshot is not None
    assert len(snapshot.manifests(table.io)) <= 21
    assert table.scan().to_arrow().num_rows == 135


def test_a_drop_takes_no_files_of_a_table_that_lies_in_the_same_folder(filled: Catalog, tmp_path: Path) -> None:
    path = metadata_file(filled, ORDERS)
    register(tmp_path, "lake", "shop", "twin", location_of(path), "TABLE")
    filled.drop(ORDERS)
    assert path.exists()
    filled.drop(TableRef.parse("shop.twin"))
    assert not path.parent.parent.exists()


def test_files_outside_the_warehouse_are_never_deleted(filled: Catalog, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    source = metadata_file(filled, ORDERS)
    shutil.copytree(source.parent, elsewhere / "metadata")
    location = f"file://{elsewhere}/metadata/{source.name}"
    moved = "UPDATE iceberg_tables SET metadata_location = :location WHERE table_name = 'orders'"
    beneath(pointers_url(tmp_path), moved, location=location)
    filled.drop(ORDERS)
    assert (elsewhere / "metadata" / source.name).is_file()


def append_some(home: str, count: int) -> None:
    catalog = open_catalog(Path(home), open_state(state_url(Path(home))), catalog_url(Path(home)))
    for _ in range(count):
        catalog.append(ORDERS, ROWS)


def test_two_processes_may_append_to_one_table(filled: Catalog) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=append_some, args=(str(home_of(filled)), 3)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    info = filled.table(ORDERS)
    assert info is not None
    assert info.row_count == 3 + 2 * 3 * 3


def test_who_waits_too_long_is_told_which_process_writes(tmp_path: Path, state: sa.Engine) -> None:
    code = f"""
import sys
from pathlib import Path
from townlake.catalog.lock import WriteLock
with WriteLock(Path({str(tmp_path / "catalog.lock")!r})).held():
    print("held", flush=True)
    sys.stdin.read()
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    child.stdout.readline()
    catalog = Catalog(tmp_path, state, patience_seconds=0.1)
    with pytest.raises(HomeError, match=rf"process {child.pid}\) is writing"):
        catalog.create(ORDERS, ROWS.schema)
    assert catalog.tables() == ()
    # The lock of a killed process goes with it.
    child.kill()
    child.communicate()
    assert catalog.create(ORDERS, ROWS.schema).row_count == 0
    catalog.close()


def test_the_lock_may_be_taken_again_by_its_holder_and_frees_after_an_error(tmp_path: Path) -> None:
    lock = WriteLock(tmp_path / "lock", patience_seconds=0.1)
    with pytest.raises(ValueError, match="stop"), lock.held(), lock.held():
        raise ValueError("stop")
    with WriteLock(tmp_path / "lock", patience_seconds=0.1).held():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(HomeError, match="cannot be written"), WriteLock(tmp_path / "lock").held():
        pass
    tmp_path.chmod(0o700)


def test_a_lock_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="cannot be written"), WriteLock(tmp_path).held():
        pass


def test_many_threads_read_while_one_writes(filled: Catalog) -> None:
    faults: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                infos: tuple[TableInfo, ...] = filled.tables()
                assert [info.ref for info in infos] == [CUSTOMERS, ORDERS]
                assert all(info.row_count is not None and info.row_count % 3 == 0 for info in infos)
        except BaseException as error:
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(3):
        filled.append(ORDERS, ROWS)
    done.set()
    for reader in readers:
        reader.join()
    assert faults == []


def test_a_full_disk_leaves_the_rows_as_they_were(filled: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyiceberg.io import pyarrow as files

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.pq, "ParquetWriter", full)
    with pytest.raises(HomeError, match="No space left"):
        filled.append(ORDERS, ROWS)
    info = filled.table(ORDERS)
    assert info is not None
    assert info.row_count == 3
