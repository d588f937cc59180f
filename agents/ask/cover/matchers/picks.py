"""Values that rows are kept or left out by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from agents.ask.cover.matchers.nouns import nouns_at
from agents.ask.cover.pieces import Choice, Noun, Pick, Piece, Scene
from agents.ask.cover.words import follow, past, phrases

_LEADS: Final = phrases(
    """
    in | for | from | of | on | with | within | at | where | whose | only | only for | only in | just | only the |
    based in | located in | coming from | belonging to | that are in | that are | which are | who are | filtered to
    | limited to | restricted to | in the | for the | from the | of the | on the | with the | where the | at the |
    for all | of all | just for | just in | among | that have | having | with a | on a | in a | to | through | via |
    about | regarding | concerning | related to
    """
)
_NEGATIONS: Final = phrases(
    """
    excluding | excluding the | exclude | excl | except | except for | except in | without | without the |
    other than | not in | not in the | not for | not from | not on | not | outside | outside of | outside the |
    outside of the | but not | but not in | and not | ignoring | leaving out | apart from | that are not in |
    which are not in | that are not | not including | without counting
    """
)
_IS: Final = phrases("is | are | = | equals | equal to | is equal to | called | named | is in | are in | was | being")
_IS_NOT: Final = phrases(
    """
    is not | are not | isn't | not | not in | is not in | != | <> | ≠ | other than | not equal to
    """
)
_JOINTS: Final = phrases(
    """
    and | or | plus | as well as | and in | or in | and the | or the | and for | nor | and from
    """
)
_VERSUS: Final = phrases("vs | versus | vs. | compared to | compared with | against")
_ARTICLES: Final = phrases("the | our | all | both | either | both the")
_LONGEST: Final = 6


class Values(NamedTuple):
    """A list of values."""

    end: int
    choices: tuple[Choice, ...]
    noun: Noun | None = None
    """The noun behind the last of them."""
    compared: bool = False
    either: bool = False

    def pick(self, *, negated: bool, before: Noun | None = None) -> Pick:
        """What the list asks; `before` is a noun in front of it."""
        noun, leading = (before, True) if before is not None else (self.noun, False)
        return Pick(self.choices, negated, noun, leading, self.compared, self.either)


def read_pick(scene: Scene, at: int) -> Iterator[Piece]:
    """`in EMEA and APAC`, `excluding Germany`, `where region is EMEA`, `the enterprise segment`."""
    starts = {(at, False), (past(scene.words, at, *_LEADS), False)}
    negation = follow(scene.words, at, *_NEGATIONS)
    if negation is not None:
        starts = {(negation, True)}
    for start, negated in sorted(starts):
        begin = past(scene.words, start, *_ARTICLES)
        for after, noun in nouns_at(scene, begin):
            is_not = follow(scene.words, after, *_IS_NOT)
            value_at = is_not if is_not is not None else past(scene.words, after, *_IS)
            for values in _values(scene, past(scene.words, value_at, *_ARTICLES)):
                yield Piece(at, values.end, values.pick(negated=negated != (is_not is not None), before=noun))
        for values in _values(scene, begin):
            if begin > at or values.noun is not None or not _may_be_a_verb(scene, at):
                yield Piece(at, values.end, values.pick(negated=negated))


def _may_be_a_verb(scene: Scene, at: int) -> bool:
    """True for `open` in `how many tickets did they open`."""
    before = [word.lower for word in scene.words[:at]]
    asked = bool({"do", "does", "did"} & set(before[:-1]))
    return asked and scene.words[at].text.islower() and not scene.words[at].quoted


def _values(scene: Scene, at: int) -> Iterator[Values]:
    """Lists of values from here on."""
    for end in range(min(len(scene.words), at + _LONGEST), at, -1):
        matches = scene.values.get((at, end))
        if not matches:
            continue
        choice = Choice(scene.said(at, end), matches)
        yield Values(end, (choice,))
        for after, noun in nouns_at(scene, end):
            yield Values(after, (choice,), noun)
        head = scene.view.lexicon.heads.get(scene.words[end].stem) if end < len(scene.words) else None
        own = frozenset(key for key in head or () if scene.view.lexicon.stored.get(key) in {m.column for m in matches})
        if own:
            yield Values(end + 1, (choice,), Noun(own, scene.words[end].text, plural=False))
        versus = follow(scene.words, end, *_VERSUS)
        joint = versus if versus is not None else past(scene.words, end, *_JOINTS)
        if joint == end and not (end < len(scene.words) and scene.words[end].listed):
            continue
        either = scene.words[end].lower == "or"
        for more in _values(scene, joint):
            compared = more.compared or versus is not None
            yield more._replace(choices=(choice, *more.choices), compared=compared, either=more.either or either)
