"""Which words of a question name a stored value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from agents.ask.cover.lexicon import Lexicon
from agents.ask.cover.words import Word, keys
from memory.sight import Sight
from memory.values import ValueMatch
from townlake.domain.names import ColumnRef


class ValueLookup(Protocol):
    """The value index, as far as the planner needs it."""

    def lookup(self, text: str, sight: Sight) -> Sequence[ValueMatch]:
        """Stored values of open columns that parts of the text name."""
        ...

    def nearest(self, column: ColumnRef, text: str, sight: Sight) -> Sequence[str]:
        """Stored values of a column that are written most like the text."""
        ...


def values_in(
    words: tuple[Word, ...], values: ValueLookup, sight: Sight, lexicon: Lexicon
) -> dict[tuple[int, int], tuple[ValueMatch, ...]]:
    """For each run of words (from, to) the values that it names exactly, but for case, plural and punctuation.

    What the index finds by likeness alone is dropped: a value that was not said is a guess.
    """
    text = " ".join(word.text for word in words)
    found: dict[tuple[int, int], dict[tuple[ColumnRef, str], ValueMatch]] = {}
    places = _places(words)
    texts = [text, *(word.text for word in words if word.quoted)]
    for match in (match for part in texts for match in values.lookup(part, sight)):
        for place in places.get(_run(match.value), ()):
            found.setdefault(place, {})[(match.column, match.value)] = match
    for key, names in lexicon.other_names.items():
        for place in places.get("".join(key), ()):
            for match in (match for name in names for match in values.lookup(name, sight)):
                if _run(match.value) in {_run(name) for name in names}:
                    found.setdefault(place, {})[(match.column, match.value)] = match
    return {place: _as_said(words, place, matches.values()) for place, matches in found.items()}


def unit_columns(values: ValueLookup, sight: Sight, lexicon: Lexicon) -> frozenset[ColumnRef]:
    """The columns that store the unit of a metric, as a column of currencies does."""
    units = {metric.unit for metric in lexicon.metrics.values() if metric.unit}
    found = values.lookup(" ".join(sorted(units)), sight) if units else ()
    return frozenset(match.column for match in found if match.value in units)


def _run(text: str) -> str:
    """A text by its stems, run together: `E-mail` and `email` are one."""
    return "".join(keys(text))


def _places(words: tuple[Word, ...], longest: int = 6) -> dict[str, list[tuple[int, int]]]:
    """Where each run of stems stands. A quoted word stands for itself, whatever it holds."""
    places: dict[str, list[tuple[int, int]]] = {}
    for start in range(len(words)):
        stems = ""
        for end in range(start + 1, min(len(words), start + longest) + 1):
            word = words[end - 1]
            stems += _run(word.text) if word.quoted else word.stem
            places.setdefault(stems, []).append((start, end))
    return places


def _as_said(words: tuple[Word, ...], place: tuple[int, int], matches: Iterable[ValueMatch]) -> tuple[ValueMatch, ...]:
    """The matches; of those in one column, only the one that is written as typed, when there is such a one."""
    found = tuple(matches)
    said = " ".join(word.text for word in words[place[0] : place[1]])
    exact = {match.column for match in found if match.value == said}
    return tuple(match for match in found if match.column not in exact or match.value == said)
