"""One row, read below SQLAlchemy: for what every step of a check asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from townlake.state.store import reported


def quick_row(state: sa.Engine, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
    """The first row, or None.

    It takes 20 instead of 150 microseconds on SQLite; on PostgreSQL one message to the server and no transaction.

    Args:
        state: the database.
        statement: SQL with `?` for each value.
        values: what stands for the signs.

    Raises:
        HomeError: the database cannot be read.
    """
    with reported(state):
        connection = state.raw_connection()
        try:
            row = _first(state.dialect, connection, with_marks(state.dialect, statement), tuple(values))
            return None if row is None else tuple(row)
        except state.dialect.loaded_dbapi.Error:
            # SQLAlchemy has not seen it: what is broken must not go back into its pool.
            connection.invalidate()
            raise
        finally:
            connection.close()


def with_marks(dialect: sa.Dialect, statement: str) -> str:
    """A statement with the marks of the database's driver in place of `?`."""
    return statement if dialect.paramstyle == "qmark" else statement.replace("?", "%s")


def _first(
    dialect: sa.Dialect, connection: sa.PoolProxiedConnection, statement: str, values: tuple[object, ...]
) -> Any:
    cursor = connection.cursor()
    if dialect.name == "sqlite":
        cursor.execute(statement, values)
        return cursor.fetchone()
    driver: Any = connection.dbapi_connection
    dialect.set_isolation_level(driver, "AUTOCOMMIT")
    try:
        cursor.execute(statement, values)
        return cursor.fetchone()
    finally:
        dialect.reset_isolation_level(driver)
