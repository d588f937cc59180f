"""What Trino tells of the tables of a catalog; no row of them is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from townlake.domain.errors import NotFound
from townlake.engines.trino.failures import run_failure
from townlake.engines.trino.watch import Watch

if TYPE_CHECKING:
    from townlake.engines.trino.coordinator import Coordinator

SECONDS: Final = 300.0
"""A source of many tables is asked table by table, and takes long."""
_NOT_THERE: Final = frozenset({"CATALOG_NOT_FOUND", "SCHEMA_NOT_FOUND"})
_TABLES: Final = "SELECT table_schema, table_name FROM {}.information_schema.tables"
_COLUMNS: Final = (
    "SELECT table_schema, table_name, column_name, data_type, is_nullable, comment FROM {}.information_schema.columns"
)
_WHERE: Final = " WHERE table_schema <> 'information_schema'"


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column as the source's names and Trino's types have it."""

    schema: str
    table: str
    name: str
    type: str
    nullable: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that a catalog, or a schema of it, is said to hold."""

    tables: tuple[tuple[str, str], ...]
    """Schemas and names."""
    columns: tuple[FoundColumn, ...]
    """In the order of their tables."""


def find_tables(coordinator: Coordinator, user: str, catalog: str, schema: str | None = None) -> Found:
    """Ask for the tables of a catalog and their columns.

    Args:
        coordinator: the Trino.
        user: who asks.
        catalog: a plain name.
        schema: only this one, a plain name.

    Raises:
        NotFound: Trino has no such catalog.
        EngineError: it does not answer, or the source behind it.
        LimitExceeded: it takes too long.
    """
    where = _WHERE if schema is None else f"{_WHERE} AND table_schema = '{schema}'"
    order = " ORDER BY table_schema, table_name"
    tables = _rows(coordinator, user, f"{_TABLES.format(catalog)}{where}{order}", catalog)
    columns = _rows(coordinator, user, f"{_COLUMNS.format(catalog)}{where}{order}, ordinal_position", catalog)
    return Found(
        tables=tuple((row[0], row[1]) for row in tables),
        columns=tuple(map(_column, columns)),
    )


def _column(row: list[Any]) -> FoundColumn:
    schema, table, name, kind, nullable, comment = row
    return FoundColumn(schema, table, name, kind, nullable == "YES", comment or "")


def _rows(coordinator: Coordinator, user: str, sql: str, catalog: str) -> list[list[Any]]:
    from trino.exceptions import TrinoQueryError

    limits = {"query_max_run_time": f"{SECONDS:g}s"}
    try:
        with coordinator.cursor(user, limits=limits, told=Watch(SECONDS)) as cursor:
            rows: list[list[Any]] = cursor.execute(sql).fetchall()
            return rows
    except TrinoQueryError as error:
        if error.error_name in _NOT_THERE:
            raise NotFound(
                f"Trino has no catalog {catalog}.",
                hint="For the stack, put its properties into `catalogs/` and start it again: docs/guide/federation.md.",
            ) from None
        raise run_failure(error, "", SECONDS) from error
