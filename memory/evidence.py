"""All that speaks for a table: words, vectors, values, its schema, its joins, its tier."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from memory.fusion import favour_one_schema, follow_joins, fuse
from memory.index import Index, View
from memory.keyword_ranking import KeywordScores
from memory.layout import Layout
from memory.preference import named_tables, prefer
from memory.values import ValueMatch
from memory.vectors import cosines_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEAREST_COLUMNS: Final = 400
_FAR_COSINE: Final = 0.35
"""Below, the meaning of a text has nothing to do with a table, unless they share a word."""


@dataclass(frozen=True)
class Asked:
    """A question, as far as it is understood here."""

    text: str
    words: tuple[str, ...]
    vector: NDArray[np.float32]
    values: tuple[ValueMatch, ...]
    """Values of columns that are open to the caller."""


@dataclass(frozen=True)
class Evidence:
    """What was found for each table, to rank it and to say why."""

    asked: Asked
    keywords: KeywordScores
    named: NDArray[np.bool_]
    """Tables that the question calls by their name."""
    scores: NDArray[np.float64]
    """The final scores; zero for tables that are not found."""
    lender: NDArray[np.int64]
    """For each table the better one that it can be joined with, or -1."""
    strongest: float
    """The best score of any column by its words, to compare with a cosine."""
    far: bool
    """True when nothing of the question points to any table."""


def weigh(index: Index, view: View, asked: Asked, keywords: KeywordScores) -> Evidence:
    """Score every table that the caller may find."""
    import numpy as np

    layout, visible = index.layout, view.visible
    rows, cosines = index.nearest_columns(view, asked.vector, _NEAREST_COLUMNS)
    by_column = np.zeros(len(layout.tables))
    np.maximum.at(by_column, layout.table_of[rows], cosines)
    by_table = np.where(visible.found, cosines_of(index.table_vectors, asked.vector), 0).astype(np.float64)
    rankings = [keywords.pooled, keywords.by_columns, by_table, by_column]
    if asked.values:
        rankings.append(_value_scores(layout, asked.values))
    scores = favour_one_schema(layout, fuse(rankings))
    scores, lender = follow_joins(visible, scores)
    named = named_tables(layout, visible, asked.text, keywords.titled)
    return Evidence(
        asked=asked,
        keywords=keywords,
        named=named,
        scores=prefer(layout, visible, scores, named),
        lender=lender,
        strongest=max(float(keywords.columns.max(initial=0)), 1e-9),
        far=not asked.values
        and not keywords.pooled.any()
        and max(float(by_table.max(initial=0)), float(by_column.max(initial=0))) < _FAR_COSINE,
    )


def _value_scores(layout: Layout, values: tuple[ValueMatch, ...]) -> NDArray[np.float64]:
    """Each table by the values that it holds; a value that many tables hold says little about any of them."""
    import numpy as np

    holders: dict[str, dict[int, float]] = defaultdict(dict)
    for match in values:
        number = layout.numbers.get(match.column.table)
        if number is not None:
            held = holders[match.words]
            held[number] = max(held.get(number, 0.0), match.score)
    scores = np.zeros(len(layout.tables))
    for held in holders.values():
        for number, score in held.items():
            scores[number] += score / len(held)
    return scores
