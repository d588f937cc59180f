"""A real Trino before a real policy service, over a catalog that needs no other server."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from app.stack.account import server_account
from app.stack.java import find_java
from app.stack.kept import make_kept, write_kept, write_private
from app.stack.postgres_install import find_postgres
from app.stack.stack import Stack
from app.stack.trino_install import cache_directory, install_trino
from app.stack.trino_server import TrinoConfig, TrinoServer
from tests.app.shop import Home, open_shop, write_sources
from tests.support.clickhouse.server import ClickHouse, clickhouse_server
from tests.support.databases import SERVER
from tests.support.kafka.broker import Kafka, kafka_broker
from tests.trino.federated import Crm, Federated
from tests.trino.grown import free_port, superuser_url
from tests.trino.sources import clickhouse_catalogs, fill_clickhouse, fill_kafka, kafka_catalogs
from tests.trino.stack_home import StackHome, stack_home
from townlake.domain.errors import SettingsError

_CUSTOMER = "custkey,name,address,nationkey,phone,acctbal,mktsegment,comment\n1,a,b,2,c,1.5,d,e\n"
_NATION = "nationkey,name,regionkey,comment\n1,a,2,b\n"


@dataclass(frozen=True)
class Answered:
    """What Trino gave: rows, or the name of an error and what it says."""

    rows: list[list[Any]]
    error: str = ""
    message: str = ""


@dataclass(frozen=True)
class Described:
    """A broker, and the directory in which its topics are described as tables."""

    broker: Kafka
    tables: Path


@dataclass
class Running:
    """The servers of one test session."""

    port: int
    home: Home
    restart_policy: Callable[[], None]
    stop_policy: Callable[[], None]

    def rows(self, sql: str, user: str = "eve") -> list[list[Any]]:
        """The rows of a statement that must be answered."""
        found = self.ask(sql, user)
        assert not found.error, found
        return found.rows

    def ask(self, sql: str, user: str = "eve", **options: Any) -> Answered:
        """Run a statement as somebody, straight at Trino."""
        from trino.dbapi import Connection
        from trino.exceptions import TrinoQueryError

        connection: Any = Connection(
            host="127.0.0.1", port=self.port, user=user, catalog="lake", schema="tiny", **options
        )
        try:
            return Answered(rows=connection.cursor().execute(sql).fetchall())
        except TrinoQueryError as error:
            return Answered(rows=[], error=error.error_name, message=error.message)


@pytest.fixture(scope="session")
def running(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The home is described by two small files; the rows are those that Trino's tpch connector makes."""
    java, root = find_java(os.environ), install_trino(cache_directory(os.environ), os.environ)
    work = tmp_path_factory.mktemp("trino")
    home = Home(work / "home")
    for name, text in (("customer.csv", _CUSTOMER), ("nation.csv", _NATION)):
        (work / name).write_text(text, encoding="utf-8")
    home.ok("ingest", "files", "--as", "lou", str(work / "customer.csv"), str(work / "nation.csv"), "--schema", "tiny")
    home.ok("review", "mask", "tiny.customer.name", "--with", "last4")
    home.ok("review", "mask", "tiny.customer.phone")
    home.ok("review", "mask", "tiny.customer.acctbal", "--with", "band")
    home.ok("review", "deny", "tiny.customer.comment")
    home.ok("review", "deny", "tiny.customer.mktsegment")
    home.ok("review", "approve", "tiny.customer", "--unscanned", "--to", "everyone")
    home.ok("filter", "add", "tiny.customer", "support", "--where", "mktsegment = 'BUILDING'")
    policy_port, port = free_port(), free_port()
    children: list[Any] = []

    def start() -> None:
        child = home.start("policy", "--port", str(policy_port), "--json")
        assert child.stdout is not None
        json.loads(child.stdout.readline())
        children.append(child)

    def stop() -> None:
        child = children.pop()
        child.send_signal(signal.SIGKILL)
        child.communicate()

    start()
    config = TrinoConfig(
        root=root,
        java=java,
        data=work / "server",
        port=port,
        catalogs={"lake": {"connector.name": "tpch"}, "other": {"connector.name": "tpch"}},
        policy_url=f"http://127.0.0.1:{policy_port}",
        groups={"support": frozenset({"bob"})},
    )
    try:
        with TrinoServer(config) as server:
            server.wait_until_ready("SELECT count(*) FROM lake.tiny.customer")
            yield Running(port, home, start, stop)
    finally:
        while children:
            stop()


