"""The rows of an index: which documents there are, and what each of them asks for.

Tables come first, each followed by its columns; metrics, queries, pages and terms come last. A row is the place of a
document in this order; keywords and vectors know documents by their row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from memory.document import Document, Kind
from memory.joins import Edge, EdgeKind, is_key
from memory.words import split
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import TableInfo, Tier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SCHEMA: Final = """
CREATE TABLE lake_table(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, uuid TEXT NOT NULL, tier TEXT NOT NULL, replaced_by INTEGER,
    start INTEGER NOT NULL);
CREATE TABLE document(
    row INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL,
    title_words INTEGER NOT NULL DEFAULT 0, text_words INTEGER NOT NULL DEFAULT 0, field_id INTEGER, needs TEXT);
CREATE TABLE edge(kind TEXT NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL, sees TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Note:
    """A document of knowledge."""

    kind: Kind
    name: str
    tables: tuple[int, ...]
    """The tables that it speaks of."""
    reads: tuple[int, ...]
    """Tables of which a column must be visible. What is not in the lake is -1, and never visible."""
    sees: tuple[int, ...]
    """Rows of columns that must be visible; -1 likewise."""


@dataclass(frozen=True, slots=True)
class Join:
    """An edge between two tables, by number."""

    kind: EdgeKind
    source: int
    target: int
    sees: tuple[int, ...]
    """Rows of the columns that must be visible to know of it; -1 for one that is not there."""


@dataclass(frozen=True)
class Layout:
    """All rows, with everything that ranking needs to know of them but words and vectors."""

    tables: tuple[TableRef, ...]
    uuids: tuple[str, ...]
    """Which table each was: another one may have the name by now."""
    numbers: dict[TableRef, int]
    tiers: tuple[Tier, ...]
    replaced_by: dict[int, int]
    """What to use instead of a deprecated table, where that is known."""
    start: NDArray[np.int64]
    """The row of each table; its columns follow until the next table's row."""
    table_of: NDArray[np.int64]
    """The table of each row that is a table or a column."""
    is_column: NDArray[np.bool_]
    """For the same rows."""
    is_table: NDArray[np.bool_]
    """For all rows."""
    names: tuple[str, ...]
    """The name of every row: a full name of a table, the bare name of a column, the name of a note."""
    fields: tuple[int | None, ...]
    """The field id of every row that is a column."""
    schema_of: NDArray[np.int64]
    """The schema of each table, as a number."""
    key_group: NDArray[np.int64]
    """For rows of tables and columns: columns of one schema that are keys by their name share a number; else -1."""
    title_words: NDArray[np.int64]
    text_words: NDArray[np.int64]
    notes: tuple[Note, ...]
    """The rows after the last column, in order."""
    joins: tuple[Join, ...]

    @property
    def width(self) -> int:
        """How many rows are tables and columns."""
        return len(self.table_of)


def write_layout(
    connection: sqlite3.Connection,
    tables: Sequence[TableInfo],
    documents: Sequence[Document],
    edges: Iterable[Edge],
    digests: Sequence[bytes],
) -> None:
    """Write all but the numbers of words."""
    connection.executescript(_SCHEMA)
    numbers = {info.ref: number for number, info in enumerate(tables)}
    rows = {document.sees[0]: row for row, document in enumerate(documents) if document.kind is Kind.COLUMN}
    fields = {ColumnRef(table=info.ref, column=c.name): c.field_id for info in tables for c in info.columns}
    starts = [row for row, document in enumerate(documents) if document.kind is Kind.TABLE]
    connection.executemany(
        "INSERT INTO lake_table VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                number,
                str(info.ref),
                info.uuid,
                info.tier.value,
                numbers.get(info.replaced_by) if info.replaced_by else None,
                start,
            )
            for number, (info, start) in enumerate(zip(tables, starts, strict=True))
        ],
    )
    connection.executemany(
        "INSERT INTO document(row, kind, name, digest, field_id, needs) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                row,
                document.kind.value,
                document.name,
                digests[row],
                fields[document.sees[0]] if document.kind is Kind.COLUMN else None,
                _needs(document, numbers, rows),
            )
            for row, document in enumerate(documents)
        ],
    )
    connection.executemany(
        "INSERT INTO edge VALUES (?, ?, ?, ?)",
        [
            (
                edge.kind.value,
                numbers[edge.source],
                numbers[edge.target],
                json.dumps([rows.get(c, -1) for c in edge.sees]),
            )
            for edge in edges
        ],
    )


