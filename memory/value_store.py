"""The file of the value index: written from open text columns of few values, read as one published version."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from memory.folding import allowed_slips, fold, singular, slip_keys
from memory.published import Lease, lease, publishing
from memory.sight import Sight
from townlake.domain.errors import HomeError
from townlake.domain.names import ColumnRef
from townlake.domain.table import TableInfo

Fetch = Callable[[ColumnRef], Sequence[str] | None]

_FILE: Final = "values.db"
_MANIFEST: Final = "manifest.json"
_FORMAT: Final = 1
_LONGEST_VALUE: Final = 200
_MEAN_LENGTH: Final = 60
"""Columns whose values are longer on average hold prose, which nobody asks for by value."""
_HINT: Final = "Run `skipper index`: it is built again from the lake, nothing is lost."
_SCHEMA: Final = """
CREATE TABLE lake_column(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
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


def build_values(
    directory: Path,
    *,
    tables: Iterable[TableInfo],
    sight: Sight,
    fetch: Fetch,
    version: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Read the values of open text columns and publish the index.

    Args:
        directory: the root of the index.
        tables: the tables to look at.
        sight: what may be indexed; columns that are masked, hidden or below a row filter are not asked for.
        fetch: gives the different values of a column, or None when there are too many or it cannot be read. It must
            go through the lake, so that policy and audit hold for the indexer too.
        version: what `values_version` will say.
        progress: called with the number of columns read so far, and of all.

    Returns:
        How many values are indexed.
    """
    columns = [
        column
        for info in tables
        for column in (ColumnRef(table=info.ref, column=each.name) for each in info.columns if _is_text(each.type))
        if sight.opens(column)
    ]
    count = 0
    with publishing(directory) as made:
        with closing(sqlite3.connect(made / _FILE)) as connection, connection:
            connection.execute("PRAGMA journal_mode=OFF")
            connection.executescript(_SCHEMA)
            for done, column in enumerate(columns, start=1):
                values = _worth_keeping(fetch(column))
                if values:
                    connection.execute("INSERT INTO lake_column VALUES (?, ?)", (done, str(column)))
                    connection.executemany(
                        "INSERT INTO stored(column_id, value, folded, singular) VALUES (?, ?, ?, ?)",
                        [(done, value, fold(value), singular(fold(value))) for value in values],
                    )
                    count += len(values)
                if progress:
                    progress(done, len(columns))
            connection.executemany(
                "INSERT INTO slip VALUES (?, ?)",
                [
                    (key, number)
                    for number, folded in connection.execute("SELECT id, folded FROM stored").fetchall()
                    if allowed_slips(folded)
                    for key in slip_keys(folded)
                ],
            )
            connection.executescript(_INDEXES)
        manifest = {"format": _FORMAT, "version": version, "size": (made / _FILE).stat().st_size}
        (made / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return count


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
        self.columns = {number: ColumnRef.parse(name) for number, name in self.ask("SELECT id, name FROM lake_column")}

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

    def opened(self, sight: Sight) -> str:
        """The numbers of the columns that are open to a caller, as JSON for `json_each`."""
        return json.dumps([number for number, column in self.columns.items() if sight.opens(column)])

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


def _worth_keeping(values: Sequence[str] | None) -> list[str]:
    """The values to index; none of a column that holds prose."""
    kept = [value for value in dict.fromkeys(values or ()) if value and len(value) <= _LONGEST_VALUE and fold(value)]
    return kept if kept and sum(map(len, kept)) <= _MEAN_LENGTH * len(kept) else []


def _is_text(trino_type: str) -> bool:
    return trino_type.startswith(("varchar", "char"))


def _close(connection: sqlite3.Connection, held: Lease) -> None:
    connection.close()
    held.release()
