"""What a word that nothing covers could have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from agents.ask.cover.lookup import ValueLookup
from agents.ask.cover.stems import stem
from agents.ask.cover.view import View
from agents.ask.cover.words import phrases
from memory.words import STOP_WORDS


class Miss(NamedTuple):
    """A word that nothing covers, and what could be meant."""

    word: str
    near: tuple[str, ...] = ()


_MOST_WORDS: Final = 5
_MOST_NEAR: Final = 3
_SHORTEST: Final = 4
_DAY: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
_TIMES: Final = phrases(
    """
    month | quarter | yesterday | january | february | march | april | august | september | october | november |
    december
    """
)


def no_such_day(word: str) -> bool:
    """Whether a word is written like a day that no calendar has.

    >>> [no_such_day(word) for word in ("2026-02-30", "2026-02-28", "2026-13", "2026", "12-31")]
    [True, False, False, False, False]
    """
    if not _DAY.fullmatch(word):
        return False
    try:
        date(*map(int, word.split("-")))
    except ValueError:
        return True
    return False


def misses(words: Iterable[str], view: View, values: ValueLookup, metrics: Iterable[str] = ()) -> tuple[Miss, ...]:
    """For each word, up to three names or values that it resembles, only such as this caller may see.

    Values come from the dimensions of the metrics that were understood; with none, only names are offered.
    """
    names = _names(view)
    lexicon = view.lexicon
    chosen = set(metrics)
    columns = {column: None for key, column in lexicon.stored.items() if key[0] in chosen and view.usable(key)}
    found: list[Miss] = []
    for word in list(dict.fromkeys(words))[:_MOST_WORDS]:
        common = len(word) < _SHORTEST or word.lower() in STOP_WORDS
        stored = (value for column in (() if common else columns) for value in values.nearest(column, word, view.sight))
        near = (each for each in (*names, *stored) if _is_slip(word, each))
        found.append(Miss(word=word, near=tuple(dict.fromkeys(near))[:_MOST_NEAR]))
    return tuple(found)


def _is_slip(typed: str, meant: str) -> bool:
    """Whether one is the other with a slip of the keyboard.

    >>> [_is_slip("contry", meant) for meant in ("country", "contra", "century", "contry")]
    [True, True, False, False]
    """
    typed, meant = stem(typed), stem(meant)
    if min(len(typed), len(meant)) < _SHORTEST or abs(len(typed) - len(meant)) > 1 or typed in STOP_WORDS:
        return False
    if typed.startswith(meant):
        return False  # a word of its own: `median` is no `media`
    return _slips(typed, meant) == 1


def _slips(typed: str, meant: str) -> int:
    """Letters that are wrong, missing, too many, or swapped with the next."""
    before, row = [0] * (len(meant) + 1), list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        last, row = row, [i]
        for j, other in enumerate(meant, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and other == typed[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]


def _names(view: View) -> list[str]:
    """Words and phrases of what exists for the caller, without their endings."""
    found: dict[str, None] = {}
    for key, meaning in view.lexicon.phrases.items():
        if any(map(view.exists, meaning.metrics)) or any(map(view.exists, meaning.dimensions)):
            found |= dict.fromkeys(name for name in (" ".join(key), *key) if len(name) > _SHORTEST)
    return [*found, *_TIMES]
