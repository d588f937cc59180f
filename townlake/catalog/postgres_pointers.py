"""The pointers in PostgreSQL: the tables that Trino's JDBC catalog reads and commits to as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from townlake.catalog.pointers import LOCATIONS, READ, REMOVE, TABLES, nameable, removed, sql_catalog
from townlake.domain.errors import HomeError
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.state.postgres import open_postgres

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog as IcebergCatalog

    from townlake.catalog.files import Files

_ONE_MAKER: Final = 0x4C616B65
"""The advisory lock of whoever makes the tables."""
# Trino commits with its own connections, so the database itself counts the changes. The counting is done with the
# rights of the owner: others may need no more than those on Iceberg's tables.
_COUNTER: Final = """
CREATE TABLE IF NOT EXISTS skipper_changes (number BIGINT NOT NULL);
INSERT INTO skipper_changes SELECT 0 WHERE NOT EXISTS (SELECT FROM skipper_changes);
CREATE OR REPLACE FUNCTION skipper_count_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS 'BEGIN UPDATE {schema}.skipper_changes SET number = number + 1; RETURN NULL; END';
CREATE TRIGGER skipper_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON iceberg_tables
    FOR EACH STATEMENT EXECUTE FUNCTION skipper_count_change();
"""
_COUNTED: Final = "SELECT FROM pg_trigger WHERE tgname = 'skipper_changes' AND NOT tgisinternal"


class PostgresPointers:
    """The pointers of a database that holds nothing else. Safe for several threads."""

    is_shared = False

    def __init__(self, url: sa.URL) -> None:
        self._engine = open_postgres(url, isolation_level="AUTOCOMMIT")
        try:
            self._make()
        except HomeError:
            self.close()
            raise

    def connect(self, files: Files) -> IcebergCatalog:
        """PyIceberg's own catalog over the same database."""
        return sql_catalog(self._engine.url, files)

    def document(self, ref: TableRef, location: str) -> None:
        """None: metadata lie in files."""

    def renew(self) -> None:
        """Every change is seen at once."""

    def look_again(self, ref: TableRef) -> None:
        """Every change is seen at once."""

    def stamp(self) -> int:
        """The number of changes so far, whoever made them."""
        with self._connected() as connection:
            return int(connection.exec_driver_sql("SELECT number FROM skipper_changes").scalar_one())

    def read(self) -> Mapping[TableRef, str]:
        """The metadata location of every table whose name a statement can write, in the order of their names."""
        with self._connected() as connection:
            rows = connection.execute(sa.text(READ), {"catalog": DEFAULT_CATALOG})
            return nameable([(row[0], row[1], row[2]) for row in rows])

    def locations(self) -> frozenset[str]:
        """Every metadata location that the database holds: also of views, of odd names, and of other catalogs."""
        with self._connected() as connection:
            return frozenset(connection.exec_driver_sql(LOCATIONS).scalars())

    def remove(self, ref: TableRef) -> None:
        """Take a table out of the catalog. Works for a damaged one as well; its files stay."""
        with self._connected() as connection:
            connection.execute(sa.text(REMOVE), removed(ref))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _make(self) -> None:
        """Make the tables where they are missing: Trino never does."""
        with self._connected() as connection:
            if connection.exec_driver_sql(_COUNTED).first() is not None:
                return
            with self._engine.execution_options(isolation_level="READ COMMITTED").begin() as alone:
                alone.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_MAKER})")
                alone.exec_driver_sql(TABLES)
                if alone.exec_driver_sql(_COUNTED).first() is None:
                    schema = alone.exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
                    alone.exec_driver_sql(_COUNTER.format(schema=schema))

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except (sa.exc.DatabaseError, sa.exc.TimeoutError) as error:
            raise HomeError(
                "The catalog database cannot be used: PostgreSQL cannot be reached, is locked, or refuses.",
                hint="Check that it runs and what the setting `catalog_database` says; nothing was changed.",
            ) from error
