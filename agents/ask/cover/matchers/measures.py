"""Words for a metric."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agents.ask.cover.countable import measured_of
from agents.ask.cover.matchers.nouns import nouns_at
from agents.ask.cover.pieces import Amount, Averaged, Choice, Counted, Measure, Pick, Piece, Scene
from agents.ask.cover.stems import stem
from agents.ask.cover.words import Word, follow, keys, phrases

_LONGEST_VALUE = 6
_AUXILIARIES = phrases(
    """
    were | was | are | is | have been | has been | had been | being | got | that were | that was | that are |
    which were | which are | that have been | did we | do we | have we | had we | did our customers |
    do our customers | did customers | do customers | did they | do they | we | were there that were |
    are there that are | are currently | is currently | are still
    """
)
_COUNTED = ("how many", "number of", "count of", "total number of", "numbers of", "counts of", "total count of")


def measures_at(scene: Scene, at: int) -> Iterator[tuple[int, Measure]]:
    """Every metric that is named from this word on, the longest name first."""
    for end in range(min(len(scene.words), at + scene.view.lexicon.longest), at, -1):
        meaning = scene.view.meaning(scene.words[at:end])
        metrics = (
            frozenset(name for name in meaning.metrics if not _adds_a_value(scene, at, end, name)) if meaning else ()
        )
        if metrics:
            yield end, Measure(metrics, scene.said(at, end))


def _adds_a_value(scene: Scene, at: int, end: int, metric: str) -> bool:
    """Whether the words are a synonym and a stored value: `active zones` asks for the active ones of `zones`.

    The name of a metric stands for itself, whatever it is made of.
    """
    known = scene.view.lexicon.metrics[metric]
    if tuple(word.stem for word in scene.words[at:end]) in {keys(known.name), keys(known.title)}:
        return False
    for start, after in scene.values:
        if at <= start and after <= end and (start, after) != (at, end):
            meaning = scene.view.meaning((*scene.words[at:start], *scene.words[after:end]))
            columns = {match.column for match in scene.values[start, after]}
            stored = (column for key, column in scene.view.lexicon.stored.items() if key[0] == metric)
            if meaning is not None and metric in meaning.metrics and not columns.isdisjoint(stored):
                return True
    return False


def read_measure(scene: Scene, at: int) -> Iterator[Piece]:
    """`monthly recurring revenue`, `how many`, `how much`."""
    for end, measure in measures_at(scene, at):
        yield Piece(at, end, measure)
    yield from _of_rows(scene, at)
    yield from _around_values(scene, at)
    yield from _around_auxiliaries(scene, at)
    averaged = follow(scene.words, at, "average", "mean", "avg", "the average")
    if averaged is not None:
        yield Piece(at, averaged, Averaged(), cost=0.4)
    counted = follow(scene.words, at, *_COUNTED)
    if counted is not None:
        yield Piece(at, counted, Counted(), cost=0.4)
    amount = follow(scene.words, at, "how much")
    if amount is not None:
        yield Piece(at, amount, Amount(), cost=0.2)


def _of_rows(scene: Scene, at: int) -> Iterator[Piece]:
    """`satisfaction of tickets`, `ticket satisfaction`: what is measured, and the rows of which it is measured."""
    for end, first in measures_at(scene, at):
        behind = follow(scene.words, end, "of", "of the", "of our", "of all", "for", "for our")
        for after, second in measures_at(scene, end if behind is None else behind):
            metrics, rows = (second, first) if behind is None else (first, second)
            fitting = frozenset(name for name in metrics.metrics if _measured_of_any(scene, name, rows))
            if fitting:
                yield Piece(at, after, Measure(fitting, scene.said(at, after)), cost=1.5)


def _measured_of_any(scene: Scene, name: str, rows: Measure) -> bool:
    known = scene.view.lexicon.metrics
    return any(measured_of(known[name], known[each]) for each in rows.metrics - {name})


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


def _around_auxiliaries(scene: Scene, at: int) -> Iterator[Piece]:
    """`tickets were opened`, `requests did we serve`: what is written as `opened tickets` or `requests served`."""
    words, longest = scene.words, scene.view.lexicon.longest
    for middle in range(at + 1, min(len(words), at + longest)):
        after = follow(words, middle, *_AUXILIARIES)
        for end in range(after + 1, min(len(words), after + longest) + 1) if after is not None else ():
            noun, verb = words[at:middle], words[after or 0 : end]
            for told in ((*verb[:-1], form) for form in _participles(verb[-1])):
                meaning = scene.view.meaning((*noun, *told)) or scene.view.meaning((*told, *noun))
                if meaning is not None and meaning.metrics:
                    yield Piece(at, end, Measure(meaning.metrics, scene.said(at, end)), cost=1.5)
                    break


def _participles(verb: Word) -> Iterator[Word]:
    """A verb as it stands, and as its participle would be written: `serve`, `served`."""
    yield verb
    text = verb.lower
    forms = [f"{text}ed", f"{text}d", f"{text}{text[-1:]}ed"]
    forms += [f"{text[:-1]}ied"] if text.endswith("y") else []
    for form in forms:
        yield replace(verb, lower=form, stem=stem(form))
