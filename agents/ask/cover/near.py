"""What a word that nothing covers could have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from agents.ask.cover.lookup import ValueLookup
from agents.ask.cover.result import Miss
from agents.ask.cover.stems import stem
from agents.ask.cover.view import View

_MOST_WORDS = 5
_MOST_NEAR = 4


def misses(words: Iterable[str], view: View, values: ValueLookup, metrics: Iterable[str] = ()) -> tuple[Miss, ...]:
    """For each word, up to four names or values that it resembles, only such as this caller may see.

    Values come from the dimensions of the metrics that were understood; with none, only names are offered.
    """
    names = _names(view)
    lexicon = view.lexicon
    columns = {column: None for key, column in lexicon.stored.items() if key[0] in set(metrics) and view.usable(key)}
    found: list[Miss] = []
    for word in list(dict.fromkeys(words))[:_MOST_WORDS]:
        near = [title for close in get_close_matches(stem(word), names, n=3, cutoff=0.75) for title in names[close]]
        for column in list(columns)[:8]:
            near += list(values.nearest(column, word, view.sight))[:2]
        found.append(Miss(word=word, near=tuple(dict.fromkeys(near))[:_MOST_NEAR]))
    return tuple(found)


def _names(view: View) -> dict[str, list[str]]:
    """Titles by each of the stems that lead to them."""
    found: dict[str, list[str]] = {}
    for key, meaning in view.lexicon.phrases.items():
        titles = [view.lexicon.metrics[name].title for name in sorted(meaning.metrics) if view.exists(name)]
        titles += sorted(
            {name for metric, name in meaning.dimensions if view.exists(metric) and view.exists((metric, name))}
        )
        for part in {*key, " ".join(key)} if titles else ():
            found.setdefault(part, []).extend(title for title in titles if title not in found.get(part, []))
    return found
