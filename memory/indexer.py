"""Build the search index: a cache over catalog and knowledge, whose loss loses nothing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from memory.describe import describe_knowledge, describe_table, lexicon_of
from memory.document import Document, Kind
from memory.embedder import Embedder
from memory.joins import edges_of
from memory.keywords import write_keywords
from memory.layout import write_layout
from memory.published import lease, publishing
from memory.vectors import MATRIX_FILE, write_vectors
from townlake.catalog.knowledge.model import Knowledge
from townlake.domain.names import ColumnRef
from townlake.domain.table import TableInfo
from townlake.domain.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT: Final = 2
"""Raised when an index of an older release cannot be read any more."""
DOCUMENTS_FILE: Final = "documents.db"
MANIFEST_FILE: Final = "manifest.json"
_STEP: Final = 512


class Manifest(Value):
    """What an index was made from. Written last: an index without it is not whole."""

    format: int = FORMAT
    embedder: str
    """The digest of the embedding model."""
    version: str
    """The state of catalog and knowledge that it shows, in the words of the caller."""
    documents: int
    sizes: dict[str, int]
    """Bytes of the files that readers open first."""


class BuildReport(Value):
    """What was done."""

    documents: int
    embedded: int
    """Documents whose vectors were computed; the others had the same text before."""
    seconds: float


def build(
    directory: Path,
    *,
    embedder: Embedder,
    tables: Sequence[TableInfo],
    lineage: Iterable[tuple[ColumnRef, ColumnRef]] = (),
    knowledge: Knowledge | None = None,
    version: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> BuildReport:
    """Index everything anew and publish it; vectors of texts that did not change are taken over.

    Args:
        directory: the root of the index; readers go on with the version before until this one is whole.
        embedder: made by `Embedder.open`.
        tables: all tables, whatever anybody may see: a search is told what its caller sees.
        lineage: pairs of columns, source and target.
        knowledge: metrics, verified queries, pages, terms.
        version: what `manifest_of(directory).version` will say, to know later whether the index is behind.
        progress: called with the number of texts embedded so far, and of all.

    Raises:
        HomeError: the directory cannot be written.
    """
    began = time.monotonic()
    infos = sorted(tables, key=lambda info: str(info.ref))
    lexicon = lexicon_of(infos, embedder.vocabulary())
    documents = [document for info in infos for document in describe_table(info, lexicon)]
    documents += describe_knowledge(knowledge or Knowledge(), infos)
    digests = [hashlib.sha1(document.meaning.encode(), usedforsecurity=False).digest() for document in documents]
    vectors, embedded = _vectors(directory, embedder, documents, digests, progress)
    with publishing(directory) as made:
        with closing(sqlite3.connect(made / DOCUMENTS_FILE)) as connection, connection:
            # The directory is published whole or not at all, so the database needs no journal of its own.
            connection.execute("PRAGMA journal_mode=OFF")
            write_layout(connection, infos, documents, edges_of(infos, lineage), digests)
            counts = [(title, text, row) for row, (title, text) in enumerate(write_keywords(connection, documents))]
            connection.executemany("UPDATE document SET title_words = ?, text_words = ? WHERE row = ?", counts)
        write_vectors(made, vectors, _rows_of(documents, Kind.COLUMN))
        manifest = Manifest(
            embedder=embedder.digest,
            version=version,
            documents=len(documents),
            sizes={name: (made / name).stat().st_size for name in (DOCUMENTS_FILE, MATRIX_FILE)},
        )
        (made / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    return BuildReport(documents=len(documents), embedded=embedded, seconds=time.monotonic() - began)


def manifest_of(directory: Path) -> Manifest | None:
    """What the current index was made from; None when there is none that is whole and of this format."""
    held = lease(directory)
    if held is None:
        return None
    try:
        return read_manifest(held.path)
    finally:
        held.release()


def read_manifest(version: Path) -> Manifest | None:
    """The manifest of one version; None when the version is not whole."""
    try:
        text = (version / MANIFEST_FILE).read_text(encoding="utf-8")
        if json.loads(text).get("format") != FORMAT:
            return None
        manifest = Manifest.model_validate_json(text)
        whole = all((version / name).stat().st_size == size for name, size in manifest.sizes.items())
        return manifest if whole else None
    except (OSError, ValueError, AttributeError, ValidationError):
        return None


def _vectors(
    directory: Path,
    embedder: Embedder,
    documents: Sequence[Document],
    digests: Sequence[bytes],
    progress: Callable[[int, int], None] | None,
) -> tuple[NDArray[np.float32], int]:
    import numpy as np

    known = _vectors_before(directory, embedder.digest)
    missing = {digest: document.meaning for digest, document in zip(digests, documents, strict=True)}
    todo = [digest for digest in missing if digest not in known]
    # Texts of like length share a batch.
    todo.sort(key=lambda digest: len(missing[digest]))
    for start in range(0, len(todo), _STEP):
        step = todo[start : start + _STEP]
        known.update(zip(step, embedder.embed([missing[digest] for digest in step]), strict=True))
        if progress:
            progress(min(start + _STEP, len(todo)), len(todo))
    matrix = np.zeros((len(documents), embedder.dimensions), dtype=np.float32)
    for row, digest in enumerate(digests):
        matrix[row] = known[digest]
    return matrix, len(todo)


def _vectors_before(directory: Path, embedder: str) -> dict[bytes, NDArray[np.float32]]:
    """The vectors of the current index by the digest of their text; empty when the model is another one."""
    import numpy as np

    held = lease(directory)
    if held is None:
        return {}
    try:
        manifest = read_manifest(held.path)
        if manifest is None or manifest.embedder != embedder:
            return {}
        matrix = np.load(held.path / MATRIX_FILE)
        with closing(sqlite3.connect(f"file:{held.path / DOCUMENTS_FILE}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT digest, row FROM document").fetchall()
        return {digest: matrix[row] for digest, row in rows}
    except (OSError, ValueError, IndexError, sqlite3.Error):
        # A damaged index is a reason to build a new one, never a reason not to.
        return {}
    finally:
        held.release()


def _rows_of(documents: Sequence[Document], kind: Kind) -> NDArray[np.int64]:
    import numpy as np

    return np.array([row for row, document in enumerate(documents) if document.kind is kind], dtype=np.int64)
