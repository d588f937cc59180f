"""Open the state database and bring it to the current schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from townlake.domain.errors import HomeError
from townlake.state.line import OutOfLine, line_of
from townlake.state.postgres import open_postgres
from townlake.state.wal import PATIENCE_SECONDS, empty_wal, enter_wal

HEAD: Final = "0024"
"""The newest migration in `migrations/versions`; a test holds this true."""

MOVED: Final = "moved"
"""The version of a file whose content was moved into another database, so that nobody begins anew in its place."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ONE_WRITER: Final = 0x536B6970
"""The advisory lock of PostgreSQL that stands for SQLite's lock of the whole file."""


def open_state(url: str | sa.URL) -> sa.Engine:
    """Connect to the state database and migrate it when it is behind.

    Alembic is imported only when there is something to migrate: it costs more than a question.

    Args:
        url: an SQLAlchemy address of SQLite or PostgreSQL. `sa.URL.create("sqlite", database=path)` takes any path;
            in a text, `%` would be the start of a sign.

    Raises:
        HomeError: the database is damaged, from a newer version, or cannot be reached or written.
    """
    engine = _connected(sa.make_url(url))
    try:
        version = _version(engine)
        if version != HEAD:
            _migrate(engine, version)
    except HomeError:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A consistent look at the database that takes no write lock.

    Raises:
        HomeError: the database cannot be read.
    """
    with reported(engine), engine.connect().execution_options(read_only=True) as connection:
        yield connection


@contextmanager
def writing(engine: sa.Engine, *, first: bool = False) -> Iterator[sa.Connection]:
    """A transaction that writes: all of it is kept or nothing.

    Args:
        engine: the database.
        first: before the others of this process that wait. For few and short ones, for which somebody waits.

    Raises:
        HomeError: the database is locked for too long, full, damaged or not writable. Nothing was changed.
    """
    with reported(engine), line_of(engine).turn(PATIENCE_SECONDS, first=first), engine.begin() as connection:
        yield connection


def empty_log(engine: sa.Engine) -> None:
    """Have what was deleted go from SQLite's write-ahead log, too. PostgreSQL cleans up by its own rules.

    Raises:
        HomeError: the database cannot be used.
    """
    with reported(engine), line_of(engine).turn(PATIENCE_SECONDS), closing(engine.raw_connection()) as connection:
        if isinstance(connection.driver_connection, sqlite3.Connection):
            empty_wal(connection.driver_connection)


def moment(connection: sa.Connection, clock: Callable[[], datetime]) -> datetime:
    """The time by which servers agree: the database's own where they may run on several machines.

    Args:
        connection: to the database.
        clock: the time, in UTC, where the database lies on this machine.
    """
    if connection.dialect.name != "postgresql":
        return clock()
    now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now


@contextmanager
def reported(engine: sa.Engine) -> Iterator[None]:
    """Turn a fault of the database into an error that a person can act on."""
    try:
        yield
    except (sa.exc.DatabaseError, sa.exc.TimeoutError, OutOfLine, engine.dialect.loaded_dbapi.DatabaseError) as error:
        if engine.dialect.name == "sqlite":
            raise HomeError(
                "The state database cannot be used: it is damaged, locked, full or not writable.",
                hint="Check the disk and other running commands, then run `skipper doctor`; nothing was changed.",
            ) from error
        raise HomeError(
            "The state database cannot be used: PostgreSQL cannot be reached, is locked, or refuses.",
            hint="Check that it runs and what the setting `database` says; nothing was changed.",
        ) from error


def _connected(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url)
        _tune_sqlite(engine)
    else:
        engine = open_postgres(url)
        _tune_postgres(engine)
    return engine


def _tune_postgres(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "begin")
    def begin_alone(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("read_only", False):
            first = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
        else:
            # One writer at a time, as on SQLite: the next entry of the audit must follow the last.
            # And as patient as there.
            patience = f"SET LOCAL lock_timeout = {PATIENCE_SECONDS * 1000:.0f}"
            first = f"{patience}; SELECT pg_advisory_xact_lock({_ONE_WRITER})"
        # Below SQLAlchemy, which would open a cursor on it for whoever reads in batches.
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(first)


def _tune_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        # pysqlite's own transactions start late and lose the lock between read and write.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000:.0f}")
        enter_wal(connection)
        # The audit must survive a power cut, not only a crash.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        # What somebody deletes is not to be read out of the file; not every build of SQLite does so by itself.
        connection.execute("PRAGMA secure_delete=ON")

    @sa.event.listens_for(engine, "begin")
    def begin_immediate(connection: sa.Connection) -> None:
        deferred = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")


def _version(engine: sa.Engine) -> str | None:
    with reading(engine) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: sa.Engine, version: str | None) -> None:
    from alembic import command
    from alembic.config import Config

    if version == MOVED:
        raise HomeError(
            "What this home's own state.db held was moved to PostgreSQL.",
            hint="Run the command again: config.toml of the home names the PostgreSQL. If it does no more, "
            "docs/guide/stack.md tells the way back.",
        )
    if version is not None and not list((MIGRATIONS / "versions").glob(f"{version}_*.py")):
        raise HomeError(
            f"The state database is at version {version}, which this release does not know.",
            hint="It was written by a newer release: upgrade, or use another SKIPPER_HOME.",
        )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
