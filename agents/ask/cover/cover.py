"""The planner's first try: an answer without a model, or what is missing for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from agents.ask.cover.assumptions import assumptions, settled_words, unproven
from agents.ask.cover.compose.statement import compose
from agents.ask.cover.fill import fill
from agents.ask.cover.heap import Heap
from agents.ask.cover.instead import said_instead, spelt_instead, told_apart
from agents.ask.cover.lexicon import DimensionKey, lexicon_of
from agents.ask.cover.lookup import ValueLookup, unit_columns, values_in
from agents.ask.cover.matchers import MATCHERS
from agents.ask.cover.near import misses, no_such_day
from agents.ask.cover.parse import Way, ways
from agents.ask.cover.pieces import (
    Averaged,
    Bound,
    Change,
    Contrast,
    Counted,
    Filler,
    Group,
    Measure,
    Mention,
    Part,
    Pick,
    Piece,
    Scene,
    Versus,
)
from agents.ask.cover.result import Cover, Gap
from agents.ask.cover.settle import settled
from agents.ask.cover.slots import Slots
from agents.ask.cover.titles import titled
from agents.ask.cover.unfit import Unfit
from agents.ask.cover.unknown import not_understood, plainly, quoted
from agents.ask.cover.verified import verified
from agents.ask.cover.view import View
from agents.ask.cover.words import BREAK, cut, phrases, plain
from memory.sight import Sight
from townlake.catalog.knowledge.model import Knowledge, TimeKind

_LONGEST_QUESTION: Final = 2_000
_MOST_WORDS: Final = 80
_SAME_COST: Final = 1e-6
_JOINTS: Final = frozenset(
    phrases(
        "by | per | each | every | across | which | list | who | vs | versus | than | over | under | between | since"
    )
    + phrases("until | or | not")
)
_OPERATORS: Final = (Versus, Change, Contrast, Bound, Part, Counted, Averaged)
"""A word that may mean one of these is no mere filler, and no lead to a span, in a costlier reading either."""


def cover(
    question: str,
    *,
    knowledge: Knowledge,
    values: ValueLookup,
    sight: Sight,
    as_of: date,
    context: Slots | None = None,
) -> Cover | Gap:
    """SQL for a question of which every content word is covered by what people wrote down; else what is missing.

    Args:
        question: as it was typed.
        knowledge: metrics and verified queries.
        values: the index over stored values.
        sight: what the caller may see. Nothing else is used, and nothing else is named.
        as_of: the lake's today, from which `last quarter` is told.
        context: the slots of the answer before, for a question that goes on from it.

    Returns:
        A `Cover`, whose SQL nobody has checked yet, or a `Gap`. The same input gives the same output.
    """
    view = View(lexicon_of(knowledge), sight)

    def read(text: str) -> Cover | _Missing:
        return _read(text, view, knowledge, values, as_of, context)

    found = read(question)
    if isinstance(found, Cover):
        return found
    # Only what would be answered is offered.
    tried = [[text for text in way if text != question and isinstance(read(text), Cover)] for way in found.instead]
    readings = tuple(dict.fromkeys(way[0] for way in tried if way))
    return found.gap.model_copy(update={"reason": plainly(found.gap.reason), "readings": readings})


class _Missing(NamedTuple):
    gap: Gap
    instead: tuple[tuple[str, ...], ...] = ()
    """Questions that could be asked instead, each in several wordings; nobody has tried them."""


def _read(
    text: str, view: View, knowledge: Knowledge, values: ValueLookup, as_of: date, context: Slots | None
) -> Cover | _Missing:
    words = cut(text) if len(text) <= _LONGEST_QUESTION else ()
    if not words or len(words) > _MOST_WORDS:
        empty = not text.strip()
        return _Missing(Gap(reason="The question is empty." if empty else "The question is too long or no text."))
    stored = values_in(words, values, view.sight, view.lexicon)
    units = unit_columns(values, view.sight, view.lexicon) if stored else frozenset()
    scene = Scene(plain(text), words, view, as_of, stored, units)
    known = verified(scene, knowledge)
    if known is not None:
        return known if isinstance(known, Cover) else _Missing(known, tuple((each,) for each in known.readings))
    pieces = tuple(piece for at in range(len(words)) for matcher in MATCHERS for piece in matcher(scene, at))
    found = ways(len(words), pieces)
    if found[0].left_over:
        return _left_over(found[0], pieces, scene, values, knowledge)
    try:
        held = _plainest(_held([way for way in found if not way.left_over], scene, context), scene)
        if len(held) == 1:
            return _cover(*held[0], scene, context)
    except Unfit as unfit:
        gap = Gap(reason=unfit.reason, left_over=unfit.left_over, blocked=unfit.blocked)
        return _Missing(gap, tuple(said_instead(unfit.instead, scene)))
    gap = Gap(reason="The question can be read in more than one way.")
    told = told_apart([(way.pieces, slots) for way, slots in held[:4]], scene)
    return _Missing(gap, tuple((each,) for each in told))


def _left_over(way: Way, pieces: Sequence[Piece], scene: Scene, values: ValueLookup, knowledge: Knowledge) -> _Missing:
    left = [at for at in way.left_over if scene.words[at].stem != BREAK]
    # `by` is left over only because what is behind it is not what it could be followed by.
    typed = tuple(scene.words[at].text for at in left if scene.words[at].lower not in _JOINTS)
    said = typed or tuple(scene.said(at, min(at + 2, len(scene.words))) for at in left)
    typed = typed or tuple(scene.words[at].text for at in left)
    if not typed:
        return _Missing(Gap(reason="There are two questions in one."))
    known = {at for piece in pieces if not isinstance(piece.meant, Filler) for at in range(piece.start, piece.end)}
    measures = [piece.meant.metrics for piece in way.pieces if isinstance(piece.meant, Measure)]
    usable = set(filter(scene.view.usable, frozenset().union(*measures)))
    blocked = [scene.view.blocked(name) for names in measures if not names & usable for name in sorted(names)]
    near = misses(typed, scene.view, values, usable)
    reason = not_understood(scene, left, said, known, knowledge.queries)
    likely = [miss.near[0] for miss in near if miss.near]
    reason += f" Did you mean {quoted(likely)}?" if likely else ""
    reason += "".join(f" No calendar has {word}." for word in typed if no_such_day(word))
    gap = Gap(reason=reason, left_over=typed, blocked=tuple(blocked))
    return _Missing(gap, tuple((each,) for each in spelt_instead(near, scene)))


def _held(found: Sequence[Way], scene: Scene, context: Slots | None) -> list[tuple[Way, Slots]]:
    """The cheapest readings that hold, several when they are equally cheap and ask different things.

    Raises:
        Unfit: none does. A costlier one is tried only where a word has another meaning.
    """
    held: list[tuple[Way, Slots]] = []
    fault: Unfit | None = None
    operators: set[int] = set()
    for way in found:
        if held and way.cost > held[0][0].cost + _SAME_COST:
            break
        if any(piece.start <= at < piece.end for piece in way.pieces for at in operators if _is_weak(piece)):
            continue
        try:
            slots = fill(way.pieces, scene, context)
        except Unfit as unfit:
            fault = unfit if fault is None or (unfit.left_over and not fault.left_over) else fault
            operators |= {piece.start for piece in way.pieces if isinstance(piece.meant, _OPERATORS)}
            if not unfit.lexical and not held:
                raise
            continue
        if all(other.asked != slots.asked for _, other in held):
            held.append((way, slots))
    if not held:
        raise fault or Unfit("Nothing is asked.")
    return held


def _plainest(held: list[tuple[Way, Slots]], scene: Scene) -> list[tuple[Way, Slots]]:
    """`monthly revenue` is a series: only what is measured on a day could as well be that of monthly plans."""
    metrics = scene.view.lexicon.metrics
    flows = [
        (way, slots)
        for way, slots in held
        if slots.grain is not None
        and all((time := metrics[name].time) is not None and time.kind is TimeKind.FLOW for name in slots.metrics)
    ]
    return flows if len(flows) == 1 else held


def _is_weak(piece: Piece) -> bool:
    return not isinstance(piece.meant, (*_OPERATORS, Measure, Mention, Group, Pick))


def _cover(way: Way, slots: Slots, scene: Scene, context: Slots | None) -> Cover:
    lexicon, heap = scene.view.lexicon, Heap.of(way.pieces)
    chosen = tuple(lexicon.metrics[name] for name in slots.metrics)
    final = settled(slots, chosen, scene.as_of)
    statement = compose(final, dict(lexicon.metrics), scene.as_of)
    goes_on = context if heap.goes_on or not heap.stands_alone else None
    names = dict.fromkeys((*slots.dimensions, *(each.dimension for each in slots.filters)))
    used: list[str | DimensionKey] = [*slots.metrics, *((metric, name) for metric in slots.metrics for name in names)]
    reads = [lexicon.reads[key] for key in used]
    units = {metric.unit for metric in chosen}
    told = assumptions(final, goes_on, lexicon.metrics, statement.blocks, scene.as_of)
    repeats = (repeat for key in used for repeat in scene.view.repeats(key))
    return Cover(
        path="metric",
        name=", ".join(slots.metrics),
        title=titled(final, chosen),
        sql=statement.sql,
        assumptions=tuple(dict.fromkeys((*settled_words(heap, slots, lexicon.metrics), *told, *unproven(repeats)))),
        tables=tuple(sorted({table for each in reads for table in each.tables}, key=str)),
        unit=units.pop() if len(units) == 1 else "",
        slots=slots,
    )
