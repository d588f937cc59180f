"""Connect to PostgreSQL: one driver, one way to come back after a restart of the server."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

_DRIVER: Final = "postgresql+psycopg"
_CONNECT_SECONDS: Final = 10


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
    return sa.create_engine(postgres_url(url), pool_pre_ping=True, connect_args=arguments, **options)


def place_of(url: sa.URL) -> str:
    """Where a database is, and nothing else that stands in its address.

    >>> place_of(sa.make_url("postgresql://ann:secret@db:5433/lake?password=secret"))
    'db:5433/lake'
    """
    return f"{url.host or 'a socket'}{f':{url.port}' if url.port else ''}/{url.database}"
