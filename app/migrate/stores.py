"""The four databases of a move, opened for one transaction each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from townlake.domain.errors import HomeError
from townlake.state.postgres import open_postgres
from townlake.state.store import open_state, reading, writing
from townlake.state.wal import PATIENCE_SECONDS


@contextmanager
def sqlite_file(path: Path, *, alone: bool) -> Iterator[sa.Connection]:
    """A file of the home. Alone: nobody else can write until the end, when changes are kept, or none after an error.

    Raises:
        HomeError: it cannot be used, or somebody writes and does not end.
    """
    url = sa.URL.create("sqlite", database=str(path), query={"timeout": f"{PATIENCE_SECONDS:.0f}"})
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
    except sa.exc.DatabaseError as error:
        raise HomeError(
            f"{path.name} cannot be used: it is damaged, locked, full or not writable.",
            hint="Check the disk and other running commands, then run `skipper doctor`; nothing was changed.",
        ) from error
    finally:
        engine.dispose()


@contextmanager
def grown_state(address: str, *, alone: bool) -> Iterator[sa.Connection]:
    """The state in PostgreSQL; when alone, no other command writes to it."""
    engine = open_state(address)
    try:
        with writing(engine) if alone else reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def grown_catalog(address: str, *, alone: bool) -> Iterator[sa.Connection]:
    """The catalog in PostgreSQL; when alone, neither another command nor Trino commits to it."""
    from townlake.catalog.postgres_pointers import PostgresPointers

    # Makes the tables where they are missing.
    PostgresPointers(sa.make_url(address)).close()
    engine = open_postgres(sa.make_url(address))
    try:
        with engine.begin() as connection:
            if alone:
                connection.exec_driver_sql("LOCK TABLE iceberg_tables, iceberg_namespace_properties IN EXCLUSIVE MODE")
            yield connection
    except (sa.exc.DatabaseError, engine.dialect.loaded_dbapi.DatabaseError) as error:
        raise HomeError(
            "The catalog in PostgreSQL cannot be used: it cannot be reached, is locked, or refuses.",
            hint="`skipper stack status` tells how the servers are; nothing was changed.",
        ) from error
    finally:
        engine.dispose()
