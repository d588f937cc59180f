"""Tables in object storage: the whole way of a table, and what is told when the storage is not as it should be."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pyarrow as pa
import pytest

from app.stack.storage_server import store_of
from tests.app.shop import Home, write_sources
from tests.support.databases import catalog_url, home_state
from tests.support.object_storage import ObjectStorage, object_storage
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.s3_files import S3Files, S3Store
from townlake.catalog.sampling import sample_files
from townlake.domain.errors import HomeError, StorageUnavailable
from townlake.domain.names import TableRef

ORDERS = TableRef.parse("shop.orders")
ROWS = pa.table({"id": [1, 2, 3]})


@pytest.fixture(scope="module")
def storage() -> Iterator[ObjectStorage]:
    """One storage for all tests of this file; a test that kills it starts it again."""
    with object_storage() as found:
        yield found


@pytest.fixture
def place(storage: ObjectStorage, request: pytest.FixtureRequest) -> S3Files:
    """A prefix that nobody else uses."""
    return storage.files("".join(c if c.isalnum() else "-" for c in request.node.name))


OpenCatalog = Callable[[S3Files | None], Catalog]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenCatalog]:
    """Opens the catalog of one home over any files."""
    state, found = home_state(tmp_path), list[Catalog]()

    def open_it(files: S3Files | None) -> Catalog:
        found.append(open_catalog(tmp_path, state, catalog_url(tmp_path), files))
        return found[-1]

    yield open_it
    for catalog in found:
        catalog.close()
    state.dispose()


@pytest.fixture
def filled(opened: OpenCatalog, place: S3Files) -> Catalog:
    """A catalog with a table of three rows."""
    catalog = opened(place)
    catalog.create(ORDERS, ROWS.schema)
    catalog.append(ORDERS, ROWS)
    return catalog


def test_a_table_lives_and_dies_in_the_bucket(filled: Catalog, place: S3Files) -> None:
    info = filled.table(ORDERS)
    assert info is not None
    assert info.row_count == 3
    assert info.metadata_location.startswith(f"{place.warehouse}/shop/orders-")
    assert filled.replace(ORDERS, pa.table({"id": [9]})).row_count == 1
    assert filled.leftovers() == ()
    kept = place.listed(place.warehouse)
    assert {location.rsplit("/", 2)[1] for location in kept} == {"metadata", "data"}
    filled.drop(ORDERS)
    assert place.listed(place.warehouse) == ()


def test_leftovers_are_told_apart_and_nothing_outside_the_warehouse_is_deleted(
    filled: Catalog, place: S3Files, storage: ObjectStorage
) -> None:
    from app.leftovers import empty_leftovers, orphans, tidy

    info = filled.table(ORDERS)
    assert info is not None
    written = json.loads(place.read(info.metadata_location))
    lost, killed = (f"shop/{name}-{'0a' * 16}" for name in ("lost", "killed"))
    for folder, document in ((lost, written), (killed, {"current-snapshot-id": None})):
        put(place, f"{folder}/metadata/1.metadata.json", json.dumps(document))
    put(place, f"{killed}/data/1.parquet", "x")
    put(place, "of/others/notes.txt", "x")
    assert orphans(filled) == (f"{place.warehouse}/{lost}",)
    assert empty_leftovers(filled) == (f"{place.warehouse}/{killed}",)
    assert tidy(filled) == 1
    assert filled.leftovers() == (f"{place.warehouse}/{lost}",)
    before = place.listed(place.warehouse)
    inner = S3Files(f"{place.warehouse}/shop/other", storage.store)
    outside = (f"{place.warehouse}/shop", f"{place.warehouse}/shop/other", f"{place.warehouse}/shop/other/../of")
    for folder in outside:
        inner.remove(folder)
    place.remove(place.warehouse)
    place.remove(f"{place.warehouse}/shop/never-was-there")
    assert place.listed(place.warehouse) == before


def test_a_lake_with_tables_elsewhere_is_refused(filled: Catalog, opened: OpenCatalog, storage: ObjectStorage) -> None:
    with pytest.raises(HomeError, match="has tables elsewhere") as refused:
        opened(storage.files("another"))
    assert "load the data again" in refused.value.hint
    with pytest.raises(HomeError, match="has tables elsewhere"):
        opened(None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"secret_key": "wrong-secret"}, "refuses the key"),
        ({"access_key": "nobody"}, "refuses the key"),
        ({"endpoint": "http://127.0.0.1:9"}, "does not answer"),
    ],
)
def test_a_storage_that_cannot_be_used_is_told_and_nothing_is_changed(
    filled: Catalog, opened: OpenCatalog, place: S3Files, storage: ObjectStorage, change: dict[str, str], says: str
) -> None:
    version, kept, info = filled.version(), place.listed(place.warehouse), filled.table(ORDERS)
    assert info is not None
    broken = opened(S3Files(place.warehouse, replace(storage.store, **change)))
    for use in (
        lambda: broken.tables(),
        lambda: broken.table(ORDERS),
        lambda: broken.faults(),
        lambda: broken.leftovers(),
        lambda: broken.append(ORDERS, ROWS),
        lambda: broken.create(TableRef.parse("shop.more"), ROWS.schema),
        lambda: broken.drop(ORDERS),
        lambda: broken.files.try_out(),
        lambda: sample_files(info, broken.files, None, 30.0),
    ):
        with pytest.raises(StorageUnavailable, match=says) as told:
            use()
        assert told.value.hint
        assert "wrong-secret" not in str(told.value)
        assert storage.storage.skipper.secret not in str(told.value) + repr(storage.store)
    assert [table.row_count for table in opened(place).tables()] == [3]
    assert place.listed(place.warehouse) == kept
    assert (filled.table(TableRef.parse("shop.more")), filled.leftovers()) == (None, ())
    assert version


def test_a_bucket_that_is_not_there_is_named(opened: OpenCatalog, storage: ObjectStorage) -> None:
    files = S3Files("s3://nowhere/tables", storage.store)
    catalog = opened(files)
    assert catalog.tables() == ()
    for use in (
        files.try_out,
        lambda: catalog.create(ORDERS, ROWS.schema),
        lambda: files.read("s3://nowhere/tables/x"),
    ):
        with pytest.raises(StorageUnavailable, match="has no bucket 'nowhere'") as told:
            use()
        assert "warehouse" in told.value.hint
    assert catalog.tables() == ()


def test_one_lost_metadata_file_stops_no_other_table(filled: Catalog, opened: OpenCatalog, place: S3Files) -> None:
    other = TableRef.parse("shop.other")
    info = filled.create(other, ROWS.schema)
    for location in place.listed(place.folder_of(info.metadata_location)):
        place.remove(location.rsplit("/", 1)[0])
    again = opened(place)
    assert [table.ref for table in again.tables()] == [ORDERS]
    assert len(again.faults()) == 1
    again.drop(other)
    assert [table.ref for table in again.tables()] == [ORDERS]


def test_a_killed_storage_is_told_and_comes_back_with_all_that_it_acknowledged(
    filled: Catalog, opened: OpenCatalog, place: S3Files, storage: ObjectStorage
) -> None:
    storage.kill()
    try:
        with pytest.raises(StorageUnavailable, match="does not answer"):
            filled.append(ORDERS, ROWS)
        with pytest.raises(StorageUnavailable, match="does not answer"):
            opened(place).tables()
    finally:
        storage.start()
    assert opened(place).append(ORDERS, ROWS).row_count == 6


def test_without_the_key_no_port_of_the_storage_gives_anything(filled: Catalog, storage: ObjectStorage) -> None:
    paths = ("/", "/lake/", "/buckets/lake/?pretty=y", "/dir/assign", "/dir/status", "/vol/status", "/ui/")
    for port in storage.storage.ports.all:
        for address in (f"{scheme}://127.0.0.1:{port}{path}" for scheme in ("http", "https") for path in paths):
            assert status_of(address) in {None, 400, 403}, address
    for path in (storage.directory / "storage", storage.directory / "storage" / "inner.key"):
        assert path.stat().st_mode & 0o077 == 0


def test_trinos_key_reads_and_changes_nothing(filled: Catalog, place: S3Files, storage: ObjectStorage) -> None:
    reading = S3Files(place.warehouse, store_of(storage.storage, storage.storage.trino))
    kept = place.listed(place.warehouse)
    assert reading.listed(place.warehouse) == kept
    assert reading.read(kept[0]) == place.read(kept[0])
    for change in (reading.try_out, lambda: reading.remove(place.folder_of(kept[-1]))):
        with pytest.raises(StorageUnavailable, match="refuses the key, or what was asked"):
            change()
    assert place.listed(place.warehouse) == kept


def status_of(address: str) -> int | None:
    """What an address answers to somebody without any key; None for no HTTP."""
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(address, timeout=1, context=blind) as response:  # noqa: S310 - our own server
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, HTTPException):
        return None


def test_a_local_lake_loads_nothing_of_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from townlake.catalog.catalog import open_catalog; "
        "from townlake.state.store import open_state; import sqlalchemy as sa; home = Path(sys.argv[1]); "
        "open_catalog(home, open_state(sa.URL.create('sqlite', database=str(home / 'state.db')))).tables(); "
        "print([m for m in ('townlake.catalog.s3_files', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_commands_over_a_bucket(storage: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in storage.settings("commands").items():
        monkeypatch.setenv(name, value)
    home, sources = Home(tmp_path / "home"), tmp_path / "sources"
    write_sources(sources)
    home.ok(
        "ingest",
        "files",
        "--as",
        "lou",
        str(sources / "orders.csv"),
        str(sources / "customers.parquet"),
        "--schema",
        "shop",
    )
    home.ok("review", "approve", "lake.shop.orders", "--unscanned", "--to", "everyone")
    assert {table["table"] for table in home.ok("tables", "--json").json} >= {"lake.shop.orders"}
    assert not (home.path / "warehouse").exists()
    refused = home.run("sql", "SELECT count(*) FROM shop.orders")
    assert refused.code != 0
    assert "SKIPPER_ENGINE=trino" in refused.err.replace("\n", " ")
    parts = {check["part"]: check for check in home.run("doctor", "--json").json}
    assert parts["storage"]["level"] == parts["table files"]["level"] == parts["leftovers"]["level"] == "ok"
    scanned = {each["table"]: each["columns"] for each in home.ok("scan", "--json").json["tables"]}
    assert {"email", "person_name"} <= {each["label"] for each in scanned["lake.shop.customers"]}
    home.ok("drop", "shop.orders", "--yes")
    home.ok("drop", "shop.customers", "--yes")
    assert storage.files("commands").listed(storage.files("commands").warehouse) == ()
    monkeypatch.setenv("SKIPPER_S3_SECRET_KEY", "wrong")
    parts = {check["part"]: check for check in home.run("doctor", "--json").json}
    assert parts["storage"]["level"] == "fail"
    assert "s3_secret_key" in parts["storage"]["advice"]
    assert "catalog" not in parts


def put(files: S3Files, name: str, text: str) -> None:
    with files._system.open_output_stream(f"{files.warehouse.removeprefix('s3://')}/{name}") as file:
        file.write(text.encode())


def test_a_file_that_is_not_found_while_the_storage_ends_is_an_outage() -> None:
    fault = S3Files("s3://lake", S3Store("http://127.0.0.1:9", access_key="a", secret_key="b")).fault(
        FileNotFoundError()
    )
    assert fault is not None
    assert "does not answer" in fault.message


def test_the_store_of_a_cloud_has_no_address() -> None:
    store = S3Store(region="eu-central-1")
    assert store.name == "of AWS in eu-central-1"
    found = S3Files("s3://lake", store).properties
    assert (found["s3.region"], "s3.endpoint" in found, "s3.access-key-id" in found) == ("eu-central-1", False, False)
