"""Words with which a question goes on from the one before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.pieces import Carry, Piece, Scene
from agents.ask.cover.words import follow, phrases

_STARTS: Final = phrases(
    """
    and | and what about | what about | how about | and how about | now | and now | same | the same | same but |
    the same but | same thing | same thing but | same for | the same for | but | instead | then | ok and | only |
    now only | and only | and the same for | and for | do the same for | just | now just | same question |
    same question for | and then | but only | now show | now show me | same again | again |
    show it | show them | display it | make it | turn it | put it |
    and show it | now show it | now make it | can you show it
    """
)
_ADDS: Final = phrases(
    """
    also | and also | also show | also show me | additionally | as well | too | in addition
    """
)


def read_carry(scene: Scene, at: int) -> Iterator[Piece]:
    """`and`, `what about`, `same for` at the start; `also`, `as well` and `instead` anywhere."""
    if at == 0:
        end = follow(scene.words, 0, *_STARTS)
        if end is not None:
            yield Piece(0, end, Carry(), cost=0.1)
    if at == len(scene.words) - 1 and scene.words[at].lower == "instead":
        yield Piece(at, at + 1, Carry(), cost=0.1)
    adds = follow(scene.words, at, *_ADDS)
    if adds is not None:
        yield Piece(at, adds, Carry(adds=True), cost=0.1)
