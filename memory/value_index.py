"""Which stored value a word of a question names."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from heapq import nsmallest
from pathlib import Path
from typing import Final

from memory.folding import allowed_slips, fold, singular, slip_keys, slips, spans
from memory.published import pointed
from memory.sight import Sight
from memory.value_store import ValueStore, build_values, values_version
from memory.values import ValueMatch
from memory.words import STOP_WORDS
from townlake.domain.names import ColumnRef

__all__ = ["ValueIndex", "build_values", "values_version"]

_LONGEST_SPAN: Final = 6
_MOST_WORDS: Final = 400
_WRITTEN: Final = """
SELECT column_id, stored.value, folded, singular FROM stored
WHERE singular IN (SELECT value FROM json_each(?))
"""
_ALIKE: Final = """
SELECT DISTINCT column_id, stored.value, folded FROM slip JOIN stored ON stored.id = stored_id
WHERE key IN (SELECT value FROM json_each(?))
"""
_SLIP_SCORES: Final = (1.0, 0.7, 0.6)


class ValueIndex:
    """Stored values by how they are written, always in the newest published version.

    Every question is answered for one sight: only columns whose raw values are open to that caller can answer,
    whatever was open when the index was built.
    """

    def __init__(self, directory: Path, store: ValueStore) -> None:
        self._directory = directory
        self._store = store
        self._lock = threading.Lock()

    @classmethod
    def open(cls, directory: Path) -> ValueIndex:
        """Open the index below a directory.

        Raises:
            HomeError: there is none, or it is damaged.
        """
        return cls(directory, ValueStore.open(directory))

    def lookup(self, text: str, sight: Sight) -> tuple[ValueMatch, ...]:
        """The stored values that parts of a text name, the surest first.

        Case, accents, punctuation and plural do not matter, and longer words may have a slip or two, where nothing
        fits without. A common word (`in`, `us`) names a value only when it is written as the value is.
        """
        store = self._current()
        opened = store.opened(sight)
        folded = " ".join(fold(text).split()[:_MOST_WORDS])
        found = list(_written(store, opened, folded, text))
        named = {word for match in found for word in match.words.split()}
        found += _misspelled(store, opened, folded, named)
        return tuple(sorted(found, key=lambda match: (-match.score, -len(match.words), str(match.column), match.value)))

    def nearest(self, column: ColumnRef, text: str, sight: Sight, limit: int = 5) -> tuple[str, ...]:
        """The stored values of a column that are written most like a text; none when it is not open or not indexed."""
        wanted = fold(text)
        ranked = ((-_likeness(wanted, folded), value) for value, folded in self._values(column, sight, -1))
        return tuple(value for _, value in nsmallest(limit, ranked))

    def samples(self, column: ColumnRef, sight: Sight, limit: int = 10) -> tuple[str, ...]:
        """Some stored values of a column, in order; none when it is not open or not indexed."""
        return tuple(sorted(value for value, _ in self._values(column, sight, max(limit, 0))))

    def _values(self, column: ColumnRef, sight: Sight, limit: int) -> list[tuple[str, str]]:
        store = self._current()
        number = store.number(column, sight)
        query = "SELECT value, folded FROM stored WHERE column_id = ? ORDER BY id LIMIT ?"
        return [] if number is None else store.ask(query, (number, limit))

    def close(self) -> None:
        """Let go of the files."""
        self._store.close()

    def _current(self) -> ValueStore:
        """The newest version. The one before is left to the garbage collector: another thread may be reading it."""
        with self._lock:
            if pointed(self._directory) not in (None, self._store.name):
                self._store = ValueStore.open(self._directory)
            return self._store


def _written(store: ValueStore, opened: Mapping[int, ColumnRef], folded: str, text: str) -> Iterator[ValueMatch]:
    """Values that stand in the text, but for case, punctuation and plural."""
    by_key: dict[str, str] = {}
    for span in spans(folded, _LONGEST_SPAN):
        by_key.setdefault(singular(" ".join(span)), " ".join(span))
    for number, value, written, key in store.ask(_WRITTEN, (json.dumps(list(by_key)),)):
        column, words = opened.get(number), by_key[key]
        if column is None:
            continue
        as_it_is = value in text
        if as_it_is or (words not in STOP_WORDS and len(words) > 1):
            score = 1.0 if as_it_is else 0.95 if words == written else 0.85
            yield ValueMatch(column=column, value=value, score=score, words=words)


def _misspelled(
    store: ValueStore, opened: Mapping[int, ColumnRef], folded: str, named: set[str]
) -> Iterator[ValueMatch]:
    """Values that words of the text come close to, where the words name nothing as they stand."""
    for span in spans(folded, 3):
        words = " ".join(span)
        most = allowed_slips(words)
        if not most or named & set(span) or (len(span) == 1 and words in STOP_WORDS):
            continue
        for number, value, written in store.ask(_ALIKE, (json.dumps(list(slip_keys(words))),)):
            column = opened.get(number)
            count = slips(words, written, most) if column is not None else 0
            if column is not None and count:
                yield ValueMatch(column=column, value=value, score=_SLIP_SCORES[count], words=words)


def _likeness(left: str, right: str) -> float:
    """From 0 to 1: the share of letter pairs that two folded texts have in common; one within the other counts more."""
    pairs, others = _pairs(left), _pairs(right)
    shared = 2 * len(pairs & others) / max(len(pairs) + len(others), 1)
    return shared + (0.5 if left and (left in right or right in left) else 0)


def _pairs(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[at : at + 2] for at in range(len(padded) - 1)}
