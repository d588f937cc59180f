"""A catalog in an Iceberg REST service, which others commit to as well."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

import townlake.catalog.rest_pointers as pointers
from tests.app.shop import Home, write_sources
from tests.support.databases import home_state
from tests.support.object_storage import TABLE_BUCKET, ObjectStorage, object_storage
from tests.trino.grown import open_trino
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.rest_service import NOT_THERE, Refused, RestAddress, RestService
from townlake.catalog.s3_files import S3Files
from townlake.domain.errors import HomeError, SkipperError
from townlake.domain.names import TableRef

ROWS = pa.table({"id": [1, 2, 3], "name": ["a", "b", "c"]})
WAREHOUSE = f"s3://{TABLE_BUCKET}"


@pytest.fixture(scope="module")
def storage() -> Iterator[ObjectStorage]:
    """A storage that serves a catalog, too."""
    with object_storage(catalog=True) as found:
        yield found


@pytest.fixture
def files(storage: ObjectStorage) -> S3Files:
    """Where its tables lie."""
    return S3Files(WAREHOUSE, storage.store)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = home_state(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def catalog(tmp_path: Path, state: sa.Engine, storage: ObjectStorage, files: S3Files) -> Iterator[Catalog]:
    """A home over the service; what a test made is dropped again."""
    found = open_catalog(tmp_path, state, storage.catalog, files)
    yield found
    for info in found.tables():
        found.drop(info.ref)
    found.close()


def ref(name: str) -> TableRef:
    return TableRef.parse(f"shop.{name}")


def iceberg(storage: ObjectStorage, files: S3Files) -> Any:
    """PyIceberg's own client, as another program would use it."""
    from pyiceberg.catalog.rest import RestCatalog

    return RestCatalog("lake", **{**files.properties, **storage.catalog.properties})


def test_a_table_lives_and_dies(catalog: Catalog, files: S3Files) -> None:
    orders = ref("orders")
    info = catalog.create(orders, ROWS.schema)
    assert (info.row_count, info.metadata_location.startswith(f"{WAREHOUSE}/shop/orders-")) == (0, True)
    assert catalog.append(orders, ROWS, batches={"one"}).row_count == 3
    assert catalog.batches(orders) == {"one"}
    assert catalog.replace(orders, ROWS.slice(0, 1)).row_count == 1
    renamed = catalog.rename_column(orders, "name", "label")
    assert [c.name for c in renamed.columns] == ["id", "label"]
    assert renamed.columns[1].field_id == info.columns[1].field_id
    assert [c.name for c in catalog.add_column(orders, "more", pa.int64()).columns] == ["id", "label", "more"]
    assert catalog.leftovers() == ()
    assert catalog.faults() == ()
    assert catalog.has_snapshot(orders, renamed.snapshot_id or 0)
    catalog.drop(orders)
    assert catalog.table(orders) is None
    assert files.listed(f"{WAREHOUSE}/shop") == ()


def test_what_others_do_is_seen_within_the_time_that_is_promised(
    catalog: Catalog, storage: ObjectStorage, files: S3Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = ref("others")
    first, moment = catalog.create(orders, ROWS.schema), pointers.time.monotonic()
    monkeypatch.setattr(pointers.time, "monotonic", lambda: moment)
    with catalog.writing():
        version = catalog.version()
    iceberg(storage, files).load_table(("shop", "others")).append(ROWS)
    assert catalog.version() == version
    moment += pointers.FRESH_SECONDS
    second = catalog.table(orders)
    assert second is not None
    assert (second.uuid, second.row_count) == (first.uuid, 3)
    assert catalog.version() != version


def test_a_new_table_in_the_place_of_a_dropped_one_is_another(
    catalog: Catalog, storage: ObjectStorage, files: S3Files
) -> None:
    """This service calls the first metadata file of each `v1`: the same location says something else then."""
    other = iceberg(storage, files)
    other.create_namespace_if_not_exists("shop")
    seen = []
    for schema in (ROWS.schema, pa.schema([("secret", pa.string())])):
        other.create_table(("shop", "plain"), schema)
        with catalog.writing():
            seen.append((catalog.version(), catalog.table(ref("plain"))))
        other.drop_table(("shop", "plain"))
    (old_version, old), (new_version, new) = seen
    assert old is not None
    assert new is not None
    assert old.metadata_location == new.metadata_location
    assert (old.uuid != new.uuid, old_version != new_version) == (True, True)
    assert [c.name for c in new.columns] == ["secret"]
    with catalog.writing():
        assert catalog.tables() == ()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"credential": "nobody:wrong-word"}, "refuses the login"),
        ({"credential": None}, "refuses the login"),
        ({"uri": "http://127.0.0.1:9"}, "does not answer"),
    ],
)
def test_a_service_that_cannot_be_used_is_told(
    tmp_path: Path, state: sa.Engine, storage: ObjectStorage, files: S3Files, change: dict[str, Any], says: str
) -> None:
    address = replace(storage.catalog, **change)
    with pytest.raises(HomeError, match=says) as told:
        open_catalog(tmp_path, state, address, files)
    assert "catalog_uri" in told.value.hint
    assert "wrong-word" not in str(told.value) + repr(address)


