"""What Trino tells of the tables of a catalog; no row of them is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from townlake.domain.errors import NotFound
from townlake.engines.trino.failures import run_failure
from townlake.engines.trino.watch import Watch

if TYPE_CHECKING:
    from townlake.domain.principal import Principal
    from townlake.engines.trino.coordinator import Coordinator

SECONDS: Final = 300.0
"""A source of many tables is asked table by table, and takes long."""
HANDLING: Final = "unsupported_type_handling"
"""What a connector does with a column whose type Trino does not have: leave it out, or make text of it."""
STRINGS: Final = "map_string_as_varchar"
"""Whether ClickHouse's connector reads a String as text, or as bytes."""
_BYTES: Final = "varbinary"
_OF_THE_SOURCE: Final = frozenset({"system"})
"""Schemas in which a source tells of itself, such as ClickHouse's log of statements: only when asked for."""
_NOT_THERE: Final = frozenset({"CATALOG_NOT_FOUND", "SCHEMA_NOT_FOUND"})
_NO_PROPERTY: Final = frozenset({"INVALID_SESSION_PROPERTY", "PERMISSION_DENIED"})
_OF_NO_TABLE: Final = frozenset({"EXTERNAL", "INSUFFICIENT_RESOURCES"})
"""Types of errors that speak of the source or of Trino, not of one table."""
_NAMED_AT_ONCE: Final = 50
"""Of a hundred names on, Trino looks at all tables of the schema instead."""
_TABLES: Final = (
    "SELECT table_schema, table_name FROM {}.information_schema.tables WHERE table_schema <> 'information_schema'"
)
_COLUMNS: Final = (
    "SELECT table_schema, table_name, column_name, data_type, is_nullable, comment FROM {}.information_schema.columns"
)

_COMMENTS: Final = "SELECT table_name, comment FROM system.metadata.table_comments WHERE catalog_name = {}"

_Ask: TypeAlias = "Callable[[str, Mapping[str, str]], list[list[Any]]]"
"""Gives the rows of a statement that runs with these session properties."""


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
    comments: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What the source says of tables, by schema and name."""
    failed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Tables whose columns Trino cannot tell, with its name of the error."""
    hidden: tuple[FoundColumn, ...] = ()
    """Columns that the connector leaves out, since Trino does not have their types."""
    as_text: tuple[FoundColumn, ...] = ()
    """Columns that are texts only because Trino does not have their types."""
    as_bytes: tuple[FoundColumn, ...] = ()
    """Columns that are texts in the source and bytes here."""
    of_the_source: tuple[str, ...] = ()
    """Schemas in which the source tells of itself, and that were not looked at."""


def find_tables(
    coordinator: Coordinator, user: str, catalog: str, schema: str | None = None, *, caller: Principal | None = None
) -> Found:
    """Ask for the tables of a catalog and their columns.

    Args:
        coordinator: the Trino.
        user: the name under which Trino is asked.
        catalog: a plain name.
        schema: only this one, a plain name.
        caller: who asks, which some logins need to know.

    Raises:
        NotFound: Trino has no such catalog.
        EngineError: it does not answer, or the source behind it.
        LimitExceeded: it takes too long.
    """
    from trino.exceptions import TrinoQueryError

    def ask(sql: str, properties: Mapping[str, str]) -> list[list[Any]]:
        limits = {"query_max_run_time": f"{SECONDS:g}s"} | dict(properties)
        with coordinator.cursor(user, caller=caller, limits=limits, told=Watch(SECONDS)) as cursor:
            rows: list[list[Any]] = cursor.execute(sql).fetchall()
            return rows

    try:
        return _find(ask, catalog, schema)
    except TrinoQueryError as error:
        if error.error_name in _NOT_THERE:
            raise NotFound(
                f"Trino has no catalog {catalog}.",
                hint="For the stack, put its properties into `catalogs/` and start it again: docs/guide/federation.md.",
            ) from None
        raise run_failure(error, "", SECONDS) from error