@pytest.fixture(scope="session")
def programs() -> None:
    """All programs are there, or what needs them is skipped with the reason."""
    try:
        find_java(os.environ)
        find_postgres(os.environ)
        server_account()
        install_trino(cache_directory(os.environ), os.environ)
    except SettingsError as error:
        pytest.skip(f"{error.message} {error.hint}")


@pytest.fixture(scope="session")
def servers(programs: None) -> Iterator[StackHome]:
    """A stack that tests use and leave alone. Its home is empty."""
    with stack_home() as found:
        Stack(found.home.path, os.environ).up()
        yield found


@pytest.fixture(scope="session")
def grown(servers: StackHome, tmp_path_factory: pytest.TempPathFactory) -> StackHome:
    """The same stack, with a small shop in it that was loaded, reviewed and indexed by its settings."""
    sources = tmp_path_factory.mktemp("shop") / "sources"
    write_sources(sources)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in servers.addresses.settings().items():
            patch.setenv(name, value)
        open_shop(servers.home, sources)
    return servers


@pytest.fixture(scope="session")
def postgres(servers: StackHome) -> Iterator[sa.URL]:
    """A PostgreSQL in which the tests of other rooms put their lakes."""
    url = superuser_url(servers.home.path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SERVER, url.render_as_string(hide_password=False))
        yield url


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """A ClickHouse with a small shop in it."""
    with clickhouse_server(cache_directory(os.environ), tmp_path_factory.mktemp("clickhouse")) as server:
        fill_clickhouse(server)
        yield server


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """A Kafka with two topics."""
    work = tmp_path_factory.mktemp("kafka")
    with kafka_broker(cache_directory(os.environ), work) as broker:
        tables = work / "tables"
        tables.mkdir()
        fill_kafka(broker, tables)
        yield Described(broker, tables)


@pytest.fixture(scope="session")
def crm(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    """A stack before a PostgreSQL with nothing in it, and a table of plans in its lake."""
    with stack_home() as stack:
        place = stack.home.path / "stack"
        place.mkdir(mode=0o700)
        kept = make_kept()
        write_kept(kept, place / "stack.json")
        (place / "catalogs").mkdir(mode=0o700)
        url = f"jdbc:postgresql://127.0.0.1:{kept.ports.postgres}/crm"
        lines = ("connector.name=postgresql", f"connection-url={url}", "connection-user=reader")
        more = ("connection-password=reader", "postgresql.array-mapping=AS_ARRAY", "")
        write_private(place / "catalogs" / "crm.properties", "\n".join((*lines, *more)))
        Stack(stack.home.path, os.environ).up()
        server = superuser_url(stack.home.path).set(drivername="postgresql")
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute("CREATE DATABASE crm")
        found = Crm(stack, server.set(database="crm").render_as_string(hide_password=False))
        found.change("CREATE ROLE reader LOGIN PASSWORD 'reader'")
        _open_plans(found, tmp_path_factory)
        yield found


def _open_plans(stack: Federated, tmp_path_factory: pytest.TempPathFactory) -> None:
    plans = tmp_path_factory.mktemp("files") / "plans.csv"
    plans.write_text("account_id,plan\n1,gold\n2,basic\n", encoding="utf-8")
    stack.ok("ingest", "files", "--as", "lou", str(plans), "--schema", "shop")
    stack.ok("review", "approve", "shop.plans", "--unscanned", "--to", "everyone")


@pytest.fixture(scope="session")
def sources(
    programs: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Federated]:
    """One stack before both, or before the one that can be had, and a table of plans in its lake."""
    catalogs: dict[str, str] = {}
    with suppress(pytest.skip.Exception):
        catalogs |= clickhouse_catalogs(request.getfixturevalue("clickhouse"))
    with suppress(pytest.skip.Exception):
        described = request.getfixturevalue("kafka")
        catalogs |= kafka_catalogs(described.broker, described.tables)
    with stack_home() as stack:
        directory = stack.home.path / "stack" / "catalogs"
        directory.mkdir(mode=0o700, parents=True)
        for name, text in catalogs.items():
            write_private(directory / f"{name}.properties", text)
        Stack(stack.home.path, os.environ).up()
        found = Federated(stack)
        _open_plans(found, tmp_path_factory)
        yield found
