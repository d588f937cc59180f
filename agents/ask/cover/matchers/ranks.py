"""Orders and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.matchers.measures import measures_at
from agents.ask.cover.matchers.nouns import nouns_at
from agents.ask.cover.numbers import whole_at
from agents.ask.cover.pieces import Piece, Rank, RankBy, Scene
from agents.ask.cover.words import follow, past

_HIGH: Final = ("highest", "largest", "biggest", "greatest", "best", "most", "top", "max", "maximum", "leading")
_LOW: Final = ("lowest", "smallest", "fewest", "least", "worst", "bottom", "min", "minimum")
_BY: Final = (
    "by", "ranked by", "sorted by", "ordered by", "rank by", "sort by", "order by", "in terms of", "based on", "measured by",
    "according to", "by the", "by total", "by their", "in order of",
)  # fmt: skip
_DOWN: Final = ("in descending order", "descending order", "descending", "desc", "highest first", "largest first", "most first",
                "from highest to lowest", "from high to low", "from largest to smallest")  # fmt: skip
_UP: Final = ("in ascending order", "ascending order", "ascending", "asc", "lowest first", "smallest first", "least first",
              "from lowest to highest", "from low to high", "from smallest to largest")  # fmt: skip


def read_rank(scene: Scene, at: int) -> Iterator[Piece]:
    """`top 5 customers`, `the 3 largest`, `highest`, `first 10`, `by revenue`, `descending`."""
    yield from _superlatives(scene, at)
    for descending, phrases in ((True, _DOWN), (False, _UP)):
        end = follow(scene.words, at, *phrases)
        if end is not None:
            yield Piece(at, end, Rank(descending, None))
    by = follow(scene.words, at, *_BY)
    if by is not None:
        for end, measure in measures_at(scene, by):
            up = follow(scene.words, end, *_UP)
            end = up or past(scene.words, end, *_DOWN)
            # Dearer than a plain metric: `by accounts` is a dimension first.
            yield Piece(at, end, RankBy(measure.metrics, measure.said, up is None), cost=1.1)


def _superlatives(scene: Scene, at: int) -> Iterator[Piece]:
    words = scene.words
    start = past(words, at, "which are the", "what are the", "who are the", "the", "our")
    count = whole_at(words, start)
    after = past(words, count[1] if count else start, "very")
    asked = follow(words, at, "which", "what", "list", "list the")
    if asked is not None and (number := whole_at(words, asked)) and number[0]:
        for end, noun in nouns_at(scene, number[1]):
            yield Piece(at, end, Rank(None, number[0], noun=noun))
    word = words[after].lower if after < len(words) else ""
    direction = True if word in _HIGH else False if word in _LOW else None
    limit = count[0] if count else None
    end = after + 1
    if direction is None:
        first = follow(words, start, "first", "limit", "limit to", "only the first", "the first")
        counted = whole_at(words, first) if first else None
        if counted is None:
            return
        limit, end = counted
    elif limit is None and (counted := whole_at(words, end)):
        limit, end = counted
    if limit == 0:
        return
    superlative = word not in {"top", "bottom"}
    yield Piece(at, end, Rank(direction, limit, superlative))
    for further, noun in nouns_at(scene, end):
        yield Piece(at, further, Rank(direction, limit, superlative, noun))