def _find(ask: _Ask, catalog: str, schema: str | None) -> Found:
    where = "" if schema is None else f" AND table_schema = {_text(schema)}"
    listed = ask(f"{_TABLES.format(catalog)}{where} ORDER BY table_schema, table_name", {})
    wanted = [(row[0], row[1]) for row in listed if schema is not None or row[0] not in _OF_THE_SOURCE]
    schemas = {name: [table for there, table in wanted if there == name] for name, _ in wanted}
    columns: list[FoundColumn] = []
    failed: dict[tuple[str, str], str] = {}
    for name, tables in schemas.items():
        found, not_told = _columns(ask, catalog, name, tables, {})
        columns += found
        failed |= not_told
    # What another setting of the connector shows tells what this one hides.
    shown = _look(ask, catalog, schemas, HANDLING, "CONVERT_TO_VARCHAR")
    hidden = () if shown is None else _beyond(shown, columns)
    kept = None if shown is None or hidden else _look(ask, catalog, schemas, HANDLING, "IGNORE")
    raw = [column for column in columns if column.type == _BYTES]
    texts = _look(ask, catalog, schemas, STRINGS, "true") if raw else None
    return Found(
        tables=tuple(wanted),
        columns=tuple(columns),
        comments={place: text for name in schemas for place, text in _comments(ask, catalog, name).items()},
        failed=failed,
        hidden=hidden,
        as_text=() if kept is None else _beyond(columns, kept),
        as_bytes=() if texts is None else _beyond(raw, [column for column in texts if column.type == _BYTES]),
        of_the_source=tuple(dict.fromkeys(row[0] for row in listed if row[0] not in schemas)),
    )


def _columns(
    ask: _Ask, catalog: str, schema: str, tables: Sequence[str], properties: Mapping[str, str]
) -> tuple[list[FoundColumn], dict[tuple[str, str], str]]:
    """The columns of a schema, and the tables without any, with the error that they make of a look at the whole."""
    from trino.exceptions import TrinoQueryError

    statement = f"{_COLUMNS.format(catalog)} WHERE table_schema = {_text(schema)}"
    order = " ORDER BY table_schema, table_name, ordinal_position"
    try:
        return list(map(_column, ask(f"{statement}{order}", properties))), {}
    except TrinoQueryError as error:
        if not _of_a_table(error):
            raise
        code = error.error_name or "GENERIC_INTERNAL_ERROR"
    # Asked by name, Trino gives no column of a table that fails, and those of the others.
    found: list[FoundColumn] = []
    for names in _parts(tables):
        wanted = ", ".join(map(_text, names))
        found += map(_column, ask(f"{statement} AND table_name IN ({wanted}){order}", properties))
    told = {column.table for column in found}
    return found, {(schema, table): code for table in tables if table not in told}


def _comments(ask: _Ask, catalog: str, schema: str) -> dict[tuple[str, str], str]:
    """What the source says of its tables; nothing where Trino does not tell."""
    from trino.exceptions import TrinoQueryError

    try:
        rows = ask(f"{_COMMENTS.format(_text(catalog))} AND schema_name = {_text(schema)}", {})
    except TrinoQueryError as error:
        if error.error_type in _OF_NO_TABLE:
            raise
        return {}
    return {(schema, table): comment for table, comment in rows if comment}


def _parts(tables: Sequence[str]) -> Iterable[Sequence[str]]:
    return (tables[start : start + _NAMED_AT_ONCE] for start in range(0, len(tables), _NAMED_AT_ONCE))


def _of_a_table(error: Any) -> bool:
    return error.error_type not in _OF_NO_TABLE and error.error_name not in _NO_PROPERTY | _NOT_THERE


def _look(
    ask: _Ask, catalog: str, schemas: Mapping[str, Sequence[str]], name: str, value: str
) -> tuple[FoundColumn, ...] | None:
    """The columns under another setting of the connector; None where it has no such setting."""
    from trino.exceptions import TrinoQueryError

    told = {f"{catalog}.{name}": value}
    try:
        return tuple(c for schema, tables in schemas.items() for c in _columns(ask, catalog, schema, tables, told)[0])
    except TrinoQueryError as error:
        if error.error_name not in _NO_PROPERTY:
            raise
        return None


def _beyond(more: Iterable[FoundColumn], less: Iterable[FoundColumn]) -> tuple[FoundColumn, ...]:
    known = {(column.schema, column.table, column.name) for column in less}
    return tuple(column for column in more if (column.schema, column.table, column.name) not in known)


def _text(name: str) -> str:
    """A name of the source as a literal."""
    return "'" + name.replace("'", "''") + "'"


def _column(row: list[Any]) -> FoundColumn:
    schema, table, name, kind, nullable, comment = row
    return FoundColumn(schema, table, name, kind, nullable == "YES", comment or "")
