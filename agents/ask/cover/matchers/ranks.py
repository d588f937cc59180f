"""Orders and limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from agents.ask.cover.matchers.measures import measures_at
from agents.ask.cover.matchers.nouns import nouns_at
from agents.ask.cover.numbers import whole_at
from agents.ask.cover.pieces import Piece, Rank, RankBy, Scene
from agents.ask.cover.words import Word, follow, past, phrases

_HIGH: Final = phrases("highest | largest | biggest | greatest | most | top | max | maximum | leading")
_LOW: Final = phrases("lowest | smallest | fewest | least | bottom | min | minimum")
_JUDGED: Final = phrases("best | worst")
_BY: Final = phrases(
    """
    by | ranked by | sorted by | ordered by | rank by | sort by | order by | in terms of | based on | measured by |
    according to | by the | by total | by their | in order of
    """
)
_NUMBER_OF: Final = phrases("number of | the number of | total | the total | total number of | count of")
_DOWN: Final = phrases(
    """
    in descending order | descending order | descending | desc | highest first | largest first | most first |
    from highest to lowest | from high to low | from largest to smallest
    """
)
_UP: Final = phrases(
    """
    in ascending order | ascending order | ascending | asc | lowest first | smallest first | least first |
    from lowest to highest | from low to high | from smallest to largest
    """
)


def read_rank(scene: Scene, at: int) -> Iterator[Piece]:
    """`top 5 customers`, `the 3 largest`, `highest`, `first 10`, `by revenue`, `descending`."""
    yield from _superlatives(scene, at)
    for descending, cues in ((True, _DOWN), (False, _UP)):
        end = follow(scene.words, at, *cues)
        if end is not None:
            yield Piece(at, end, Rank(descending, None))
    by = follow(scene.words, at, *_BY)
    if by is not None:
        for end, measure in measures_at(scene, past(scene.words, by, *_NUMBER_OF)):
            up, down = follow(scene.words, end, *_UP), follow(scene.words, end, *_DOWN)
            told = False if up else True if down else None
            # Dearer than a plain metric: `by accounts` is a dimension first.
            yield Piece(at, up or down or end, RankBy(measure.metrics, measure.said, told), cost=1.1)


def _superlatives(scene: Scene, at: int) -> Iterator[Piece]:
    words = scene.words
    asked = past(words, at, "which", "what", "list", "list the", "the", "our")
    number = whole_at(words, asked)
    if number is not None and number[0]:
        for end, noun in nouns_at(scene, number[1]):
            yield Piece(at, end, Rank(None, number[0], noun, bare=True))
    start = past(words, at, "which are the", "what are the", "who are the", "the", "our")
    for end, rank in _ranks_at(words, start):
        yield Piece(at, end, rank)
        for further, noun in nouns_at(scene, end):
            yield Piece(at, further, replace(rank, noun=noun))


def _ranks_at(words: tuple[Word, ...], start: int) -> Iterator[tuple[int, Rank]]:
    """`top 5`, `3 largest`, `highest`, `worst`, `first 10`, and the place after it."""
    count = whole_at(words, start)
    after = past(words, count[1] if count else start, "very")
    word = words[after].lower if after < len(words) else ""
    judged = words[after].text if word in _JUDGED else ""
    first = follow(words, start, "first", "limit", "limit to", "only the first", "the first")
    if word in _HIGH or word in _LOW or judged:
        behind = None if count else whole_at(words, after + 1)
        limit = (count or behind or (None,))[0]
        if limit != 0:
            direction = None if judged else word in _HIGH
            yield behind[1] if behind else after + 1, Rank(direction, limit, judged=judged)
    elif first is not None and (counted := whole_at(words, first)) and counted[0]:
        yield counted[1], Rank(None, counted[0])
