"""The file of the value index: written from open text columns of few values, read as one published version."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from memory.folding import allowed_slips, fold, singular, slip_keys
from memory.published import Lease, lease, publishing
from memory.remembered import BySight
from memory.sight import Sight
from townlake.domain.errors import HomeError
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import ColumnInfo, TableInfo

Fetch = Callable[[ColumnRef], Sequence[str] | None]

_FILE: Final = "values.db"
_MANIFEST: Final = "manifest.json"
_FORMAT: Final = 2
_LONGEST_VALUE: Final = 200
_MEAN_LENGTH: Final = 60
"""Columns whose values are longer on average hold prose, which nobody asks for by value."""
_HINT: Final = "Run `skipper index`: it is built again from the lake, nothing is lost."
_SCHEMA: Final = """
CREATE TABLE lake_table(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, uuid TEXT NOT NULL, snapshot INTEGER NOT NULL);
CREATE TABLE lake_column(
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES lake_table, name TEXT NOT NULL,
    field_id INTEGER NOT NULL);
CREATE TABLE stored(
    id INTEGER PRIMARY KEY, column_id INTEGER NOT NULL REFERENCES lake_column, value TEXT NOT NULL,
    folded TEXT NOT NULL, singular TEXT NOT NULL);
CREATE TABLE slip(key TEXT NOT NULL, stored_id INTEGER NOT NULL);
"""
_INDEXES: Final = """
CREATE INDEX by_singular ON stored(singular);
CREATE INDEX by_column ON stored(column_id);
CREATE INDEX by_key ON slip(key, stored_id);
"""
_BEFORE: Final = """
SELECT uuid, snapshot, field_id, lake_column.id FROM before.lake_column JOIN before.lake_table
ON lake_table.id = table_id
"""
_TAKE_OVER: Final = """
INSERT INTO stored SELECT * FROM before.stored WHERE column_id IN (SELECT id FROM lake_column);
INSERT INTO slip SELECT slip.* FROM before.slip AS slip JOIN stored ON stored.id = stored_id;
"""
_Held = tuple[str, int, int]
"""What values are those of: the uuid of a table, its snapshot, the field id of a column."""


def build_values(
    directory: Path,
    *,
    tables: Iterable[TableInfo],
    sight: Sight,
    fetch: Fetch,
    version: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Read the values of open text columns, as far as they could have changed, and publish the index.

    Args:
        directory: the root of the index.
        tables: the tables to look at.
        sight: what may be indexed; columns that are masked, hidden or below a row filter are not asked for.
        fetch: gives the different values of a column, none when there are too many, or None when it cannot be read
            now and is to be asked for again. It must go through the lake, so that policy and audit hold for the
            indexer too. A column whose table holds the snapshot of the version before is taken over.
        version: what `values_version` will say.
        progress: called with the number of columns read so far, and of all.

    Returns:
        How many values are indexed.
    """
    columns = [
        (info, column)
        for info in tables
        for column in info.columns
        if _is_text(column.type) and sight.opens(ColumnRef(table=info.ref, column=column.name))
    ]
    held = lease(directory)
    try:
        before = held.path / _FILE if held is not None and _version(held.path) is not None else None
        with publishing(directory) as made:
            try:
                count = _write(made / _FILE, before, columns, fetch, progress)
            except sqlite3.DatabaseError:
                if before is None:
                    raise
                # A damaged index is a reason to build a new one, never a reason not to.
                (made / _FILE).unlink(missing_ok=True)
                count = _write(made / _FILE, None, columns, fetch, progress)
            manifest = {"format": _FORMAT, "version": version, "size": (made / _FILE).stat().st_size}
            (made / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    finally:
        if held is not None:
            held.release()
    return count


def _write(
    path: Path,
    before: Path | None,
    columns: Sequence[tuple[TableInfo, ColumnInfo]],
    fetch: Fetch,
    progress: Callable[[int, int], None] | None,
) -> int:
    """Write all values; those of columns whose table holds the same snapshot as before are not asked for again."""
    with closing(sqlite3.connect(path, uri=True)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.executescript(_SCHEMA)
        known = _attach(connection, before)
        tables = {info.ref: number for number, info in enumerate({info.ref: info for info, _ in columns}.values())}
        connection.executemany(
            "INSERT OR IGNORE INTO lake_table VALUES (?, ?, ?, ?)",
            [(tables[info.ref], str(info.ref), info.uuid, info.snapshot_id or 0) for info, _ in columns],
        )
        add = "INSERT INTO lake_column VALUES (?, ?, ?, ?)"
        new = []
        for info, column in columns:
            number = known.get((info.uuid, info.snapshot_id or 0, column.field_id))
            if number is None:
                new.append((info, column))
            else:
                connection.execute(add, (number, tables[info.ref], column.name, column.field_id))
        if known:
            connection.executescript(_TAKE_OVER)
        (last,) = connection.execute("SELECT ifnull(max(id), 0) FROM stored").fetchone()
        first = max(known.values(), default=0) + 1
        for place, (info, column) in enumerate(new):
            values = fetch(ColumnRef(table=info.ref, column=column.name))
            if values is not None:
                connection.execute(add, (first + place, tables[info.ref], column.name, column.field_id))
                connection.executemany(
                    "INSERT INTO stored(column_id, value, folded, singular) VALUES (?, ?, ?, ?)",
                    [(first + place, value, fold(value), singular(fold(value))) for value in _worth_keeping(values)],
                )
            if progress:
                progress(place + 1, len(new))
        connection.executemany(
            "INSERT INTO slip VALUES (?, ?)",
            [
                (key, number)
                for number, folded in connection.execute("SELECT id, folded FROM stored WHERE id > ?", (last,))
                if allowed_slips(folded)
                for key in slip_keys(folded)
            ],
        )
        connection.executescript(_INDEXES)
        connection.commit()
        (count,) = connection.execute("SELECT count(*) FROM stored").fetchone()
        return int(count)


def _attach(connection: sqlite3.Connection, before: Path | None) -> dict[_Held, int]:
    """The columns of the version before, by whose values they hold; open for taking over."""
    if before is None:
        return {}
    connection.execute("ATTACH ? AS before", (f"{before.resolve().as_uri()}?mode=ro&immutable=1",))
    return {(uuid, snapshot, field): number for uuid, snapshot, field, number in connection.execute(_BEFORE)}


def values_version(directory: Path) -> str | None:
    """What the current index was told when it was built; None when there is none that is whole."""
    held = lease(directory)
    if held is None:
        return None
    try:
        return _version(held.path)
    finally:
        held.release()


class ValueStore:
    """One version, open for reading."""

    def __init__(self, held: Lease, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.close = weakref.finalize(self, _close, connection, held)
        """Let go of the files; happens by itself when nobody uses the store any more."""
        self._lock = threading.Lock()
        self.name = held.path.name
        self._tables = {
            number: (TableRef.parse(name), uuid)
            for number, name, uuid in self.ask("SELECT id, name, uuid FROM lake_table")
        }
        self._numbers = {ref: number for number, (ref, _) in self._tables.items()}
        self._columns: dict[int, list[tuple[int, str, int]]] = {}
        for number, table, name, field in self.ask("SELECT id, table_id, name, field_id FROM lake_column"):
            self._columns.setdefault(table, []).append((number, name, field))
        self._opened = BySight(self._open_to)

    @classmethod
    def open(cls, directory: Path) -> ValueStore:
        """Open the current version below a directory.

        Raises:
            HomeError: there is none, or it is damaged.
        """
        held = lease(directory)
        if held is None or _version(held.path) is None:
            raise HomeError("There is no value index yet, or it is damaged.", hint=_HINT)
        uri = f"file:{held.path / _FILE}?mode=ro&immutable=1"
        return cls(held, sqlite3.connect(uri, uri=True, check_same_thread=False))

    def opened(self, sight: Sight) -> Mapping[int, ColumnRef]:
        """The columns that are open to a caller, by number; remembered while the same object is asked for again.

        Another table or column that has the name of one in the index does not open it.
        """
        return self._opened.of(sight)

    def number(self, column: ColumnRef, sight: Sight) -> int | None:
        """The number of a column that is open to a caller; None for any other."""
        if not sight.opens(column):
            return None
        opened = self.opened(sight)
        here = self._columns.get(self._numbers.get(column.table, -1), ())
        return next((number for number, name, _ in here if name == column.column and number in opened), None)

    def _open_to(self, sight: Sight) -> Mapping[int, ColumnRef]:
        found: dict[int, ColumnRef] = {}
        for table, columns in self._columns.items():
            ref, uuid = self._tables[table]
            names, fields = sight.open_columns.get(ref), sight.fields.get(ref, {})
            if names and sight.uuids.get(ref) == uuid:
                found.update(
                    (number, ColumnRef.model_construct(table=ref, column=name))
                    for number, name, field in columns
                    if name in names and fields.get(name) == field
                )
        return found

    def ask(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query.

        Raises:
            HomeError: the file is damaged.
        """
        try:
            with self._lock:
                return self._connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise HomeError("The value index is damaged.", hint=_HINT) from error


def _version(path: Path) -> str | None:
    try:
        manifest = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
        whole = manifest["format"] == _FORMAT and manifest["size"] == (path / _FILE).stat().st_size
        return str(manifest["version"]) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _worth_keeping(values: Sequence[str]) -> list[str]:
    """The values to index; none of prose.

    In an order of their own, so that a prompt is the same again, and not that of the alphabet, so that the first few
    are unlike each other.
    """
    kept = [value for value in set(values) if value and len(value) <= _LONGEST_VALUE and fold(value)]
    return sorted(kept, key=_place) if sum(map(len, kept)) <= _MEAN_LENGTH * len(kept) else []


def _place(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()


def _is_text(trino_type: str) -> bool:
    return trino_type.startswith(("varchar", "char"))


def _close(connection: sqlite3.Connection, held: Lease) -> None:
    connection.close()
    held.release()
