"""Words that ask nothing. The list is closed and short on purpose: what is not on it must be covered.

No negation, no comparison and no word for a list (`which`, `who`, `list`) may ever stand here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.pieces import Filler, Piece, Scene
from agents.ask.cover.words import follow, phrases

FILLERS: Final = phrases(
    """
    a | an | the | of | in | on | at | for | from | to | with | and | is | are | was | were | be | been | do |
    does | did | have | has | had | can | could | i | we | you | our | your | my | me | please | show | give |
    tell | display | get | see | want | need | what | what's | there | it's | that | both | only | just | hi |
    hello | hey | thanks | ok | okay | so | ones | total | i'd | how's
    """
)
_PHRASES: Final = phrases(
    """
    show me | show us | give me | give us | tell me | tell us | let me see | let us see | let me know |
    i want to know | i want to see | i would like to see | i would like to know | i'd like to see |
    i'd like to know | would like to see | how is | how are | how was | how were | how does | how did |
    how has | how have | thank you | in total | overall | altogether | the total | total amount of | amount of |
    the amount of | the value of | value of | what is | what are | what was | what is it | what was it | what were
    | do we have | did we have | are there | were there | can you | could you | calculate | compute | look up |
    find | find out | we made | did we make | do we make | did we get | do we get | comes from | come from |
    came from | comes in from | broken down | breakdown of | a breakdown of | figures for | figures | numbers for
    | report on | report of | a report of | overview of | an overview of | the level of | brings in | bring in |
    brought in | make | made | makes | generate | generates | generated | contribute | contributes | contributed |
    along with | together with | alongside | as well as
    """
)

_WHOLE: Final = frozenset({"total", "overall", "altogether"})


def read_filler(scene: Scene, at: int) -> Iterator[Piece]:
    """`show me`, `of our`, `what is the`."""
    word = scene.words[at]
    if word.quoted or word.shouted:
        return
    for cues in (FILLERS, _PHRASES):
        end = follow(scene.words, at, *cues)
        if end is not None and not _wants_a_total(scene, at, end):
            yield Piece(at, end, Filler(), cost=0.2)


def _wants_a_total(scene: Scene, at: int, end: int) -> bool:
    """True at the end of `by region and in total`, which asks for one more row."""
    before = {word.lower for word in scene.words[max(at - 2, 0) : at]}
    return end == len(scene.words) and scene.words[end - 1].lower in _WHOLE and bool(before & {"and", "plus"})
