"""Questions that a person has already written the SQL for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from sqlglot import exp

from agents.ask.cover.calendar import Grain, shift
from agents.ask.cover.compose.literals import day, number, printed, text
from agents.ask.cover.matchers.periods import ends_at, read_period
from agents.ask.cover.numbers import amount_at
from agents.ask.cover.pieces import Scene, When
from agents.ask.cover.result import Blocked, Cover, Gap
from agents.ask.cover.words import Word, cut, phrases
from townlake.catalog.knowledge.expressions import parse_query
from townlake.catalog.knowledge.model import Knowledge, Parameter, TimeType, VerifiedQuery
from townlake.catalog.knowledge.query_file import SPAN
from townlake.domain.names import ColumnRef

AS_OF: Final = "as_of"
"""As the default of a date: the lake's today."""

# Words that a question and its phrase may differ in. Prepositions stay: `from A to B` is not `to A from B`.
_LOOSE: Final = frozenset(
    phrases(
        """
        a | an | the | of | our | all | me | us | i | we | you | please | show | give | tell | list | display | get |
        see | find | want | is | are | was | were | do | does | did | have | has | had | there | what | which | who |
        can | could | .
        """
    )
)
_LONGEST_VALUE: Final = 6
_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_INTEGERS: Final = frozenset({"bigint", "integer"})


@dataclass(frozen=True, slots=True)
class Filled:
    """A parameter with its value, as a literal, and how it is told."""

    literal: exp.Expr
    said: str
    shown: str


def verified(scene: Scene, knowledge: Knowledge) -> Cover | Gap | None:
    """The verified query that answers the question, its parameters filled.

    None when no phrase fits. A gap when a phrase fits and the caller may not read the tables, or when two queries fit.
    """
    words = _content(scene.words)
    fitting: dict[str, tuple[VerifiedQuery, dict[str, Filled]]] = {}
    for query in knowledge.queries:
        if not all(map(scene.view.sight.finds, query.tables)):
            continue
        filled = next(_fits(query, words, scene), None)
        if filled is not None:
            fitting[query.name] = (query, filled)
    if not fitting:
        return None
    if len(fitting) > 1:
        readings = tuple(_titled(query, filled) for query, filled in fitting.values())
        return Gap(reason="Several verified queries answer this.", readings=readings)
    query, filled = next(iter(fitting.values()))
    closed = tuple(table for table in query.tables if not scene.view.sight.reads(table))
    if closed:
        blocked = Blocked(name=query.question, tables=closed)
        return Gap(reason=blocked.message, blocked=(blocked,))
    return _cover(query, filled, scene)


def example_of(query: VerifiedQuery, as_of: date, value: Callable[[Parameter], str]) -> str:
    """The question of a verified query as somebody could ask it; empty where a hole of it cannot be filled.

    Args:
        query: whose question it is.
        as_of: the lake's today, before which the spans lie.
        value: a stored value for a parameter that takes one; empty where there is none.
    """
    parameters = {parameter.name: parameter for parameter in query.parameters}
    text = query.question
    for name in _HOLE.findall(query.question):
        said = "last month" if SPAN in name else _example(parameters[name], as_of, value)
        if not said:
            return ""
        text = text.replace(f"{{{name}}}", said)
    return text


def _example(parameter: Parameter, as_of: date, value: Callable[[Parameter], str]) -> str:
    kind, default = _kind(parameter), parameter.default
    if kind in {"date", "timestamp"}:
        if parameter.name == "month":
            return f"{shift('month', as_of.replace(day=1), -1):%B %Y}"
        return str(as_of) if default in {None, AS_OF} else str(default)
    return default if default is not None else value(parameter)


def _cover(query: VerifiedQuery, filled: Mapping[str, Filled], scene: Scene) -> Cover:
    tree = parse_query(query.sql)
    for hole in list(tree.find_all(exp.Placeholder)):
        hole.replace(filled[str(hole.this)].literal.copy())
    told = [f"{name} is {value.shown}." for name, value in filled.items()]
    return Cover(
        path="verified_query",
        name=query.name,
        title=_titled(query, filled),
        sql=printed(tree),
        assumptions=(*query.assumptions, *told, f"Checked by {query.owner} on {query.verified_on}."),
        tables=query.tables,
    )


def _titled(query: VerifiedQuery, filled: Mapping[str, Filled]) -> str:
    return _told(query.question, {name: value.shown for name, value in filled.items()})


def _told(question: str, shown: Mapping[str, str]) -> str:
    """The question with its holes filled.

    >>> _told("Who left {a..b} from {city}?", {"a": "2026-01-01", "b": "2026-03-31", "city": "Bern"})
    'Who left 2026-01-01 to 2026-03-31 from Bern?'
    """
    return _HOLE.sub(lambda hole: " to ".join(shown[name] for name in hole[1].split(SPAN)), question)


def _fits(query: VerifiedQuery, words: tuple[tuple[int, Word], ...], scene: Scene) -> Iterator[dict[str, Filled]]:
    parameters = {parameter.name: parameter for parameter in query.parameters}
    for phrase in (query.question, *query.paraphrases):
        for found in _match(_phrase(phrase), words, parameters, scene):
            missing = {name: _default(p, scene.as_of) for name, p in parameters.items() if name not in found}
            complete = {**found, **{name: value for name, value in missing.items() if value is not None}}
            if len(complete) == len(parameters):
                yield complete


