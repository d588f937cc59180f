"""The words of documents in SQLite FTS5: which rows have a word, by stem."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from memory.document import Document, Kind
from memory.words import split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CREATE: Final = (
    # Contentless: documents are read from their own table. `porter` folds plurals and endings.
    "CREATE VIRTUAL TABLE keywords USING fts5(title, text, content='', tokenize='porter unicode61')"
)


@dataclass(frozen=True, slots=True)
class Postings:
    """The rows that have a word, ascending."""

    title: NDArray[np.int64]
    text: NDArray[np.int64]
    either: NDArray[np.int64]


def write_keywords(connection: sqlite3.Connection, documents: Iterable[Document]) -> Iterator[tuple[int, int]]:
    """Index the documents by their place, and give the number of words of each, in title and text."""
    connection.execute(_CREATE)
    for row, document in enumerate(documents):
        title = split(document.title)
        # The words of a schema count for its tables; those of a table count for its columns in the ranking.
        text = split(f"{document.context} {document.text}" if document.kind is Kind.TABLE else document.text)
        connection.execute(
            "INSERT INTO keywords(rowid, title, text) VALUES (?, ?, ?)", (row, " ".join(title), " ".join(text))
        )
        yield len(title), len(text)
    connection.execute("INSERT INTO keywords(keywords) VALUES ('optimize')")


class Keywords:
    """Posting lists by word.

    FTS5 stems, stores and finds; ranking is done by the caller, who knows which rows count. FTS5's own `bm25()`
    cannot be held to some of the rows: it would weigh words by rows that the caller must not know of, and takes
    30 ms for common words over 100,000 rows.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.postings = lru_cache(maxsize=4096)(self._postings)

    def _postings(self, word: str) -> Postings:
        import numpy as np

        title, text = self._rows("title", word), self._rows("text", word)
        return Postings(title=title, text=text, either=np.union1d(title, text))

    def _rows(self, field: str, word: str) -> NDArray[np.int64]:
        import numpy as np

        query = f'{field} : "{word}"'
        with self._lock:
            # One text instead of a tuple for each row: three times as fast for common words.
            found = self._connection.execute(
                "SELECT group_concat(rowid, ' ') FROM keywords WHERE keywords MATCH ?", (query,)
            ).fetchone()[0]
        rows = np.fromstring(found or "", dtype=np.int64, sep=" ")
        rows.sort()
        return rows
