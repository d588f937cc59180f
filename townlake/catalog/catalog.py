"""The catalog: which tables there are, what they hold, where they come from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from townlake.catalog.description import TableDescription, described, keep, read_record, stored
from townlake.catalog.federated import FederatedTable, keep_harvest, must_be_no_catalog, must_be_no_schema, must_be_own
from townlake.catalog.files import Files, LocalFiles
from townlake.catalog.lineage import LineageEdge, add_edges, drop_edges, list_edges
from townlake.catalog.listing import Listings
from townlake.catalog.loaders import add_harvester, note_loader
from townlake.catalog.lock import PATIENCE_SECONDS, WriteLock
from townlake.catalog.look import FreshLook, Look
from townlake.catalog.open_pointers import open_pointers
from townlake.catalog.place import must_lie_below, must_lie_in_home, remove_dropped, used_folders
from townlake.catalog.renames import Rename, finish, note, noted
from townlake.catalog.tables import LAKE_PROPERTIES, TABLE_DESCRIPTIONS
from townlake.domain.errors import BadInput, HomeError, NotFound, StorageUnavailable
from townlake.domain.names import TableRef
from townlake.domain.table import TableInfo
from townlake.state.store import writing
from townlake.state.versions import CATALOG, bump

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.catalog.rest_service import RestAddress
    from townlake.catalog.writer import Writer


def open_catalog(
    home: Path, state: sa.Engine, database: sa.URL | RestAddress | None = None, files: Files | None = None
) -> Catalog:
    """The catalog of a home; a new home gets an empty one.

    Args:
        home: where its files lie.
        state: the state database.
        database: a PostgreSQL or a REST service that holds the catalog, shared with Trino; a file of the home when
            there is none.
        files: where the tables' files lie; below `warehouse` of the home when there is none.

    Raises:
        HomeError: the home is not there, it was copied or moved, or its catalog database is damaged or not reached.
    """
    return Catalog(home, state, database, files)


class Catalog:
    """The tables of one home. Reading is light and always current; writing waits for other writers.

    Any number of threads and processes may read while one writes.
    """

    def __init__(
        self,
        home: Path,
        state: sa.Engine,
        database: sa.URL | RestAddress | None = None,
        files: Files | None = None,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        if not home.is_dir():
            raise HomeError(f"There is no directory {str(home)!r}.", hint="Make it, or set SKIPPER_HOME to another.")
        if set("?#") & set(str(home)):
            raise HomeError("The path of the home must not hold `?` or `#`.", hint="Set SKIPPER_HOME to another.")
        self._home = home.resolve()
        self._state = state
        self._lock = WriteLock(self._home / "catalog.lock", patience_seconds)
        self._pointers = open_pointers(self._home / "catalog.db", database)
        self._files = files or LocalFiles(self._home / "warehouse")
        self._listings = Listings(self._pointers, state, self._files)
        locations = tuple(filter(None, self._pointers.read().values()))
        if files is None:
            must_lie_in_home(locations, home.absolute(), self._home)
        else:
            must_lie_below(locations, files.warehouse)

    @property
    def files(self) -> Files:
        """The files of the tables."""
        return self._files

    @property
    def is_shared(self) -> bool:
        """Whether other programs make tables in it, too, and may hide them from us."""
        return self._pointers.is_shared

    # Reading

    def version(self) -> str:
        """Differs after any change of a schema, a snapshot, a description or lineage, whoever made it."""
        return self._listings.now().version

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name, or None.

        Raises:
            HomeError: its metadata file is missing or unreadable.
        """
        return self.look().table(ref)

    def tables(self) -> tuple[TableInfo, ...]:
        """All tables, by name. Damaged ones are left out; `faults` tells them."""
        return self.look().tables()

    def look(self, *, afresh: bool = False) -> Look:
        """The tables at one moment, for whoever asks for many of them one by one; afresh: for whoever asks for one."""
        return FreshLook(self._listings) if afresh else Look(self._listings)

    def description(self, ref: TableRef) -> TableDescription:
        """What people say about a table; empty when nobody said anything.

        Raises:
            NotFound: there is no such table.
        """
        listing = self._listings.now()
        info = self._present(ref)
        return described(read_record(listing.descriptions.get(info.uuid)), info.columns)

    def has_snapshot(self, ref: TableRef, snapshot_id: int) -> bool:
        """True when the rows of that snapshot can still be read."""
        metadata = self._listings.metadata(self._listings.now(), ref)
        return metadata is not None and snapshot_id in metadata.snapshots

    def snapshot_bytes(self, ref: TableRef, snapshot_id: int) -> int | None:
        """The size of the files of that snapshot; None where it is not known."""
        metadata = self._listings.metadata(self._listings.now(), ref)
        return None if metadata is None else metadata.snapshots.get(snapshot_id)

    def batches(self, ref: TableRef) -> frozenset[str]:
        """The batches whose rows a table holds, as `append` and `replace` were told; none when there is no table."""
        metadata = self._listings.metadata(self._listings.now(), ref)
        return frozenset() if metadata is None else metadata.batches

    def lineage(self, ref: TableRef | None = None) -> tuple[LineageEdge, ...]:
        """The edges between columns: all, or those that touch a table."""
        return list_edges(self._state, ref)

    def as_of(self) -> date | None:
        """The lake's own today, or None when it follows the calendar."""
        text = self._listings.now().properties.get("as_of")
        return None if text is None else date.fromisoformat(text)

    def faults(self) -> tuple[str, ...]:
        """What is wrong with the files, for the operator: it names tables and paths."""
        listing = self._listings.now()
        found = []
        for ref, location in listing.pointers.items():
            try:
                self._listings.metadata(listing, ref)
            except StorageUnavailable:
                raise
            except HomeError:
                fault = f"{location} is missing or unreadable" if location else "the catalog service does not give it"
                found.append(f"{ref}: {fault}")
        return tuple(found)

    def leftovers(self) -> tuple[str, ...]:
        """Folders of the warehouse in which no table lies, left by a command that was killed."""
        used = used_folders(self._pointers.locations(), self._files)
        return tuple(folder for folder in self._files.folders() if folder not in used)

    # Writing

    def writing(self) -> AbstractContextManager[None]:
        """Keep other writers out for several steps, such as the load of many tables.

        Raises:
            HomeError: another process is writing and does not end.
        """
        return self._alone()

    def create(
        self, ref: TableRef, schema: pa.Schema, description: TableDescription | None = None, *, by: str = ""
    ) -> TableInfo:
        """Make an empty table. Every column starts closed. It shows up with its description or not at all.

        Whoever makes it (`by`), and whoever brings rows later, opens nothing of it; empty where that is nobody.

        Raises:
            BadInput: the table is there already, a name or a type cannot be kept, or the description speaks of a
                column that the table does not have.
        """
        must_be_own(ref)
        words = description or TableDescription()

        def announce(uuid: str, ids: Mapping[str, int]) -> None:
            with writing(self._state) as connection:
                keep(connection, uuid, stored(words, ids, (by,) if by else ()))
                # What a killed drop left of another table of this name.
                drop_edges(connection, ref)
                bump(connection, CATALOG)

        with self._alone():
            must_be_no_catalog(ref, self._listings.now().federated)
            self._writer.create(ref, schema, announce)
            self._pointers.renew()
            return self._present(ref)

    def append(
        self, ref: TableRef, data: pa.Table | pa.RecordBatchReader, *, batches: Collection[str] = (), by: str = ""
    ) -> TableInfo:
        """Add rows; all of them show up at once, or none, and with them the names of the batches that they are."""
        return self._written(ref, lambda: self._writer.append(ref, data, batches), by)

    def replace(
        self, ref: TableRef, data: pa.Table | pa.RecordBatchReader, *, batches: Collection[str] = (), by: str = ""
    ) -> TableInfo:
        """Put other rows in place of all rows, at once. The old ones stay readable at their snapshot."""
        return self._written(ref, lambda: self._writer.replace(ref, data, batches), by)

    def add_column(self, ref: TableRef, name: str, kind: pa.DataType) -> TableInfo:
        """Add an optional column. It starts closed."""

        def work() -> None:
            if self._present(ref).column(name) is None:
                # What a killed drop left of another column of this name.
                self._drop_edges(ref, name)
            self._writer.add_column(ref, name, kind)

        return self._written(ref, work)

    def widen_column(self, ref: TableRef, name: str, kind: pa.DataType) -> TableInfo:
        """Let a column hold more. Its review is stale from now on."""
        return self._written(ref, lambda: self._writer.widen_column(ref, name, kind))

    def drop_column(self, ref: TableRef, name: str) -> TableInfo:
        """Drop a column and its lineage. A column of that name that is added later is another one."""

        def work() -> None:
            self._writer.drop_column(ref, name)
            self._drop_edges(ref, name)

        return self._written(ref, work)

    def rename_column(self, ref: TableRef, old: str, new: str) -> TableInfo:
        """Rename a column. Review, comment, keys and lineage follow."""

        def work() -> None:
            info = self._present(ref)
            column = info.column(old)
            if column is None:
                raise BadInput(f"{ref} has no column {old}.", hint="`skipper tables` with its name lists them.")
            note(self._state, Rename(table=ref, uuid=info.uuid, field_id=column.field_id, old=old, new=new))
            try:
                self._writer.rename_column(ref, old, new)
            finally:
                self._finish_rename()

        return self._written(ref, work)

    def drop(self, ref: TableRef) -> None:
        """Drop a table with its files, description, keys and lineage. Works for a damaged one, too.

        Raises:
            NotFound: there is no such table.
            BadInput: it is a table of another source.
            HomeError: the table is there as before; or it is dropped, as the message says, and files of it are left.
        """
        must_be_own(ref)
        with self._alone():
            self._files.must_answer()
            location = self._listings.now().pointers.get(ref)
            if location is None:
                raise _not_found(ref)
            try:
                uuid = self._present(ref).uuid
            except StorageUnavailable:
                raise
            except HomeError:
                uuid = ""
            self._pointers.remove(ref)
            with writing(self._state) as connection:
                connection.execute(sa.delete(TABLE_DESCRIPTIONS).where(TABLE_DESCRIPTIONS.c.table_uuid == uuid))
                drop_edges(connection, ref)
                bump(connection, CATALOG)
            if location:
                remove_dropped(ref, location, self._pointers.locations, self._files)

    def describe(self, ref: TableRef, description: TableDescription) -> TableInfo:
        """Say what a table is; the words replace those before. Who loaded it stays.

        Raises:
            NotFound: there is no such table.
            BadInput: the description speaks of a column that the table does not have.
        """
        with self._alone():
            info = self._present(ref)
            with writing(self._state) as connection:
                ids = {column.name: column.field_id for column in info.columns}
                keep(connection, info.uuid, stored(description, ids, info.loaded_by))
                bump(connection, CATALOG)
            return self._present(ref)

    def harvested(
        self, catalog: str, tables: Sequence[FederatedTable], at: datetime, *, schema: str | None = None, by: str = ""
    ) -> tuple[FederatedTable, ...]:
        """Know the tables of another source as they were found there; those that were not found are gone.

        Reviews, row filters and descriptions stay: they hold again for what has the same name and type.

        Args:
            catalog: Trino's name of the source.
            tables: all that were found in it.
            at: when.
            schema: the one schema that was looked at; the whole source when None.
            by: who looked, and so does not open what is new.

        Returns:
            What was known before.

        Raises:
            BadInput: the lake has a schema of that name.
        """
        with self._alone():
            must_be_no_schema(catalog, self._listings.now().pointers)
            with writing(self._state) as connection:
                before = keep_harvest(connection, catalog, schema, tables, at)
                add_harvester(connection, before, tables, by)
                bump(connection, CATALOG)
            return before

    def add_lineage(self, edges: Iterable[LineageEdge]) -> None:
        """Add edges between columns; known ones take the newer run."""
        add_edges(self._state, edges)

    def set_as_of(self, day: date | None) -> None:
        """Set the lake's own today; None makes it follow the calendar."""
        with writing(self._state) as connection:
            connection.execute(sa.delete(LAKE_PROPERTIES).where(LAKE_PROPERTIES.c.name == "as_of"))
            if day is not None:
                connection.execute(sa.insert(LAKE_PROPERTIES).values(name="as_of", value=day.isoformat()))
            bump(connection, CATALOG)

    def close(self) -> None:
        """Let go of the catalog database."""
        if "_writer" in self.__dict__:
            self._writer.close()
        self._pointers.close()

    @cached_property
    def _writer(self) -> Writer:
        from townlake.catalog.writer import Writer

        return Writer(self._pointers, self._files)

    def _written(self, ref: TableRef, work: Callable[[], None], by: str = "") -> TableInfo:
        must_be_own(ref)
        with self._alone():
            if by:
                # First: a load that is killed halfway leaves no rows that are nobody's.
                note_loader(self._state, self._present(ref).uuid, by)
            work()
            self._pointers.renew()
            return self._present(ref)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock.held():
            self._finish_rename()
            try:
                yield
            except BaseException:
                # Nobody knows how far it came.
                self._pointers.renew()
                raise

    def _finish_rename(self) -> None:
        self._pointers.renew()
        rename = noted(self._listings.now().properties)
        if rename is not None:
            finish(self._state, rename, self.table(rename.table))

    def _drop_edges(self, ref: TableRef, column: str) -> None:
        with writing(self._state) as connection:
            drop_edges(connection, ref, column)
            bump(connection, CATALOG)

    def _present(self, ref: TableRef) -> TableInfo:
        info = self.table(ref)
        if info is None:
            raise _not_found(ref)
        return info


def _not_found(ref: TableRef) -> NotFound:
    return NotFound(f"There is no table {ref}.", hint="`skipper tables` lists them.")
