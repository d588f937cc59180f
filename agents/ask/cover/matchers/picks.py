"""Values that rows are kept or left out by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agents.ask.cover.matchers.nouns import nouns_at
from agents.ask.cover.pieces import Choice, Noun, Pick, Piece, Scene
from agents.ask.cover.words import follow, past

_LEADS: Final = (
    "in", "for", "from", "of", "on", "with", "within", "at", "where", "whose", "only", "only for", "only in", "just", "only the",
    "based in", "located in", "coming from", "belonging to", "that are in", "that are", "which are", "who are", "filtered to",
    "limited to", "restricted to", "in the", "for the", "from the", "of the", "on the", "with the", "where the", "at the",
    "for all", "of all", "just for", "just in", "among", "that have", "having", "whose", "with a", "on a", "in a", "to",
    "through", "via", "by",
)  # fmt: skip
_NEGATIONS: Final = (
    "excluding", "excluding the", "exclude", "excl", "except", "except for", "except in", "without", "without the", "other than",
    "not in", "not in the", "not for", "not from", "not on", "not", "outside", "outside of", "outside the", "outside of the",
    "but not", "but not in", "and not", "ignoring", "leaving out", "apart from", "that are not in", "which are not in",
    "that are not", "not including", "without counting",
)  # fmt: skip
_IS: Final = (
    "is",
    "are",
    "=",
    "equals",
    "equal to",
    "is equal to",
    "called",
    "named",
    "of",
    "in",
    "is in",
    "are in",
    "was",
    "being",
)
_IS_NOT: Final = (
    "is not",
    "are not",
    "isn't",
    "not",
    "not in",
    "is not in",
    "!=",
    "<>",
    "≠",
    "other than",
    "not equal to",
)
_JOINTS: Final = (
    "and",
    "or",
    "plus",
    "as well as",
    "and in",
    "or in",
    "and the",
    "or the",
    "and for",
    "nor",
    "and from",
)
_VERSUS: Final = ("vs", "versus", "vs.", "compared to", "compared with", "against")
_LONGEST: Final = 6


def read_pick(scene: Scene, at: int) -> Iterator[Piece]:
    """`in EMEA and APAC`, `excluding Germany`, `where region is EMEA`, `the enterprise segment`."""
    starts = {(at, False), (past(scene.words, at, *_LEADS), False)}
    negated = follow(scene.words, at, *_NEGATIONS)
    if negated is not None:
        starts = {(negated, True)}
    for start, negation in sorted(starts):
        begin = past(scene.words, start, "the", "our", "all", "both", "either", "both the")
        yield from _with_noun_before(scene, at, begin, negation)
        for end, choices, noun, compared in _choices(scene, begin):
            if begin > at or noun is not None or not _may_be_a_verb(scene, at):
                yield Piece(at, end, Pick(choices, negation, noun, compared=compared))
    compare = follow(scene.words, at, "compare", "comparing")
    if compare is not None:
        for end, choices, noun, _ in _choices(scene, past(scene.words, compare, "the")):
            if len(choices) > 1:
                yield Piece(at, end, Pick(choices, noun=noun, compared=True))


def _may_be_a_verb(scene: Scene, at: int) -> bool:
    """True for `open` in `how many tickets did they open`."""
    before = [word.lower for word in scene.words[:at]]
    asked = bool({"do", "does", "did"} & set(before[:-1]))
    return asked and scene.words[at].text.islower() and not scene.words[at].quoted


def _with_noun_before(scene: Scene, at: int, begin: int, negated: bool) -> Iterator[Piece]:
    """`plan Pro`, `region is not EMEA`."""
    for after, noun in nouns_at(scene, begin):
        is_not = follow(scene.words, after, *_IS_NOT)
        start = is_not if is_not is not None else (follow(scene.words, after, *_IS) or after)
        for end, choices, _, compared in _choices(scene, past(scene.words, start, "the", "either", "both")):
            yield Piece(at, end, Pick(choices, negated != (is_not is not None), noun, leading=True, compared=compared))


def _choices(scene: Scene, at: int) -> Iterator[tuple[int, tuple[Choice, ...], Noun | None, bool]]:
    """Lists of values from here on, with the noun behind the last one, if there is one."""
    for end in range(min(len(scene.words), at + _LONGEST), at, -1):
        matches = scene.values.get((at, end))
        if not matches:
            continue
        choice = Choice(scene.said(at, end), matches)
        yield end, (choice,), None, False
        for after, noun in nouns_at(scene, end):
            yield after, (choice,), noun, False
        versus = follow(scene.words, end, *_VERSUS)
        joint = versus if versus is not None else (follow(scene.words, end, *_JOINTS) or end)
        for further, choices, noun_after, compared in _choices(scene, joint):
            yield further, (choice, *choices), noun_after, compared or versus is not None
