"""What could be asked instead of a question that is not answered: whole questions, in the caller's own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Final

from agents.ask.cover.calendar import Grain
from agents.ask.cover.near import Miss
from agents.ask.cover.pieces import Group, Measure, Pick, Piece, Scene
from agents.ask.cover.slots import Slots

_MOST: Final = 6
_CLOSING: Final = re.compile(r"[\s.?!;,]+$")


def said_instead(pairs: Iterable[tuple[str, str]], scene: Scene) -> Iterator[tuple[str, ...]]:
    """The question with other words for some that were said, in their place or at the end, once for each pair."""
    for said, other in pairs:
        places = [(a, b) for a in range(len(scene.words)) for b in range(a, len(scene.words) + 1)]
        place = next((place for place in places if scene.said(*place) == said), None)
        if place is not None:
            rest = _CLOSING.sub("", _replaced(scene, {place: ""}))
            yield _replaced(scene, {place: other}), f"{rest} for {other}"


def spelt_instead(misses: Sequence[Miss], scene: Scene) -> Iterator[str]:
    """The question with what each word that stands for nothing resembles."""
    places = {miss.word: at for at, word in enumerate(scene.words) for miss in misses if miss.word == word.text}
    for chosen in islice(product(*(_spellings(miss) for miss in misses)), _MOST):
        others = zip((places[miss.word] for miss in misses), chosen, strict=True)
        yield _replaced(scene, {(at, at + 1): other for at, other in others})


def _spellings(miss: Miss) -> list[str]:
    """The words that can be meant, as plurals where one was typed; the word itself where none resembles it."""
    many = miss.word.lower().endswith("s")
    return [f"{near}s" if many and not near.endswith(("s", "y")) else near for near in miss.near] or [miss.word]


def told_apart(readings: Sequence[tuple[tuple[Piece, ...], Slots]], scene: Scene) -> Iterator[str]:
    """For each reading the question in which the words that are read in several ways are told plainly."""
    shared = set.intersection(*(set(pieces) for pieces, _ in readings))
    for pieces, slots in readings:
        own = [piece for piece in pieces if piece not in shared]
        plainly = {(p.start, p.end): words for p in own if (words := _plainly(p, slots))}
        titles = {(p.start, p.end): title for p in own if (title := _title(p, slots, scene))}
        rest = _replaced(scene, dict.fromkeys(plainly, "") | titles)
        yield " ".join([_CLOSING.sub("", rest), *plainly.values()])


def _title(piece: Piece, slots: Slots, scene: Scene) -> str:
    named = piece.meant.metrics if isinstance(piece.meant, Measure) else frozenset()
    return next((scene.view.lexicon.metrics[name].title for name in slots.metrics if name in named), "")


def _plainly(piece: Piece, slots: Slots) -> str:
    match piece.meant:
        case Group(items):
            return f"by {' and '.join(str(item) if isinstance(item, Grain) else item.said for item in items)}"
        case Pick(choices, negated):
            said = [choice.said for choice in choices]
            known = {value: each for each in slots.filters for value in each.values}
            of = next((known[m.value].dimension for c in choices for m in c.matches if m.value in known), "")
            return f"{'excluding' if negated else 'for'} {of.replace('_', ' ')} {' and '.join(said)}"
        case _:
            return ""


def _replaced(scene: Scene, others: Mapping[tuple[int, int], str]) -> str:
    """The text of the question with other words in some places; the rest stays as it was typed."""
    text = scene.text
    for (start, end), other in sorted(others.items(), reverse=True):
        first, last = scene.words[start].begin, scene.words[end - 1].end
        text = f"{text[:first]}{other}{text[last:] if other else text[last:].lstrip()}"
    return text
