"""The vectors of documents: Chroma for those who see everything, exact search over the rest's own rows.

Chroma's filters scan (a list of 1,000 allowed ids costs 38 ms over 100,000 rows, one of 100 costs 67 ms), while its
unfiltered search takes 2 ms. Exact search over the rows of one caller takes 0.1 ms for 1,000 rows and 2 ms for 30,000.
See `docs/decisions/0004-vectors-filtered-before-ranking.md`.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MATRIX_FILE: Final = "vectors.npy"
CHROMA_DIRECTORY: Final = "chroma"
_COLLECTION: Final = "columns"
_BATCH: Final = 5000
_SEARCH_WIDTH: Final = 400


def write_vectors(directory: Path, vectors: NDArray[np.float32], columns: NDArray[np.int64]) -> None:
    """Write the matrix of all rows, and the rows of columns into Chroma under their row as id."""
    import numpy as np

    np.save(directory / MATRIX_FILE, vectors)
    client = _client(directory / CHROMA_DIRECTORY)
    try:
        collection = client.create_collection(
            _COLLECTION,
            embedding_function=None,
            configuration={
                "hnsw": {
                    "space": "ip",
                    "ef_search": _SEARCH_WIDTH,
                    # Written out with the last batch: a reader finds a finished graph and nothing to replay.
                    "sync_threshold": max(len(columns), 2),
                    "batch_size": max(min(_BATCH, len(columns)), 2),
                }
            },
        )
        for start in range(0, len(columns), _BATCH):
            rows = columns[start : start + _BATCH]
            collection.add(ids=[str(row) for row in rows], embeddings=vectors[rows])
    finally:
        client.close()


class Vectors:
    """Reads what `write_vectors` wrote."""

    def __init__(self, directory: Path) -> None:
        import numpy as np

        # As a plain array over the mapped file: `memmap` itself takes its time for every slice.
        self.matrix: NDArray[np.float32] = np.asarray(np.load(directory / MATRIX_FILE, mmap_mode="r"))
        self._directory = directory
        self._opened: Any = None
        self._lock = threading.Lock()

    def nearest(self, vector: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The nearest of all columns: their rows and cosines, the nearest first."""
        import numpy as np

        found = self._collection().query(query_embeddings=[vector], n_results=count, include=["distances"])
        rows = np.array([int(row) for row in found["ids"][0]], dtype=np.int64)
        return rows, 1 - np.asarray(found["distances"][0], dtype=np.float32)

    def _collection(self) -> Any:
        """Chroma is opened by the first who sees everything: it takes a second."""
        with self._lock:
            if self._opened is None:
                client = _client(self._directory / CHROMA_DIRECTORY)
                self._opened = (client, client.get_collection(_COLLECTION, embedding_function=None))
            return self._opened[1]

    def close(self) -> None:
        """Let go of Chroma's files."""
        with self._lock:
            if self._opened is not None:
                self._opened[0].close()
                self._opened = None


def cosines_of(matrix: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine of each row with a vector, all of length one.

    Row by row, since a product of matrix and vector starts as many threads as there are cores and waits for the
    slowest: on a busy machine 24 ms instead of 0.2.
    """
    import numpy as np

    cosines: NDArray[np.float32] = np.vecdot(matrix, vector)
    return cosines


def best(
    rows: NDArray[np.int64], cosines: NDArray[np.float32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The rows of the highest cosines and these, the highest first."""
    import numpy as np

    if count < len(rows):
        kept = np.argpartition(-cosines, count)[:count]
        rows, cosines = rows[kept], cosines[kept]
    order = np.argsort(-cosines, kind="stable")
    return rows[order], cosines[order]


def _client(path: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))
