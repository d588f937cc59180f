"""The words of a schema, and how well a word of a question fits them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from memory.folding import singular
from memory.words import split

if TYPE_CHECKING:
    from townlake.domain.table import TableInfo

INSIDE_NAME: Final = 0.9
"""How well a word fits that stands inside a longer one."""
_IN_NAME, _IN_COMMENT = 1.0, 0.7
_LONG_ENOUGH: Final = 5
"""Shorter words stand inside too many longer ones."""


class SchemaWords(NamedTuple):
    """The words of a schema's tables and columns."""

    names: frozenset[str]
    raw_names: tuple[str, ...]
    comments: frozenset[str]

    def fit(self, word: str) -> float:
        """How well a word of a question fits, from 0 to 1."""
        if word in self.names:
            return _IN_NAME
        if len(word) >= _LONG_ENOUGH and any(word in name for name in self.raw_names):
            return INSIDE_NAME
        return _IN_COMMENT if word in self.comments else 0.0


def read_words(tables: Iterable[TableInfo]) -> SchemaWords:
    """The words of some tables and of their columns."""
    names: set[str] = set()
    comments: set[str] = set()
    raw: list[str] = []
    for info in tables:
        for name in (info.ref.name, *(column.name for column in info.columns)):
            raw.append(name)
            names |= {singular(word) for word in split(name)}
        for comment in (info.comment, *(column.comment for column in info.columns)):
            comments |= {singular(word) for word in split(comment)}
    return SchemaWords(frozenset(names), tuple(raw), frozenset(comments))
