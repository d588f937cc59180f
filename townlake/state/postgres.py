"""Connect to PostgreSQL: one driver, one way to come back after a restart of the server."""

from __future__ import annotations

import time
from typing import Any, Final

import sqlalchemy as sa

_DRIVER: Final = "postgresql+psycopg"
_CONNECT_SECONDS: Final = 10
_FRESH_SECONDS: Final = 1.0
"""How long after its last use a connection is taken for alive: to ask it each time doubles the cost of a look."""


def postgres_url(address: str | sa.URL) -> sa.URL:
    """The address with the driver that is used here, however it was written.

    >>> str(postgres_url("postgres://ann@db/lake"))
    'postgresql+psycopg://ann@db/lake'

    Raises:
        ValueError: it is no address of PostgreSQL; the message does not repeat it, since it may hold a password.
    """
    text = address if isinstance(address, sa.URL) else address.replace("postgres://", "postgresql://", 1)
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise ValueError("it must be written as postgresql://user:password@host/database") from None
    if url.get_backend_name() != "postgresql" or not url.database:
        raise ValueError("it must be written as postgresql://user:password@host/database")
    return url.set(drivername=_DRIVER)


def open_postgres(url: sa.URL, **options: Any) -> sa.Engine:
    """An engine that notices a restarted server."""
    # No startup options: poolers refuse them.
    arguments = {"connect_timeout": _CONNECT_SECONDS, "application_name": "skipper"}
    engine = sa.create_engine(postgres_url(url), connect_args=arguments, **options)
    _check_rested(engine)
    return engine


def _check_rested(engine: sa.Engine) -> None:
    """Ask a connection that has rested whether its server is still there, before anybody gets it."""

    @sa.event.listens_for(engine, "checkin")  # codespell:ignore
    def note_time(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def ask(connection: Any, record: Any, _proxy: object) -> None:
        rested = time.monotonic() - record.info.get("used", time.monotonic())
        if rested > _FRESH_SECONDS and not _answers(engine, connection):
            # The pool opens another one then, and lets go of all that are older.
            raise sa.exc.InvalidatePoolError


def _answers(engine: sa.Engine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False


def place_of(url: sa.URL) -> str:
    """Where a database is, and nothing else that stands in its address.

    >>> place_of(sa.make_url("postgresql://ann:secret@db:5433/lake?password=secret"))
    'db:5433/lake'
    """
    return f"{url.host or 'a socket'}{f':{url.port}' if url.port else ''}/{url.database}"
