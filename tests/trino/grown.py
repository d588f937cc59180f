"""Servers for tests: a stack of their own, and Trinos without any access control over its catalogs."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.stack.java import find_java
from app.stack.kept import read_kept
from app.stack.lake_trino import Tables
from app.stack.lake_trino import lake_catalog as stack_catalog
from app.stack.trino_install import cache_directory, install_trino
from app.stack.trino_server import HOST, TrinoConfig, TrinoServer
from townlake.domain.location import location_of
from townlake.engines.trino.coordinator import Coordinator
from townlake.engines.trino.engine import TrinoEngine


def superuser_url(home: Path) -> sa.URL:
    """The PostgreSQL of a stack, as whoever may make databases in it."""
    kept = read_kept(home / "stack" / "stack.json")
    assert kept is not None
    return sa.URL.create(
        "postgresql+psycopg", "postgres", kept.passwords.postgres, HOST, kept.ports.postgres, "postgres"
    )


def lake_catalog(warehouse: Path, catalog: sa.URL) -> dict[str, str]:
    """The stack's own catalog, over the pointers of any database; here Trino may write, too."""
    return stack_catalog(Tables(location_of(warehouse)), catalog.port or 0) | {
        "iceberg.jdbc-catalog.connection-url": f"jdbc:postgresql://{catalog.host}:{catalog.port}/{catalog.database}",
        "iceberg.jdbc-catalog.connection-user": str(catalog.username),
        "iceberg.jdbc-catalog.connection-password": str(catalog.password),
    }


@contextmanager
def open_trino(data: Path, catalogs: Mapping[str, Mapping[str, str]], ready: str = "SELECT 1") -> Iterator[Coordinator]:
    """A Trino that lets everybody do everything: what the guard hides then is hidden by the guard alone."""
    data.mkdir(parents=True, exist_ok=True)
    config = TrinoConfig(
        root=install_trino(cache_directory(os.environ), os.environ),
        java=find_java(os.environ),
        data=data,
        port=free_port(),
        catalogs=catalogs,
        policy_url=None,
        groups={},
    )
    with TrinoServer(config) as server:
        server.wait_until_ready(ready)
        yield Coordinator(url=config.url, user="tests")


def engine_of(coordinator: Coordinator) -> TrinoEngine:
    """An engine whose callers Trino knows by their own names."""
    return TrinoEngine(coordinator, lambda caller: caller.subject)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port