def test_what_is_no_catalog_service_is_told(
    tmp_path: Path, state: sa.Engine, storage: ObjectStorage, files: S3Files
) -> None:
    with pytest.raises(HomeError, match=r"does not speak|answers what is not|failed with status|refuses"):
        open_catalog(tmp_path, state, RestAddress(str(storage.store.endpoint)), files)


def test_a_killed_service_is_told_and_comes_back(catalog: Catalog, storage: ObjectStorage) -> None:
    orders = ref("killed")
    catalog.create(orders, ROWS.schema)
    catalog.append(orders, ROWS)
    storage.kill()
    try:
        uses: tuple[Callable[[], object], ...] = (
            lambda: catalog.append(orders, ROWS),
            lambda: catalog.drop(orders),
        )
        for use in uses:
            with pytest.raises(SkipperError, match="does not answer"):
                use()
    finally:
        storage.start()
    assert catalog.append(orders, ROWS).row_count == 6


def test_a_service_that_fails_in_the_middle_of_a_change_is_told(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyiceberg.catalog.rest import RestCatalog
    from pyiceberg.exceptions import CommitStateUnknownException, ForbiddenError
    from requests import ConnectionError as NoConnection

    orders = ref("middle")
    catalog.create(orders, ROWS.schema)
    for method, error, says in (
        ("load_table", NoConnection("token=hush"), "does not answer; nothing was changed"),
        ("load_table", ForbiddenError("hush"), r"refuses \(ForbiddenError\); nothing was changed"),
        ("commit_table", NoConnection("hush"), "not known whether"),
        ("commit_table", CommitStateUnknownException("hush"), "not known whether"),
        ("commit_table", ForbiddenError("hush"), "nothing was changed"),
    ):
        with monkeypatch.context() as patch:

            def fail(*_: Any, error: Exception = error, **__: Any) -> None:
                raise error

            patch.setattr(RestCatalog, method, fail)
            with pytest.raises(HomeError, match=says) as told:
                catalog.append(orders, ROWS)
            assert told.value.hint
            assert "hush" not in str(told.value)
    assert catalog.append(orders, ROWS).row_count == 3


def test_a_login_that_ended_early_is_made_again(storage: ObjectStorage) -> None:
    service = RestService(storage.catalog)
    assert service.get("/namespaces") is not None
    service._token = "ended"
    assert service.get("/namespaces") is not None
    with pytest.raises(Refused) as told:
        service.get("/namespaces/none/tables/none")
    assert told.value.status == NOT_THERE
    service.delete("/namespaces/none/tables/none")


def test_commands_over_a_service(
    storage: ObjectStorage, files: S3Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, home, sources = storage.catalog, Home(tmp_path / "home"), tmp_path / "sources"
    settings = storage.settings("") | {
        "SKIPPER_WAREHOUSE": WAREHOUSE,
        "SKIPPER_CATALOG_URI": address.uri,
        "SKIPPER_CATALOG_CREDENTIAL": str(address.credential),
        "SKIPPER_CATALOG_WAREHOUSE": str(address.warehouse),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    write_sources(sources)
    home.ok("ingest", "files", "--as", "lou", str(sources / "orders.csv"), "--schema", "shop")
    home.ok("review", "approve", "lake.shop.orders", "--unscanned", "--to", "everyone")
    assert not (home.path / "catalog.db").exists()
    parts = {check["part"]: check for check in home.run("doctor", "--json").json}
    assert parts["catalog"]["level"] == parts["storage"]["level"] == parts["table files"]["level"] == "ok"
    assert address.uri in parts["catalog"]["state"]
    assert storage.storage.skipper.secret not in home.ok("config", "show").said
    for refused in (home.run("stack", "up"), home.run("migrate", "--to", "stack")):
        assert refused.code != 0
    home.ok("drop", "shop.orders", "--yes")
    assert files.listed(f"{WAREHOUSE}/shop") == ()


@pytest.mark.trino
@pytest.mark.large
def test_trino_and_skipper_share_tables_and_lose_no_row(
    programs: None, catalog: Catalog, storage: ObjectStorage, files: S3Files, tmp_path: Path
) -> None:
    orders = ref("shared")
    catalog.create(orders, ROWS.schema)
    catalog.append(orders, ROWS)
    ready = "SELECT count(*) FROM lake.shop.shared"
    with open_trino(tmp_path / "trino", {"lake": trino_catalog(storage)}, ready) as server:

        def ask(sql: str) -> list[Sequence[Any]]:
            with server.cursor("tests") as cursor:
                return list(cursor.execute(sql).fetchall())

        assert ask("SELECT sum(id) FROM lake.shop.shared") == [[6]]
        ask("CREATE TABLE lake.shop.made AS SELECT 7 AS id, 'x' AS name")
        with catalog.writing():
            made = catalog.table(ref("made"))
        assert made is not None
        assert made.row_count == 1
        assert catalog.append(ref("made"), pa.table({"id": pa.array([8], pa.int32()), "name": ["y"]})).row_count == 2
        assert ask("SELECT sum(id) FROM lake.shop.made") == [[15]]
        assert catalog.leftovers() == ()
        one, client = pa.table({"id": [100], "name": ["n"]}), iceberg(storage, files)
        faults: list[BaseException] = []
        threads = [
            often(5, faults, lambda: catalog.append(orders, one)),
            often(5, faults, lambda: client.load_table(("shop", "shared")).append(one)),
            often(4, faults, lambda: ask("INSERT INTO lake.shop.shared VALUES (100, 'n')")),
            often(4, faults, lambda: ask("INSERT INTO lake.shop.shared VALUES (100, 'n')")),
        ]
        for thread in threads:
            thread.join()
        assert faults == []
        assert ask("SELECT count(*) FROM lake.shop.shared WHERE id = 100") == [[18]]
        with catalog.writing():
            info = catalog.table(orders)
        assert info is not None
        assert info.row_count == 21


def often(times: int, faults: list[BaseException], work: Callable[[], object]) -> threading.Thread:
    """Do it several times, beside others who do."""

    def run() -> None:
        try:
            for _ in range(times):
                work()
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def trino_catalog(storage: ObjectStorage) -> dict[str, str]:
    """The properties of Trino's catalog over the service, as the guide tells them."""
    return {
        "connector.name": "iceberg",
        "iceberg.catalog.type": "rest",
        "iceberg.rest-catalog.uri": storage.catalog.uri,
        "iceberg.rest-catalog.warehouse": WAREHOUSE,
        "iceberg.rest-catalog.security": "OAUTH2",
        "iceberg.rest-catalog.oauth2.credential": str(storage.catalog.credential),
        "iceberg.rest-catalog.vended-credentials-enabled": "false",
        "fs.native-s3.enabled": "true",
        "s3.endpoint": str(storage.store.endpoint),
        "s3.region": "us-east-1",
        "s3.path-style-access": "true",
        "s3.aws-access-key": storage.storage.skipper.name,
        "s3.aws-secret-key": storage.storage.skipper.secret,
    }
