"""How well tables and columns fit the words of a question: BM25 over what the caller sees, and nothing else.

Frequencies and lengths are counted over the visible rows, so a hidden column changes no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from memory.keywords import Keywords
from memory.layout import Layout
from memory.visible import TITLE_WEIGHT, Visible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_K1: Final = 1.2
_B: Final = 0.75
_BEST_COLUMNS: Final = 3


@dataclass(frozen=True)
class KeywordScores:
    """Scores of all tables and rows for one question; zero for what is hidden or has none of its words."""

    pooled: NDArray[np.float64]
    """Each table with its columns as one text: rewards tables that cover many words."""
    by_columns: NDArray[np.float64]
    """The best three columns of each table, its name counted with each: rewards tables that answer some words well."""
    columns: NDArray[np.float64]
    """Each row of a table or column by its own words."""
    notes: NDArray[np.float64]
    """Each note."""
    titled: dict[str, NDArray[np.bool_]]
    """By word of the question: the tables that have it in their name."""


def rank_keywords(keywords: Keywords, layout: Layout, visible: Visible, words: Sequence[str]) -> KeywordScores:
    """Score everything visible against the words of a question."""
    import numpy as np

    count = len(layout.tables)
    pooled, named = np.zeros(count), np.zeros(count)
    own, notes = np.zeros(layout.width), np.zeros(len(layout.notes))
    found = int(visible.found.sum())
    length = visible.table_length / visible.mean_table_length
    titled: dict[str, NDArray[np.bool_]] = {}
    for word in words:
        postings = keywords.postings(word)
        title = postings.title[visible.rows[postings.title]]
        text = postings.text[visible.rows[postings.text]]
        columns = postings.either[visible.is_column[postings.either]]
        in_title, frequency = _by_table(layout, title, text, columns)
        titled[word] = in_title
        pooled += _weight(frequency, found) * _saturate(frequency, length)
        _score_columns(layout, visible, columns, in_title, own, named)
        _score_notes(layout, visible, title, text, notes)
    by_columns = named * np.minimum(visible.column_count, _BEST_COLUMNS) + _best_columns(layout, own)
    return KeywordScores(pooled=pooled, by_columns=by_columns, columns=own, notes=notes, titled=titled)


def _by_table(
    layout: Layout, title: NDArray[np.int64], text: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """The tables that are called by a word, and how often each table has it, with its columns."""
    import numpy as np

    count = len(layout.tables)
    in_title, in_text = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    in_title[layout.table_of[title[layout.is_table[title]]]] = True
    in_text[layout.table_of[text[layout.is_table[text]]]] = True
    frequency = np.bincount(layout.table_of[columns], minlength=count) + TITLE_WEIGHT * in_title + in_text
    return in_title, frequency.astype(np.float64)


def _score_columns(
    layout: Layout,
    visible: Visible,
    columns: NDArray[np.int64],
    in_title: NDArray[np.bool_],
    own: NDArray[np.float64],
    named: NDArray[np.float64],
) -> None:
    """A word in a table's name counts for each of its columns too, as if it stood in theirs."""
    import numpy as np

    having = int((~in_title[layout.table_of[columns]]).sum()) + int(visible.column_count[in_title].sum())
    weight = _inverse(having, len(visible.columns))
    length = visible.column_length[columns] / visible.mean_column_length
    own[columns] += weight * _saturate(np.ones(len(columns)), length)
    named[in_title] += weight


def _score_notes(
    layout: Layout,
    visible: Visible,
    title: NDArray[np.int64],
    text: NDArray[np.int64],
    notes: NDArray[np.float64],
) -> None:
    import numpy as np

    width = layout.width
    frequency = np.zeros(len(notes))
    frequency[title[title >= width] - width] += 2
    frequency[text[text >= width] - width] += 1
    notes += _weight(frequency, int(visible.rows[width:].sum())) * _saturate(frequency, 1.0)


def _best_columns(layout: Layout, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of the best three rows of each table. Rows that share a score are taken together, as many as count."""
    import numpy as np

    total = np.zeros(len(layout.tables))
    rows = np.flatnonzero(scores)
    if not len(rows):
        return total
    left, tables = scores[rows], layout.table_of[rows]
    # Rows of a table lie side by side.
    first = np.flatnonzero(np.diff(tables, prepend=-1))
    place = np.cumsum(np.diff(tables, prepend=-1) > 0) - 1
    taken = np.zeros(len(first))
    for _ in range(_BEST_COLUMNS):
        best = np.maximum.reduceat(left, first)
        at_best = (left == best[place]) & (left > 0)
        number = np.minimum(np.bincount(place[at_best], minlength=len(first)), _BEST_COLUMNS - taken)
        total[tables[first]] += best * number
        taken += number
        left[at_best] = 0
    return total


def _weight(frequency: NDArray[np.float64], of: int) -> float:
    return _inverse(int((frequency > 0).sum()), of)


def _inverse(having: int, of: int) -> float:
    """Rare words weigh more."""
    import math

    return math.log1p((of - having + 0.5) / (having + 0.5)) if having else 0.0


def _saturate(frequency: NDArray[np.float64], length: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return frequency * (_K1 + 1) / (frequency + _K1 * (1 - _B + _B * length))
