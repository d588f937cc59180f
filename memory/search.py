"""Find tables, metrics, verified queries, pages and terms by a question."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from memory.document import Kind
from memory.embedder import Embedder
from memory.evidence import Asked, Evidence, weigh
from memory.explain import explain
from memory.found import Found, FoundColumn, FoundNote, FoundTable
from memory.fusion import fuse
from memory.index import Index, View
from memory.keyword_ranking import KeywordScores, rank_keywords
from memory.published import pointed
from memory.sight import Sight
from memory.values import ValueMatch
from memory.vectors import cosines_of
from memory.words import content_words, without_codes
from townlake.domain.errors import HomeError

_MOST_WORDS: Final = 100
"""Of a question; what is longer was pasted."""
_NOTES: Final = 5
_NOTE_COSINE: Final = 0.35
"""Below, a note is about something else."""
_COLUMNS_SHOWN: Final = 40


class Memory:
    """The search index, always in its newest published version.

    Every search is told what its caller sees, and everything else is left out before anything is ranked: hidden
    rows are neither found, nor do they move what is found.
    """

    def __init__(self, directory: Path, embedder: Embedder, index: Index) -> None:
        self._directory = directory
        self._embedder = embedder
        self._index = index
        self._lock = threading.Lock()

    @classmethod
    def open(cls, directory: Path, embedder: Embedder) -> Memory:
        """Open the index below a directory.

        Raises:
            HomeError: there is none, it is damaged, or it was made with another embedding model.
        """
        return cls(directory, embedder, _matching(Index.open(directory), embedder))

    @property
    def version(self) -> str:
        """The state of catalog and knowledge that the index shows, as `build` was told."""
        return self._current().manifest.version

    def search(self, question: str, sight: Sight, *, limit: int = 20, values: Sequence[ValueMatch] = ()) -> Found:
        """What in the lake is this question about?

        Args:
            question: in plain words; names of tables and columns may stand in it.
            sight: what the caller may see. Pass the same object for the same caller.
            limit: at most this many tables.
            values: stored values that the question names, from `ValueIndex.lookup`: they raise their tables.

        Raises:
            HomeError: the index was damaged since it was opened.
        """
        index = self._current()
        view = index.view(sight)
        if not view.visible.rows.any():
            return Found()
        asked = Asked(
            text=question,
            words=content_words(question)[:_MOST_WORDS],
            vector=self._embedder.embed_one(without_codes(question)),
            values=tuple(match for match in values if sight.opens(match.column)),
        )
        keywords = rank_keywords(index.keywords, index.layout, view.visible, asked.words)
        evidence = weigh(index, view, asked, keywords)
        notes = _rank_notes(index, view, asked, keywords)
        order = [number for number in (-evidence.scores).argsort(kind="stable")[:limit] if evidence.scores[number] > 0]
        tables = tuple(_found(index, view, evidence, int(number), int(order[0])) for number in order)
        return Found(
            preferred=tables[0] if tables else None,
            alternatives=tables[1:],
            metrics=notes[Kind.METRIC],
            queries=notes[Kind.QUERY],
            pages=notes[Kind.PAGE],
            terms=notes[Kind.TERM],
            far=evidence.far and not notes[Kind.METRIC] and not notes[Kind.QUERY],
        )

    def close(self) -> None:
        """Let go of the files."""
        self._index.close()

    def _current(self) -> Index:
        """The index; a version published since is opened first.

        The one before is left to the garbage collector, since another thread may be in the middle of a search.
        """
        with self._lock:
            name = pointed(self._directory)
            if name is not None and name != self._index.name:
                self._index = _matching(Index.open(self._directory), self._embedder)
            return self._index


def _matching(index: Index, embedder: Embedder) -> Index:
    if index.manifest.embedder != embedder.digest:
        index.close()
        raise HomeError(
            "The search index was made with another embedding model.",
            hint="Run `skipper index`: it is built again from the catalog, nothing is lost.",
        )
    return index


def _rank_notes(index: Index, view: View, asked: Asked, keywords: KeywordScores) -> dict[Kind, tuple[FoundNote, ...]]:
    """The best notes of each kind; of a note with several documents the best one counts."""
    import numpy as np

    layout = index.layout
    found: dict[Kind, tuple[FoundNote, ...]] = dict.fromkeys(Kind, ())
    if not layout.notes:
        return found
    cosines = np.where(view.visible.rows[layout.width :], cosines_of(index.note_vectors, asked.vector), 0)
    scores = fuse([keywords.notes, cosines])
    for number in np.argsort(-scores, kind="stable"):
        note = layout.notes[number]
        if cosines[number] < _NOTE_COSINE and not keywords.notes[number] > 0:
            continue
        so_far = found[note.kind]
        if scores[number] > 0 and len(so_far) < _NOTES and all(note.name != other.name for other in so_far):
            found[note.kind] = (*so_far, FoundNote(kind=note.kind, name=note.name, score=float(scores[number])))
    return found


def _found(index: Index, view: View, evidence: Evidence, number: int, first: int) -> FoundTable:
    import numpy as np

    layout = index.layout
    start = int(layout.start[number])
    end = int(layout.start[number + 1]) if number + 1 < len(layout.tables) else layout.width
    rows = np.arange(start + 1, end)
    rows = rows[view.visible.rows[rows]]
    cosines = cosines_of(index.vectors.matrix[rows], evidence.asked.vector)
    fit = cosines + evidence.keywords.columns[rows] / evidence.strongest
    order = np.argsort(-fit, kind="stable")[:_COLUMNS_SHOWN]
    why = explain(layout, view.visible, evidence, number, first, rows)
    return FoundTable(
        table=layout.tables[number],
        score=float(evidence.scores[number]),
        why=why.text,
        joins_only=why.joins_only,
        columns=tuple(
            FoundColumn(column=index.column(row), score=score)
            for row, score in zip(rows[order].tolist(), np.maximum(fit[order], 0).tolist(), strict=True)
        ),
    )
