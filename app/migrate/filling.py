"""Fill a database of the stack inside one transaction, and know again what an unfinished move left there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from app.migrate.rows import Fingerprint, Row, fingerprint, kept_rows, summary
from app.migrate.tables import is_untouched
from townlake.domain.errors import HomeError

Say = Callable[[str], None]
_MARK: Final = "filled by skipper migrate: "


def must_be_free(connection: sa.Connection, tables: Sequence[sa.Table], where: str, advice: str) -> None:
    """Refuse a database that holds anything but what a move that did not come to its end has put there.

    Such a move left a mark with the checksum of all it wrote: whatever was changed since then, by whomever, shows.

    Raises:
        HomeError: it names the tables; nothing was changed.
    """
    used = [table.name for table in tables if not is_untouched(connection, table)]
    if not used or _mark(connection, tables[0]) == _MARK + summary(fingerprints(connection, tables)):
        return
    raise HomeError(
        f"The database {where} of the stack is in use: there is something in {', '.join(used)}, and a lake can only be "
        "moved into empty ones. Nothing was changed.",
        hint=advice,
    )


def was_filled(connection: sa.Connection, tables: Sequence[sa.Table], wanted: Mapping[str, Fingerprint]) -> bool:
    """Whether a move that came to its end once put exactly this into a database, whatever happened to it since."""
    return _mark(connection, tables[0]) == _MARK + summary(wanted)


def fingerprints(connection: sa.Connection, tables: Sequence[sa.Table]) -> dict[str, Fingerprint]:
    """What each table holds."""
    return {table.name: fingerprint(kept_rows(connection, table)) for table in tables}


def replace_rows(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    """Put these rows in place of all rows of a table of PostgreSQL, and let its numbers go on behind them."""
    preparer = connection.dialect.identifier_preparer
    name = preparer.format_table(table)
    columns = ", ".join(preparer.quote(column.name) for column in table.columns)
    connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - a table of the program
    # The driver's own way in: ten times as fast as statements, and nothing is gathered.
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    _advance(connection, table)


def _advance(connection: sa.Connection, table: sa.Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    highest = connection.execute(sa.select(sa.func.max(column))).scalar()
    connection.execute(
        sa.text("SELECT setval(pg_get_serial_sequence(:table, :column), :number, :used)"),
        {"table": table.name, "column": column.name, "number": highest or 1, "used": highest is not None},
    )


def must_be_same(
    connection: sa.Connection, tables: Sequence[sa.Table], wanted: Mapping[str, Fingerprint], say: Say
) -> None:
    """Read all of it again and compare; then mark it.

    Raises:
        HomeError: a table differs.
    """
    for table in tables:
        say(f"comparing {table.name}")
        found = fingerprint(kept_rows(connection, table))
        if found != wanted[table.name]:
            raise HomeError(
                f"The table {table.name} is not the same in PostgreSQL: {wanted[table.name].rows} rows were read, "
                f"{found.rows} arrived, and their checksums differ. All was taken back.",
                hint="Please report it; the lake goes on in the files of its home.",
            )
    # A comment of the database itself belongs to the transaction, and to no schema.
    mark = sa.literal(_MARK + summary(wanted)).compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )
    name = connection.dialect.identifier_preparer.format_table(tables[0])
    connection.exec_driver_sql(f"COMMENT ON TABLE {name} IS {mark}")


def _mark(connection: sa.Connection, table: sa.Table) -> str | None:
    query = sa.text("SELECT obj_description(to_regclass(:name), 'pg_class')")
    found: str | None = connection.execute(query, {"name": table.name}).scalar()
    return found