def _match(
    phrase: tuple[str, ...],
    words: tuple[tuple[int, Word], ...],
    parameters: Mapping[str, Parameter],
    scene: Scene,
) -> Iterator[dict[str, Filled]]:
    """Each way in which the words follow the phrase, with its holes filled."""
    if not phrase:
        if not words:
            yield {}
        return
    part, rest = phrase[0], phrase[1:]
    if not part.startswith("{"):
        if words and words[0][1].stem == part:
            yield from _match(rest, words[1:], parameters, scene)
        return
    name = part.strip("{}")
    if SPAN in name:
        yield from _match_span(name, rest, words, parameters, scene)
        return
    for count in range(1, min(len(words), _LONGEST_VALUE) + 1):
        value = _value(parameters[name], words[0][0], words[count - 1][0] + 1, scene)
        if value is not None:
            for others in _match(rest, words[count:], parameters, scene):
                yield {name: value, **others}


def _match_span(
    names: str,
    rest: tuple[str, ...],
    words: tuple[tuple[int, Word], ...],
    parameters: Mapping[str, Parameter],
    scene: Scene,
) -> Iterator[dict[str, Filled]]:
    """`{first..last}`: a phrase of time fills two dates, both within the span."""
    first, _, last = names.partition(SPAN)
    for piece in read_period(scene, words[0][0]) if words else ():
        if not isinstance(piece.meant, When) or piece.meant.now:
            continue
        span = piece.meant.period.span
        count = sum(1 for at, _ in words if at < piece.end)
        if span.start is None or span.last is None:
            continue
        for others in _match(rest, words[count:], parameters, scene):
            ends = {first: span.start, last: span.last}
            filled = {n: _day(d, _kind(parameters[n]), scene.said(piece.start, piece.end)) for n, d in ends.items()}
            yield {**filled, **others}


def _kind(parameter: Parameter) -> str:
    return parameter.type.partition("(")[0].strip().lower()


def _value(parameter: Parameter, start: int, end: int, scene: Scene) -> Filled | None:
    """The words as a value of the parameter's type; None when they are none."""
    said = scene.said(start, end)
    kind = _kind(parameter)
    if kind in {"date", "timestamp"}:
        unit = parameter.name if parameter.name in set(Grain) else "day"
        days = [e.span.start for e in ends_at(scene, start) if e.after == end and e.unit == unit and not e.now]
        return _day(days[0], kind, said) if days and days[0] is not None else None
    if kind == "varchar":
        return _text(parameter, start, end, scene)
    if kind == "boolean":
        return _literal(kind, said, said) if said.casefold() in {"true", "false"} else None
    amount = amount_at(scene.words, start)
    if amount is None or amount.end != end or (kind in _INTEGERS and amount.value != amount.value.to_integral()):
        return None
    return Filled(number(amount.value), said, f"{amount.value:f}")


def _text(parameter: Parameter, start: int, end: int, scene: Scene) -> Filled | None:
    if parameter.dimension is None:
        # Free text only where quotes say where it ends.
        word = scene.words[start]
        return Filled(text(word.text), word.text, word.text) if end == start + 1 and word.quoted else None
    column = ColumnRef.parse(parameter.dimension)
    values = {match.value for match in scene.values.get((start, end), ()) if match.column == column}
    if len(values) != 1:
        return None
    value = values.pop()
    return Filled(text(value), scene.said(start, end), value)


def _default(parameter: Parameter, as_of: date) -> Filled | None:
    """The default as a literal; None when there is none, or it is no value of its type."""
    if parameter.default is None:
        return None
    kind = _kind(parameter)
    if kind in {"date", "timestamp"}:
        try:
            return _day(as_of if parameter.default == AS_OF else date.fromisoformat(parameter.default), kind, "")
        except ValueError:
            return None
    return _literal(kind, parameter.default, "")


def _literal(kind: str, value: str, said: str) -> Filled | None:
    if kind == "varchar":
        return Filled(text(value), said, value)
    if kind == "boolean":
        return Filled(exp.Boolean(this=value.casefold() == "true"), said, value.casefold())
    try:
        return Filled(number(Decimal(value)), said, value)
    except ArithmeticError:
        return None


def _day(value: date, kind: str, said: str) -> Filled:
    return Filled(day(value, TimeType.DATE if kind == "date" else TimeType.TIMESTAMP), said, str(value))


def _content(words: tuple[Word, ...]) -> tuple[tuple[int, Word], ...]:
    return tuple((at, word) for at, word in enumerate(words) if word.quoted or word.shouted or word.lower not in _LOOSE)


@lru_cache(maxsize=1024)
def _phrase(phrase: str) -> tuple[str, ...]:
    """A phrase as stems and holes, without the words that may differ.

    >>> _phrase("Which zones of {account} had no traffic?")
    ('zone', '{account}', 'no', 'traffic')
    """
    parts: list[str] = []
    for i, piece in enumerate(_HOLE.split(phrase)):
        parts += [f"{{{piece}}}"] if i % 2 else [word.stem for _, word in _content(cut(piece))]
    return tuple(parts)
