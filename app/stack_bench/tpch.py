"""The tables of TPC-H as Iceberg tables of a stack, and queries over them."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from app.stack.java import find_java
from app.stack.kept import read_kept
from app.stack.lake_trino import Tables, lake_catalog
from app.stack.stack import Stack
from app.stack.trino_install import cache_directory, install_trino
from app.stack.trino_server import TrinoConfig, TrinoServer
from eval.open_bench import skipper
from townlake.domain.location import location_of
from townlake.engines.trino.coordinator import Coordinator

TABLES = ("customer", "lineitem", "nation", "orders", "part", "region", "supplier")
_FILE = Path(__file__).parent / "tpch.sql"


def queries() -> dict[str, str]:
    """The queries by their numbers."""
    parts = re.split(r"^-- (q\d+)\n", _FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: sql.strip().rstrip(";") for name, sql in zip(parts[1::2], parts[2::2], strict=True)}


def make_tables(home: Path, stack: Stack, scale: str) -> None:
    """Have a Trino of its own, which may write, make the tables; then open them."""
    kept = read_kept(stack.directory / "stack.json")
    if kept is None:
        raise SystemExit("the stack is not there")
    catalog = lake_catalog(Tables(location_of(home / "warehouse")), kept.ports.postgres) | {
        "iceberg.jdbc-catalog.connection-user": "skipper",
        "iceberg.jdbc-catalog.connection-password": kept.passwords.skipper,
    }
    with tempfile.TemporaryDirectory() as place:
        config = TrinoConfig(
            root=install_trino(cache_directory(os.environ), os.environ),
            java=find_java(os.environ),
            data=Path(place),
            port=kept.ports.trino + 1,
            catalogs={"lake": catalog, "tpch": {"connector.name": "tpch"}},
            policy_url=None,
            groups={},
        )
        with TrinoServer(config) as server:
            server.wait_until_ready("SELECT count(*) FROM tpch.tiny.nation")
            coordinator = Coordinator(url=config.url, user="loader")
            for statement in ("CREATE SCHEMA lake.tpch", *map(_made(scale).format, TABLES)):
                with coordinator.cursor("loader") as cursor:
                    cursor.execute(statement).fetchall()
    skipper(home, "review", "approve", "tpch", "--unscanned", "--to", "everyone", "--as", "evaluator", "--json")


def _made(scale: str) -> str:
    return f"CREATE TABLE lake.tpch.{{0}} WITH (format_version = 2) AS TABLE tpch.{scale}.{{0}}"
