"""What of a question was not understood, told to a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from agents.ask.cover.calendar import Grain
from agents.ask.cover.numbers import amount_at
from agents.ask.cover.pieces import Scene
from agents.ask.cover.words import BREAK, keys, phrases
from memory.words import STOP_WORDS
from townlake.catalog.knowledge.model import VerifiedQuery

_MOST: Final = 4
_MARKED: Final = re.compile(r"`([^`]*)`")
_IDENTIFIER: Final = re.compile(r"\w+(?:\.\w+)+")
_HOLE: Final = re.compile(r"\{[^{}]*\}")
_LIGHT: Final = frozenset(
    phrases(
        """
        doing | done | going | go | goes | look | looks | thing | things | kind | like | happen | happened | happens |
        question | answer | explain | say | use | know | let | got | get | show | give | tell | find | list | display |
        please | hi | hello | hey | thanks | ok | okay | want | need | see | new | been | since | until | versus | vs |
        till | before | after | again | now | compare | compared | comparing | made | make | come | came | just
        """
    )
)
"""Words that name nothing by themselves, beside those that only ask."""


def not_understood(
    scene: Scene, left: Sequence[int], said: Sequence[str], known: Collection[int], queries: Iterable[VerifiedQuery]
) -> str:
    """One sentence on the words that are left over.

    A word that only asks, or that stands for something elsewhere, is not said to be unknown.

    Args:
        scene: the question.
        left: the places of the words that are left over.
        said: the same words, with what is behind them where they mean nothing alone.
        known: the places of all words that can stand for something.
        queries: the verified queries, whose words are known to those who may find their tables.
    """
    finds = scene.view.sight.finds
    asked = {each for query in queries if all(map(finds, query.tables)) for each in _stems(query)}
    means = [at for at in left if at not in _of_tables(scene) and _carries(scene, at)]
    unknown = [scene.words[at].text for at in means if at not in known and not _is_known(scene, at, asked)]
    if unknown:
        return f"{_told(unknown)} {'is' if len(set(unknown)) == 1 else 'are'} not understood."
    if means:
        return _unclear([scene.words[at].text for at in means])
    joined = [each for each in said if set(keys(each)) - STOP_WORDS - _LIGHT and " " in each]
    return _unclear(joined) if joined else "It is not clear what is asked."


def _unclear(words: Sequence[str]) -> str:
    return f"It is not clear what {_told(words)} {'asks' if len(set(words)) == 1 else 'ask'} for here."


def quoted(words: Iterable[str]) -> str:
    """Words as they are quoted to a person."""
    return ", ".join(f'"{word}"' for word in words)


def plainly(text: str) -> str:
    """A sentence with what it quotes in plain quotation marks.

    >>> plainly("`open` is not a value of `region`.")
    '"open" is not a value of "region".'
    """
    return _MARKED.sub(r'"\1"', text)


def _told(words: Iterable[str]) -> str:
    each = list(dict.fromkeys(words))
    shown = [f'"{word}"' for word in each[:_MOST]]
    if len(each) > _MOST:
        shown.append("other words")
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _carries(scene: Scene, at: int) -> bool:
    """Whether a word names something, rather than only asking for it."""
    word = scene.words[at]
    if word.quoted or word.shouted:
        return True
    return word.stem != BREAK and len(word.lower) > 1 and not {word.lower, word.stem} & (STOP_WORDS | _LIGHT)


def _stems(query: VerifiedQuery) -> Iterable[str]:
    return (each for text in (query.question, *query.paraphrases) for each in keys(_HOLE.sub(" ", text)))


def _is_known(scene: Scene, at: int, asked: Collection[str]) -> bool:
    """Whether a word stands for something elsewhere: in a name, in the calendar, as a number, as a stored value."""
    word, view = scene.words[at], scene.view
    if word.stem in set(Grain) or word.stem in asked or amount_at(scene.words, at) is not None:
        return True
    if any(start <= at < end for start, end in scene.values):
        return True
    return any(
        word.stem in phrase and (any(map(view.exists, meaning.metrics)) or any(map(view.exists, meaning.dimensions)))
        for phrase, meaning in view.lexicon.phrases.items()
    )


def _of_tables(scene: Scene) -> set[int]:
    """The places of words within the name of a table that the caller may find: `crm.support_tickets`."""
    names = {name for table in scene.view.sight.tables for name in (str(table).lower(), table.short.lower())}
    spans = [found.span() for found in _IDENTIFIER.finditer(scene.text) if found.group().lower() in names]
    return {at for at, word in enumerate(scene.words) if any(start <= word.begin < end for start, end in spans)}
