"""The database inside a worker: opened once, locked down, then only read.

What holds here: one SELECT and nothing else runs; no file outside the warehouse is opened; no
setting, extension or secret can be changed or added; a relation exists only while a scan of the
statement offers it. What does not: inside the warehouse DuckDB itself would read any file that a
table function names, and its catalog functions would list the views. No such function can be
written, because the dialect maps none; and whoever needs a second fence mounts the warehouse
read-only for the worker's user.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from townlake.engines.duckdb.job import Setup, View

if TYPE_CHECKING:
    import pyarrow as pa

EXTENSIONS: Final = ("avro", "iceberg")
"""In this order: iceberg needs avro."""

MACROS: Final = Path(__file__).parents[1] / "dialect" / "macros.sql"
"""The functions of Trino that the dialect calls by a name of its own."""

_CONFIG: Final = {
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "max_expression_depth": "250",
    "enable_object_cache": "true",
}


class Session:
    """One locked database that offers exactly the relations of the statement at hand.

    Args:
        setup: what the worker may use.
        plans_only: offer views without rows only; what reads Iceberg is not loaded then.
    """

    def __init__(self, setup: Setup, *, plans_only: bool = False) -> None:
        self._connection = duckdb.connect(
            config={**_CONFIG, "memory_limit": f"{setup.memory_bytes}B", "threads": str(setup.threads)}
        )
        self._catalogs: set[str] = set()
        self._views: dict[tuple[str, str, str], View] = {}
        for name in () if plans_only else EXTENSIONS:
            self._connection.execute(f"LOAD '{_extension_file(name)}'")
        self._define_functions()
        self._lock(setup.warehouse)

    def _define_functions(self) -> None:
        # Imported here, for it waits for Arrow, which the worker loads beside the extensions.
        from townlake.engines.dialect.scalars.registry import SCALARS
        from townlake.engines.duckdb.register import register

        register(self._connection, SCALARS)
        self._connection.execute(MACROS.read_text(encoding="utf-8"))

    def _lock(self, warehouse: str) -> None:
        # The order matters: the first lines cannot be set once external access is off.
        # Tables are written below the real path, and older ones below the path as it was given.
        places = {warehouse.rstrip("/").replace("'", "''"), os.path.realpath(warehouse).replace("'", "''")}
        allowed = ", ".join(f"'{scheme}{place}/'" for place in sorted(places) for scheme in ("", "file://"))
        for statement in (
            "SET TimeZone = 'UTC'",
            "SET Calendar = 'gregorian'",
            "SET temp_directory = ''",
            "SET default_null_order = 'nulls_last'",
            f"SET allowed_directories = [{allowed}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)

    def offer(self, views: tuple[View, ...]) -> None:
        """Make these relations the only ones that a statement can name.

        A view that is already there in the same form stays: a metadata file never changes,
        so what DuckDB bound for it stays true.
        """
        wanted = {(view.catalog, view.namespace, view.name): view for view in views}
        for key in [key for key, view in self._views.items() if wanted.get(key) != view]:
            self._connection.execute(f"DROP VIEW IF EXISTS {_dotted(key)}")
            del self._views[key]
        for key, view in wanted.items():
            if key not in self._views:
                self._create(key, view)

    def _create(self, key: tuple[str, str, str], view: View) -> None:
        if view.catalog not in self._catalogs:
            self._connection.execute(f"ATTACH ':memory:' AS {_quoted(view.catalog)}")
            self._catalogs.add(view.catalog)
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_dotted(key[:2])}")
        self._connection.execute(f"CREATE VIEW {_dotted(key)} AS {view.body}")
        self._views[key] = view

    def explain(self, sql: str) -> None:
        """Bind and plan a statement; raises what DuckDB raises."""
        self._connection.execute(f"EXPLAIN {self._only_query(sql)}").fetchall()

    def stream(self, sql: str, batch_rows: int) -> pa.RecordBatchReader:
        """Start a statement; rows are computed as batches are read."""
        return self._connection.execute(self._only_query(sql)).to_arrow_reader(batch_rows)

    def interrupt(self) -> None:
        """Stop what runs; safe to call from another thread."""
        self._connection.interrupt()

    def _only_query(self, sql: str) -> str:
        statements = self._connection.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise duckdb.PermissionException("Only one query may run.")
        return sql


def _extension_file(name: str) -> str:
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"The package duckdb-extension-{name} is not installed.")
    file = Path(spec.submodule_search_locations[0], "extensions", f"v{duckdb.__version__}", f"{name}.duckdb_extension")
    return str(file).replace("'", "''")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _dotted(parts: tuple[str, ...]) -> str:
    return ".".join(_quoted(part) for part in parts)
