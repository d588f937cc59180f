"""One published version of the index, opened for reading."""

from __future__ import annotations

import sqlite3
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from memory.fusion import EDGE_WEIGHTS
from memory.indexer import DOCUMENTS_FILE, Manifest, read_manifest
from memory.keywords import Keywords
from memory.layout import Layout, read_layout
from memory.published import Lease, lease
from memory.remembered import BySight
from memory.sight import Sight
from memory.vectors import Vectors, best, cosines_of
from memory.visible import Visible, see
from townlake.domain.errors import HomeError
from townlake.domain.names import ColumnRef

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HINT: Final = "Run `skipper index`: it is built again from the catalog, nothing is lost."
_MATRIX_KEPT: Final = 40_000
"""Rows of one caller up to which a copy of their vectors is kept (60 MB); beyond, the whole matrix is read."""


@dataclass(frozen=True)
class View:
    """What one caller sees of an index, with their vectors side by side."""

    visible: Visible
    matrix: NDArray[np.float32] | None


class Index:
    """Layout, keywords and vectors of one version, and what recent callers see of them."""

    def __init__(self, held: Lease, manifest: Manifest) -> None:
        import numpy as np

        self.manifest = manifest
        self.name = held.path.name
        uri = f"file:{held.path / DOCUMENTS_FILE}?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self.vectors = Vectors(held.path)
        self.close = weakref.finalize(self, _close, self.vectors, connection, held)
        """Let go of the files; happens by itself when nobody uses the index any more."""
        self.layout: Layout = read_layout(connection)
        self.keywords = Keywords(connection)
        if len(self.vectors.matrix) != len(self.layout.names):
            raise ValueError("vectors and documents do not belong together")
        self.table_vectors: NDArray[np.float32] = np.array(self.vectors.matrix[self.layout.start])
        self.note_vectors: NDArray[np.float32] = np.array(self.vectors.matrix[self.layout.width :])
        self._columns: dict[int, ColumnRef] = {}
        self._views = BySight(self._view)

    @classmethod
    def open(cls, directory: Path) -> Index:
        """Open the current version.

        Raises:
            HomeError: there is none, it is from another release, or it is damaged.
        """
        held = lease(directory)
        if held is None:
            raise HomeError("There is no search index yet.", hint=_HINT)
        try:
            manifest = read_manifest(held.path)
            if manifest is None:
                raise HomeError("The search index is damaged or from another release.", hint=_HINT)
            return cls(held, manifest)
        except HomeError:
            held.release()
            raise
        except (OSError, ValueError, KeyError, TypeError, IndexError, sqlite3.Error) as error:
            held.release()
            raise HomeError("The search index is damaged.", hint=_HINT) from error

    def view(self, sight: Sight) -> View:
        """What this sight shows; remembered while the same object is asked for again."""
        return self._views.of(sight)

    def _view(self, sight: Sight) -> View:
        visible = see(self.layout, sight, EDGE_WEIGHTS)
        few = not visible.everything and len(visible.columns) <= _MATRIX_KEPT
        return View(visible, self.vectors.matrix[visible.columns] if few else None)

    def column(self, row: int) -> ColumnRef:
        """The column of a row; made once."""
        known = self._columns.get(row)
        if known is None:
            table = self.layout.tables[self.layout.table_of[row]]
            known = self._columns[row] = ColumnRef(table=table, column=self.layout.names[row])
        return known

    def nearest_columns(
        self, view: View, vector: NDArray[np.float32], count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The nearest columns of those that the caller sees: rows and cosines."""
        rows = view.visible.columns
        if view.visible.everything and len(rows):
            return self._all_nearest(vector, min(count, len(rows)))
        cosines = cosines_of(self.vectors.matrix if view.matrix is None else view.matrix, vector)
        if view.matrix is None:
            cosines = cosines[rows]
        return best(rows, cosines, count)

    def _all_nearest(self, vector: NDArray[np.float32], count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        try:
            return self.vectors.nearest(vector, count)
        except Exception as error:  # Chroma raises errors of many kinds, some of them made in Rust
            raise HomeError("The search index is damaged.", hint=_HINT) from error


def _close(vectors: Vectors, connection: sqlite3.Connection, held: Lease) -> None:
    vectors.close()
    connection.close()
    held.release()
