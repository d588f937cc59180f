"""Where the newest metadata file of every table lies: the two tables that Iceberg's SQL catalogs share.

Read with plain SQL, since PyIceberg is too slow to import for a question. Schema version V1, the one that Trino's JDBC
catalog reads. Here for SQLite; `postgres_pointers.py` has the same for PostgreSQL.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import sqlalchemy as sa

from townlake.domain.errors import HomeError
from townlake.domain.names import DEFAULT_CATALOG, TableRef, is_name
from townlake.state.wal import PATIENCE_SECONDS, enter_wal

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog as IcebergCatalog

    from townlake.catalog.files import Files

TABLES: Final = """
CREATE TABLE IF NOT EXISTS iceberg_tables (
    catalog_name VARCHAR(255) NOT NULL,
    table_namespace VARCHAR(255) NOT NULL,
    table_name VARCHAR(255) NOT NULL,
    metadata_location VARCHAR(1000),
    previous_metadata_location VARCHAR(1000),
    iceberg_type VARCHAR(5),
    PRIMARY KEY (catalog_name, table_namespace, table_name)
);
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
    catalog_name VARCHAR(255) NOT NULL,
    namespace VARCHAR(255) NOT NULL,
    property_key VARCHAR(255) NOT NULL,
    property_value VARCHAR(1000) NOT NULL,
    PRIMARY KEY (catalog_name, namespace, property_key)
);
"""
READ: Final = """
SELECT table_namespace, table_name, metadata_location FROM iceberg_tables
WHERE catalog_name = :catalog AND metadata_location IS NOT NULL AND (iceberg_type IS NULL OR iceberg_type = 'TABLE')
"""
LOCATIONS: Final = "SELECT metadata_location FROM iceberg_tables WHERE metadata_location IS NOT NULL"
REMOVE: Final = (
    "DELETE FROM iceberg_tables WHERE catalog_name = :catalog AND table_namespace = :namespace AND table_name = :name"
)


class Pointers(Protocol):
    """The catalog's database, opened for reading for as long as this lives."""

    @property
    def is_shared(self) -> bool:
        """Whether other programs make tables in it, too, and may hide them from us."""
        ...

    def connect(self, files: Files) -> IcebergCatalog:
        """PyIceberg's own catalog over the same pointers, for writing.

        Args:
            files: where new tables lie.
        """
        ...

    def stamp(self) -> int:
        """A number that differs as soon as anybody else has changed the catalog. Cheap."""
        ...

    def read(self) -> Mapping[TableRef, str]:
        """The metadata location of every table whose name a statement can write, in the order of their names.

        An empty one is that of a table that the catalog has and does not give: a damaged one.
        """
        ...

    def document(self, ref: TableRef, location: str) -> Mapping[str, Any] | None:
        """What a metadata file says, where the catalog told it with the pointer; None: it is read from its file."""
        ...

    def renew(self) -> None:
        """See, at the next stamp, whatever was changed until now."""
        ...

    def look_again(self, ref: TableRef) -> None:
        """See, at the next stamp, what became of one table until now. Cheap."""
        ...

    def locations(self) -> frozenset[str]:
        """Every metadata location that the database holds: also of views, of odd names, and of other catalogs.

        Raises:
            HomeError: not all of them can be told.
        """
        ...

    def remove(self, ref: TableRef) -> None:
        """Take a table out of the catalog. Works for a damaged one as well; its files stay."""
        ...

    def close(self) -> None:
        """Let go of the database; happens by itself when nobody holds this any more."""
        ...


def nameable(rows: Iterable[tuple[str, str, str]]) -> Mapping[TableRef, str]:
    """Namespace, name and location of every table whose name a statement can write, in the order of their names."""
    return {
        TableRef(catalog=DEFAULT_CATALOG, namespace=namespace, name=name): location
        for namespace, name, location in sorted(rows)
        if is_name(namespace) and is_name(name)
    }


def sql_catalog(url: sa.URL, files: Files) -> IcebergCatalog:
    """PyIceberg's catalog in a database."""
    from pyiceberg.catalog.sql import SqlCatalog

    properties = {"uri": url.render_as_string(hide_password=False), "warehouse": files.warehouse, **files.properties}
    return SqlCatalog(DEFAULT_CATALOG, **properties, pool_pre_ping="true")


def removed(ref: TableRef) -> dict[str, str]:
    """The values of `REMOVE`."""
    return {"catalog": DEFAULT_CATALOG, "namespace": ref.namespace, "name": ref.name}


class SqlitePointers:
    """The pointers in a file. Not safe for several threads at once."""

    is_shared = False

    def __init__(self, path: Path) -> None:
        self.path = path
        with _reported():
            self._connection = _connect(path)
            self._closed = weakref.finalize(self, self._connection.close)
            enter_wal(self._connection)
            if self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                self._connection.executescript(TABLES)

    @property
    def url(self) -> sa.URL:
        """Where PyIceberg finds the same database. Made of parts, since a path may hold what means something in it."""
        return sa.URL.create("sqlite", database=str(self.path), query={"timeout": f"{PATIENCE_SECONDS:.0f}"})

    def connect(self, files: Files) -> IcebergCatalog:
        """PyIceberg's own catalog over the same file."""
        return sql_catalog(self.url, files)

    def document(self, ref: TableRef, location: str) -> None:
        """None: metadata lie in files."""

    def renew(self) -> None:
        """Every change is seen at once."""

    def look_again(self, ref: TableRef) -> None:
        """Every change is seen at once."""

    def close(self) -> None:
        """Close the connection; happens by itself when nobody holds this any more."""
        self._closed()

    def stamp(self) -> int:
        """A number that differs as soon as any other connection, of any process, has committed. Costs microseconds."""
        with _reported():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def read(self) -> Mapping[TableRef, str]:
        """The metadata location of every table whose name a statement can write, in the order of their names."""
        with _reported():
            return nameable(self._connection.execute(READ, {"catalog": DEFAULT_CATALOG}).fetchall())

    def locations(self) -> frozenset[str]:
        """Every metadata location that the database holds: also of views, of odd names, and of other catalogs."""
        with _reported():
            return frozenset(location for (location,) in self._connection.execute(LOCATIONS))

    def remove(self, ref: TableRef) -> None:
        """Take a table out of the catalog. Works for a damaged one as well; its files stay."""
        # Another connection than the reader's, so that the reader notices the change.
        with _reported(), closing(_connect(self.path)) as connection:
            connection.execute(REMOVE, removed(ref))


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise HomeError(
            "The catalog database cannot be used: it is damaged, locked, full or not writable.",
            hint="Check the disk and other running commands, then run `skipper doctor`; nothing was changed.",
        ) from error
