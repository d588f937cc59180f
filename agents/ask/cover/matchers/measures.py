"""Words for a metric."""

from __future__ import annotations

from collections.abc import Iterator

from agents.ask.cover.matchers.nouns import nouns_at
from agents.ask.cover.pieces import Choice, Counted, Measure, Pick, Piece, Scene
from agents.ask.cover.words import follow

_LONGEST_VALUE = 6
_COUNTED = ("how many", "number of", "count of", "total number of", "numbers of", "counts of", "total count of")


def measures_at(scene: Scene, at: int) -> Iterator[tuple[int, Measure]]:
    """Every metric that is named from this word on, the longest name first."""
    for end in range(min(len(scene.words), at + scene.view.lexicon.longest), at, -1):
        meaning = scene.view.meaning(scene.words[at:end])
        if meaning and meaning.metrics:
            yield end, Measure(meaning.metrics, scene.said(at, end))


def read_measure(scene: Scene, at: int) -> Iterator[Piece]:
    """`monthly recurring revenue`, `how many`."""
    for end, measure in measures_at(scene, at):
        yield Piece(at, end, measure)
    yield from _around_values(scene, at)
    counted = follow(scene.words, at, *_COUNTED)
    if counted is not None:
        yield Piece(at, counted, Counted(), cost=0.4)


def _around_values(scene: Scene, at: int) -> Iterator[Piece]:
    """`new EMEA customers`, `new high priority tickets`: the name of a metric with a value inside."""
    words, longest = scene.words, scene.view.lexicon.longest
    for start in range(at + 1, min(len(words), at + longest)):
        for after, pick in _values_at(scene, start):
            for end in range(after + 1, min(len(words), after + longest - (start - at)) + 1):
                meaning = scene.view.meaning((*words[at:start], *words[after:end]))
                if meaning is not None and meaning.metrics:
                    said = f"{scene.said(at, start)} {scene.said(after, end)}"
                    yield Piece(at, end, Measure(meaning.metrics, said, pick), cost=1.5)


def _values_at(scene: Scene, start: int) -> Iterator[tuple[int, Pick]]:
    for after in range(start + 1, min(len(scene.words), start + _LONGEST_VALUE + 1)):
        matches = scene.values.get((start, after))
        if matches:
            choice = Choice(scene.said(start, after), matches)
            yield after, Pick((choice,))
            for behind, noun in nouns_at(scene, after):
                yield behind, Pick((choice,), noun=noun)
