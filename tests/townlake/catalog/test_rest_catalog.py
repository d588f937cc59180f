"""A catalog in a REST service that others use as well, that hides things, and that breaks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from pyiceberg.exceptions import NoSuchTableError

import townlake.catalog.rest_client as client
import townlake.catalog.rest_pointers as pointers
from app.health import _leftovers
from app.leftovers import tidy
from tests.support.catalog_service import CatalogService, catalog_service
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.description import TableDescription
from townlake.catalog.files import LocalFiles
from townlake.catalog.lineage import LineageEdge
from townlake.catalog.rest_pointers import RestPointers
from townlake.catalog.rest_service import RestAddress, RestService
from townlake.domain.errors import HomeError, NotFound
from townlake.domain.location import path_of
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import ForeignKey

ORDERS, DERIVED = TableRef.parse("shop.orders"), TableRef.parse("shop.derived")
ROWS = pa.table({"id": [1, 2, 3], "name": ["a", "b", "c"]})
LIST = "/v1/namespaces/shop/tables"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[CatalogService]:
    with catalog_service(tmp_path) as found:
        yield found


@pytest.fixture
def catalog(
    tmp_path: Path, state: sa.Engine, service: CatalogService, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Catalog]:
    """It reads through the service, and writes past it."""
    monkeypatch.setattr(RestPointers, "connect", lambda *_: service.inner)
    found = open_catalog(tmp_path, state, service.address, LocalFiles(tmp_path / "warehouse"))
    yield found
    found.close()


def seen(catalog: Catalog, ref: TableRef = ORDERS) -> Any:
    """The table, after a look at everything."""
    with catalog.writing():
        return catalog.table(ref)


@pytest.mark.parametrize("status", [400, 403, 404, 406, 500, 501, 503])
def test_a_list_that_is_not_given_is_no_empty_lake(catalog: Catalog, service: CatalogService, status: int) -> None:
    catalog.create(ORDERS, ROWS.schema)
    service.statuses["GET /v1/namespaces"] = status
    with pytest.raises(HomeError), catalog.writing():
        catalog.tables()
    with pytest.raises(HomeError):
        catalog.leftovers()


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 500, 501])
def test_views_and_levels_that_a_service_does_not_have_are_none(
    catalog: Catalog, service: CatalogService, status: int
) -> None:
    info = catalog.create(ORDERS, ROWS.schema)
    service.statuses["GET /v1/namespaces/shop/views"] = status
    if status in {403, 500}:
        with pytest.raises(HomeError):
            catalog.leftovers()
    else:
        assert catalog.leftovers() == ()
        assert info.ref == ORDERS


def test_what_lies_in_a_lower_level_is_owned(catalog: Catalog, service: CatalogService, tmp_path: Path) -> None:
    service.inner.create_namespace(("shop",))
    service.inner.create_namespace(("shop", "deep"))
    place = f"file://{tmp_path}/warehouse/shop/low-{'a' * 32}"
    service.inner.create_table(("shop", "deep", "low"), ROWS.schema, location=place)
    assert seen(catalog) is None
    assert catalog.leftovers() == ()


def test_nothing_of_a_catalog_that_others_use_is_tidied_away(catalog: Catalog, tmp_path: Path) -> None:
    left = tmp_path / "warehouse" / "shop" / "left"
    left.mkdir(parents=True)
    assert len(catalog.leftovers()) == 1
    assert tidy(catalog) == 0
    assert left.exists()


@pytest.mark.parametrize("status", [403, 422, 500])
def test_one_table_that_the_service_does_not_give_stops_no_other(
    catalog: Catalog, service: CatalogService, state: sa.Engine, tmp_path: Path, status: int
) -> None:
    for ref in (ORDERS, DERIVED):
        catalog.create(ref, ROWS.schema)
    service.statuses[f"GET {LIST}/derived"] = status
    assert seen(catalog) is not None
    assert [info.ref for info in catalog.tables()] == [ORDERS]
    with pytest.raises(HomeError, match="damaged"):
        catalog.table(DERIVED)
    assert catalog.faults() == ("lake.shop.derived: the catalog service does not give it",)
    with pytest.raises(HomeError, match="does not tell where"):
        catalog.leftovers()
    again = open_catalog(tmp_path, state, service.address, LocalFiles(tmp_path / "warehouse"))
    assert [info.ref for info in again.tables()] == [ORDERS]
    again.close()
    catalog.drop(DERIVED)
    service.statuses.clear()
    assert [info.ref for info in (seen(catalog), *catalog.tables())] == [ORDERS, ORDERS]


def test_a_table_that_is_given_again_is_as_before(catalog: Catalog, service: CatalogService) -> None:
    info = catalog.create(ORDERS, ROWS.schema)
    service.statuses[f"GET {LIST}/orders"] = 500
    assert catalog.tables() == (info,)
    with catalog.writing():
        assert catalog.tables() == ()
    service.statuses.clear()
    assert seen(catalog) == info


def test_files_stay_when_nobody_can_tell_whose_they_are(catalog: Catalog, service: CatalogService) -> None:
    info = catalog.create(ORDERS, ROWS.schema)
    catalog.create(DERIVED, ROWS.schema)
    service.statuses[f"GET {LIST}/derived"] = 500
    with pytest.raises(HomeError, match=r"is dropped, and some of its files are still there.*does not tell"):
        catalog.drop(ORDERS)
    assert seen(catalog) is None
    assert path_of(info.metadata_location).exists()


@pytest.mark.parametrize("status", [401, 419, 429, 502, 503, 504])
def test_an_outage_is_no_damage(catalog: Catalog, service: CatalogService, status: int) -> None:
    catalog.create(ORDERS, ROWS.schema)
    service.statuses[f"GET {LIST}/orders"] = status
    with pytest.raises(HomeError, match="The catalog service at"), catalog.writing():
        catalog.tables()


@pytest.mark.parametrize("status", [403, 405, 406, 500, 501, 200])
def test_a_drop_that_is_not_done_is_not_told_as_done(catalog: Catalog, service: CatalogService, status: int) -> None:
    catalog.create(ORDERS, ROWS.schema, TableDescription(restricted=True, owner="hr"))
    service.is_deaf_to_drops = True
    if status != 200:
        service.statuses[f"DELETE {LIST}/orders"] = status
    with pytest.raises(HomeError):
        catalog.drop(ORDERS)
    info = seen(catalog)
    assert (info.restricted, info.owner) == (True, "hr")


def test_a_table_that_is_gone_already_is_dropped(service: CatalogService) -> None:
    RestService(service.address).delete("/namespaces/none/tables/none")


def test_lineage_and_keys_follow_a_rename(catalog: Catalog) -> None:
    catalog.create(ORDERS, ROWS.schema)
    key = ForeignKey(columns=("id",), ref_table=ORDERS, ref_columns=("id",))
    catalog.create(DERIVED, ROWS.schema, TableDescription(foreign_keys=(key,)))
    source, target = ColumnRef(table=ORDERS, column="id"), ColumnRef(table=DERIVED, column="id")
    catalog.add_lineage([LineageEdge(source=source, target=target, kind="copy")])
    renamed = catalog.rename_column(ORDERS, "id", "number")
    assert [column.name for column in renamed.columns] == ["number", "name"]
    assert [str(edge.source) for edge in catalog.lineage()] == ["lake.shop.orders.number"]
    derived = catalog.table(DERIVED)
    assert derived is not None
    assert derived.foreign_keys[0].ref_columns == ("number",)


def test_a_look_that_takes_long_holds_as_long_as_another(
    catalog: Catalog, service: CatalogService, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.create(ORDERS, ROWS.schema)
    monkeypatch.setattr(pointers, "FRESH_SECONDS", 0.3)
    service.seconds = 0.4
    seen(catalog)
    service.asked.clear()
    catalog.tables()
    assert service.asked == []
    time.sleep(0.35)
    catalog.tables()
    assert service.asked


def test_connections_are_kept(catalog: Catalog, service: CatalogService) -> None:
    for name in ("a", "b", "c"):
        catalog.create(TableRef.parse(f"shop.{name}"), ROWS.schema)
    before, asked = service.connections, len(service.asked)
    for _ in range(5):
        seen(catalog)
    assert len(service.asked) - asked >= 25
    assert service.connections - before <= pointers.AT_ONCE


def test_a_look_that_began_before_a_change_is_not_taken_for_one_after_it(
    catalog: Catalog, service: CatalogService
) -> None:
    catalog.create(ORDERS, ROWS.schema)
    real, looked, written = service.answer, threading.Event(), threading.Event()

    def answer(method: str, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        found = real(method, path, query)
        if path == f"{LIST}/orders" and not looked.is_set():
            looked.set()
            written.wait(10)
        return found

    catalog._pointers.renew()
    service.answer = answer  # type: ignore[method-assign]
    reader = threading.Thread(target=catalog.tables)
    reader.start()
    assert looked.wait(10)
    service.inner.load_table(("shop", "orders")).append(ROWS)
    catalog._pointers.renew()
    written.set()
    reader.join()
    info = catalog.table(ORDERS)
    assert info is not None
    assert info.row_count == 3


def test_a_table_is_seen_as_it_is_now_by_whoever_asks_for_it_afresh(catalog: Catalog, service: CatalogService) -> None:
    old = [catalog.create(ref, ROWS.schema) for ref in (DERIVED, ORDERS)][1]
    assert catalog.look(afresh=True).table(ORDERS) == old
    service.asked.clear()
    assert catalog.look(afresh=True).table(ORDERS) == old
    assert service.asked == [f"GET {LIST}/orders"]
    service.inner.drop_table(("shop", "orders"))
    service.inner.create_table(("shop", "orders"), ROWS.schema)
    assert catalog.table(ORDERS) == old
    look = catalog.look(afresh=True)
    assert look.catalogs() == {"lake"}
    new = look.table(ORDERS)
    assert new is not None
    assert new.uuid != old.uuid
    service.asked.clear()
    assert look.table(DERIVED) is not None
    assert service.asked == []
    service.inner.drop_table(("shop", "orders"))
    assert catalog.look(afresh=True).table(ORDERS) is None
    service.statuses[f"GET {LIST}/derived"] = 503
    with pytest.raises(HomeError):
        catalog.look(afresh=True).table(DERIVED)


def test_folders_of_no_table_that_is_shown_are_told_and_not_to_be_deleted(catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "warehouse" / "shop" / "left").mkdir(parents=True)
    found = _leftovers(cast("Any", SimpleNamespace(catalog=catalog)))
    assert (found.level, "deletes none" in found.advice) == ("warn", True)


def test_a_table_that_another_drops_during_a_load_is_told(
    catalog: Catalog, service: CatalogService, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog.create(ORDERS, ROWS.schema)
    real = catalog._writer._fitted

    def fitted(table: Any, data: Any) -> Any:
        service.inner.drop_table(("shop", "orders"))
        return real(table, data)

    monkeypatch.setattr(catalog._writer, "_fitted", fitted)
    with pytest.raises(NotFound, match="dropped by another command"):
        catalog.append(ORDERS, ROWS)
    with pytest.raises(NoSuchTableError):
        service.inner.load_table(("shop", "orders"))


class Listener:
    """A server that hears everything, and answers each time the same, or nothing."""

    def __init__(self, answer: bytes) -> None:
        self.heard: list[bytes] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                self.heard.append(connection.recv(65536))
                if self._answer:
                    connection.sendall(self._answer)
                else:
                    time.sleep(1)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def listen() -> Iterator[Callable[[bytes], Listener]]:
    made: list[Listener] = []

    def start(answer: bytes) -> Listener:
        made.append(Listener(answer))
        return made[-1]

    yield start
    for each in made:
        each.close()


DOWN = b"HTTP/1.1 503 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def ask(address: RestAddress) -> object:
    return RestService(address).get("/namespaces")


def write(address: RestAddress) -> object:
    from townlake.catalog.writer import Writer

    return Writer(RestPointers(address), LocalFiles(Path("/nowhere")))


@pytest.mark.parametrize("use", [ask, write])
def test_a_secret_for_this_machine_goes_to_no_proxy(
    listen: Callable[[bytes], Listener], monkeypatch: pytest.MonkeyPatch, use: Callable[[RestAddress], object]
) -> None:
    proxy, service = listen(DOWN), listen(DOWN)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
    with pytest.raises(HomeError):
        use(RestAddress(f"http://{service.address}", "id:secret"))
    assert proxy.heard == []
    assert service.heard


def test_another_machine_is_reached_through_the_proxy(
    listen: Callable[[bytes], Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = listen(DOWN)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy.address)
    with pytest.raises(HomeError):
        ask(RestAddress("http://catalog.invalid/api"))
    assert proxy.heard[0].startswith(b"GET http://catalog.invalid/api/v1/config")


@pytest.mark.parametrize("use", [ask, write])
def test_no_redirection_is_followed(listen: Callable[[bytes], Listener], use: Callable[[RestAddress], object]) -> None:
    other = listen(DOWN)
    there = f"HTTP/1.1 307 x\r\nLocation: http://{other.address}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    service = listen(there.encode())
    with pytest.raises(HomeError):
        use(RestAddress(f"http://{service.address}"))
    assert service.heard
    assert other.heard == []


def test_a_silent_service_holds_up_no_writer_for_ever(
    listen: Callable[[bytes], Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.1)
    with pytest.raises(HomeError, match="did not answer"):
        write(RestAddress(f"http://{listen(b'').address}"))


def test_a_refused_connection_changed_nothing() -> None:
    with pytest.raises(HomeError, match="does not answer; nothing was changed"):
        write(RestAddress("http://127.0.0.1:9"))


def test_a_folder_whose_load_is_under_way_is_kept(tmp_path: Path, state: sa.Engine) -> None:
    """Trino writes the metadata of CREATE TABLE AS at its end."""
    catalog = open_catalog(tmp_path, state)
    data = tmp_path / "warehouse" / "shop" / f"made-{'0' * 32}" / "data"
    data.mkdir(parents=True)
    pq.write_table(ROWS, data / "x.parquet")
    assert tidy(catalog) == 0
    assert (data / "x.parquet").exists()
    catalog.close()