def read_layout(connection: sqlite3.Connection) -> Layout:
    """Read it back as arrays."""
    import numpy as np

    lake_tables = connection.execute(
        "SELECT name, uuid, tier, replaced_by, start FROM lake_table ORDER BY id"
    ).fetchall()
    refs = tuple(_ref(name) for name, *_ in lake_tables)
    numbers = {ref: number for number, ref in enumerate(refs)}
    rows = connection.execute("SELECT name, field_id, title_words, text_words FROM document ORDER BY row").fetchall()
    names = tuple(name for name, *_ in rows)
    notes = connection.execute("SELECT kind, name, needs FROM document WHERE needs IS NOT NULL ORDER BY row").fetchall()
    width = len(names) - len(notes)
    start = np.array([first for *_, first in lake_tables], dtype=np.int64)
    is_table = np.zeros(len(names), dtype=bool)
    is_table[start] = True
    is_column = ~is_table[:width]
    table_of = np.cumsum(~is_column) - 1
    schemas: dict[str, int] = {}
    schema_of = [schemas.setdefault(f"{ref.catalog}.{ref.namespace}", len(schemas)) for ref in refs]
    groups: dict[tuple[int, str], int] = {}
    key_group = np.full(width, -1, dtype=np.int64)
    for row in np.flatnonzero(is_column):
        if is_key(names[row]):
            named = (schema_of[table_of[row]], "_".join(split(names[row])))
            key_group[row] = groups.setdefault(named, len(groups))
    return Layout(
        tables=refs,
        uuids=tuple(uuid for _, uuid, *_ in lake_tables),
        numbers=numbers,
        tiers=tuple(Tier(tier) for _, _, tier, *_ in lake_tables),
        replaced_by={number: other for number, (*_, other, _) in enumerate(lake_tables) if other not in (None, number)},
        start=start,
        table_of=table_of,
        is_column=is_column,
        is_table=is_table,
        names=names,
        fields=tuple(field for _, field, *_ in rows),
        schema_of=np.array(schema_of, dtype=np.int64),
        key_group=key_group,
        title_words=np.array([title for *_, title, _ in rows], dtype=np.int64),
        text_words=np.array([text for *_, text in rows], dtype=np.int64),
        notes=tuple(_note(kind, name, needs) for kind, name, needs in notes),
        joins=tuple(
            Join(EdgeKind(kind), source, target, tuple(json.loads(sees)))
            for kind, source, target, sees in connection.execute("SELECT kind, source, target, sees FROM edge")
        ),
    )


def _needs(document: Document, numbers: Mapping[TableRef, int], rows: Mapping[ColumnRef, int]) -> str | None:
    """What a note asks for; a table and a column ask for themselves."""
    if document.kind in (Kind.TABLE, Kind.COLUMN):
        return None
    return json.dumps(
        {
            "tables": [numbers[ref] for ref in document.tables if ref in numbers],
            "reads": [numbers.get(ref, -1) for ref in document.reads],
            "sees": [rows.get(column, -1) for column in document.sees],
        }
    )


def _note(kind: str, name: str, needs: str) -> Note:
    said = json.loads(needs)
    return Note(Kind(kind), name, tuple(said["tables"]), tuple(said["reads"]), tuple(said["sees"]))


def _ref(name: str) -> TableRef:
    catalog, namespace, table = name.split(".")
    return TableRef(catalog=catalog, namespace=namespace, name=table)
