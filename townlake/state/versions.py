"""Counters that tell a reader in one cheap query whether anything moved since it last looked."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from townlake.state.schema import VERSIONS
from townlake.state.store import reported

POLICY: Final = "policy"
CATALOG: Final = "catalog"

_READ: Final = {
    POLICY: "SELECT number FROM versions WHERE name = 'policy'",
    CATALOG: "SELECT number FROM versions WHERE name = 'catalog'",
}


def bump(connection: sa.Connection, name: str) -> None:
    """Count a change, in the transaction that makes it."""
    moved = connection.execute(sa.update(VERSIONS).where(VERSIONS.c.name == name).values(number=VERSIONS.c.number + 1))
    if moved.rowcount != 1:
        raise LookupError(f"there is no counter {name}")


def current(state: sa.Engine, name: str) -> int:
    """The number of changes so far.

    Below SQLAlchemy's statements, since every step of a check asks this: 20 instead of 150 microseconds on SQLite, and
    on PostgreSQL one message to the server and no transaction.
    """
    with reported(state):
        connection = state.raw_connection()
        try:
            row = _row(state.dialect, connection, _READ[name])
        except state.dialect.loaded_dbapi.Error:
            # SQLAlchemy has not seen it: what is broken must not go back into its pool.
            connection.invalidate()
            raise
        finally:
            connection.close()
    if row is None:
        raise LookupError(f"there is no counter {name}")
    return int(row[0])


def _row(dialect: sa.Dialect, connection: sa.PoolProxiedConnection, statement: str) -> Any:
    cursor = connection.cursor()
    if dialect.name == "sqlite":
        cursor.execute(statement)
        return cursor.fetchone()
    driver: Any = connection.dbapi_connection
    dialect.set_isolation_level(driver, "AUTOCOMMIT")
    try:
        cursor.execute(statement)
        return cursor.fetchone()
    finally:
        dialect.reset_isolation_level(driver)
