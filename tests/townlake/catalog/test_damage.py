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
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.support.shared import ROOT
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.description import TableDescription
from townlake.catalog.lock import WriteLock
from townlake.catalog.metadata import local_path
from townlake.domain.errors import HomeError
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.state.store import open_state

ORDERS, CUSTOMERS = TableRef.parse("shop.orders"), TableRef.parse("shop.customers")
ROWS = pa.table({"id": [1, 2, 3]})


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    for ref in (ORDERS, CUSTOMERS):
        catalog.create(ref, ROWS.schema, TableDescription(comment=f"All {ref.name}."))
        catalog.append(ref, ROWS)
    return catalog


def metadata_file(catalog: Catalog, ref: TableRef) -> Path:
    info = catalog.table(ref)
    assert info is not None
    return local_path(info.metadata_location)


def reopened(catalog: Catalog, state: sa.Engine) -> Catalog:
    return open_catalog(catalog.warehouse.parent, state)


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


def test_a_damaged_description_is_not_taken_for_none(filled: Catalog, state: sa.Engine) -> None:
    with closing(sqlite3.connect(filled.warehouse.parent / "state.db")) as connection:
        connection.execute("UPDATE table_descriptions SET record = '{'")
        connection.execute("UPDATE versions SET number = number + 1")
        connection.commit()
    with pytest.raises(HomeError, match="description"):
        filled.table(ORDERS)
    assert filled.tables() == ()


def test_a_damaged_catalog_database_is_named(tmp_path: Path, state: sa.Engine) -> None:
    (tmp_path / "catalog.db").write_bytes(b"no database, but long enough to look at" * 40)
    with pytest.raises(HomeError, match="catalog database"):
        open_catalog(tmp_path, state)


def test_tables_of_odd_names_and_views_do_not_exist(filled: Catalog) -> None:
    with closing(sqlite3.connect(filled.warehouse.parent / "catalog.db")) as connection:
        for namespace, name, kind in (("shop", "Orders", "TABLE"), ("Shop", "x", None), ("shop", "v", "VIEW")):
            row = ("lake", namespace, name, "file:///nowhere", None, kind)
            connection.execute("INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO iceberg_tables VALUES ('other', 'shop', 'y', 'file:///nowhere', NULL, 'TABLE')")
        connection.commit()
    assert [info.ref for info in filled.tables()] == [CUSTOMERS, ORDERS]


def test_a_column_whose_name_no_statement_can_write_stays_closed(filled: Catalog) -> None:
    path = metadata_file(filled, ORDERS)
    path.write_text(path.read_text().replace('"name":"id"', '"name":"ID"'))
    catalog = open_catalog(filled.warehouse.parent, open_state(f"sqlite:///{filled.warehouse.parent / 'state.db'}"))
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


def test_leftovers_of_a_killed_command_are_found_and_tidied(filled: Catalog) -> None:
    orphan = filled.warehouse / "shop" / "gone-0123"
    (orphan / "data").mkdir(parents=True)
    assert filled.leftovers() == (orphan,)
    assert filled.tidy() == (orphan,)
    assert filled.leftovers() == ()
    assert [info.row_count for info in filled.tables()] == [3, 3]


def test_files_outside_the_warehouse_are_never_deleted(filled: Catalog, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    source = metadata_file(filled, ORDERS)
    shutil.copytree(source.parent, elsewhere / "metadata")
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as connection:
        location = f"file://{elsewhere}/metadata/{source.name}"
        connection.execute("UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = 'orders'", (location,))
        connection.commit()
    filled.drop(ORDERS)
    assert (elsewhere / "metadata" / source.name).is_file()


def append_some(home: str, count: int) -> None:
    catalog = open_catalog(Path(home), open_state(f"sqlite:///{home}/state.db"))
    for _ in range(count):
        catalog.append(ORDERS, ROWS)


def test_two_processes_may_append_to_one_table(filled: Catalog) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=append_some, args=(str(filled.warehouse.parent), 3)) for _ in range(2)]
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
