"""Where the databases of a home lie: in its files, or, in a second run of the same tests, in a real PostgreSQL."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from townlake.state.store import open_state

SERVER = "SKIPPER_TEST_POSTGRES"
"""Names a server, as a role that may create databases."""
embedded = pytest.mark.skipif(SERVER in os.environ, reason="about the files of an embedded home")


def state_url(home: Path) -> sa.URL:
    """The state of a home; always the same one for the same home."""
    if SERVER not in os.environ:
        return sa.URL.create("sqlite", database=str(home / "state.db"))
    return _database(home, "state")


def home_state(home: Path) -> sa.Engine:
    """The state of a home. A new one is a copy: to go through all migrations takes fifty times as long."""
    if SERVER in os.environ:
        return open_state(_database(home, "state", _newest_database()))
    path = home / "state.db"
    if not path.exists():
        path.write_bytes(_newest_file())
    return open_state(state_url(home))


@cache
def _newest_file() -> bytes:
    with TemporaryDirectory() as home:
        path = Path(home) / "state.db"
        open_state(sa.URL.create("sqlite", database=str(path))).dispose()
        return path.read_bytes()


@cache
def _newest_database() -> str:
    with TemporaryDirectory() as home:
        url = _database(Path(home), "newest")
    open_state(url).dispose()
    assert url.database is not None
    return url.database


def catalog_url(home: Path) -> sa.URL | None:
    """The catalog of a home; None for its own file."""
    return _database(home, "catalog") if SERVER in os.environ else None


def pointers_url(home: Path) -> sa.URL:
    """Where the catalog of a home keeps Iceberg's two tables."""
    return catalog_url(home) or sa.URL.create("sqlite", database=str(home / "catalog.db"))


def _database(home: Path, kind: str, template: str = "template1") -> sa.URL:
    server = sa.make_url(os.environ[SERVER])
    name = f"{kind}_{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # The same paths may come again in another run against the same server, but never twice in one.
        there = connection.execute(sa.text("SELECT FROM pg_database WHERE datname = :name"), {"name": name}).first()
        if there is None:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    engine.dispose()
    return server.set(database=name)


def beneath(url: sa.URL, *statements: str, **values: object) -> list[tuple[object, ...]]:
    """Run statements behind the product's back, and give the rows of the last one."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            rows: list[tuple[object, ...]] = []
            for statement in statements:
                done = connection.execute(sa.text(statement), values)
                rows = [tuple(row) for row in done] if done.returns_rows else []
            return rows
    finally:
        engine.dispose()


def full_audit(home: Path) -> None:
    """From here on nothing can be added to the audit."""
    raising = "CREATE TRIGGER full_disk BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
    making = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''full''; END'"
    calling = "CREATE TRIGGER full_disk BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION full_disk()"
    beneath(state_url(home), *((making, calling) if SERVER in os.environ else (raising,)))


def kept_audit(home: Path) -> Callable[[], None]:
    """Keep a copy of the audit as it is now; the call puts it back."""
    url = state_url(home)
    copies = [f"CREATE TABLE {name}_copy AS SELECT * FROM {name}" for name in ("audit", "audit_head")]
    beneath(url, *copies)

    def put_back() -> None:
        for name in ("audit", "audit_head"):
            beneath(url, f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM {name}_copy")

    return put_back
