"""What a word that nothing covers could have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, NamedTuple

from agents.ask.cover.lookup import ValueLookup
from agents.ask.cover.stems import stem
from agents.ask.cover.view import View


class Miss(NamedTuple):
    """A word that nothing covers, and what could be meant."""

    word: str
    near: tuple[str, ...] = ()


_MOST_WORDS: Final = 5
_MOST_NEAR: Final = 3
_ALIKE: Final = 0.75


def misses(words: Iterable[str], view: View, values: ValueLookup, metrics: Iterable[str] = ()) -> tuple[Miss, ...]:
    """For each word, up to three names or values that it resembles, only such as this caller may see.

    Values come from the dimensions of the metrics that were understood; with none, only names are offered.
    """
    names = _names(view)
    lexicon = view.lexicon
    columns = {column: None for key, column in lexicon.stored.items() if key[0] in set(metrics) and view.usable(key)}
    found: list[Miss] = []
    for word in list(dict.fromkeys(words))[:_MOST_WORDS]:
        near = [names[close] for close in get_close_matches(stem(word), names, n=3, cutoff=_ALIKE)]
        stored = {
            stem(value): value for column in list(columns)[:8] for value in values.nearest(column, word, view.sight)
        }
        near += [stored[close] for close in get_close_matches(stem(word), stored, n=2, cutoff=_ALIKE)]
        found.append(Miss(word=word, near=tuple(dict.fromkeys(near))[:_MOST_NEAR]))
    return tuple(found)


def _names(view: View) -> dict[str, str]:
    """Words and phrases of what exists for the caller, by their stems, as people write them."""
    found: dict[str, str] = {}
    for key, meaning in view.lexicon.phrases.items():
        if any(map(view.exists, meaning.metrics)) or any(map(view.exists, meaning.dimensions)):
            found.setdefault(" ".join(key), " ".join(key))
            for part in key:
                found.setdefault(part, part)
    return found
