"""The planner's first try: an answer without a model, or what is missing for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from agents.ask.cover.assumptions import assumptions
from agents.ask.cover.compose.statement import compose
from agents.ask.cover.fill import fill
from agents.ask.cover.heap import Heap
from agents.ask.cover.lexicon import lexicon_of
from agents.ask.cover.lookup import ValueLookup, unit_columns, values_in
from agents.ask.cover.matchers import MATCHERS
from agents.ask.cover.near import misses
from agents.ask.cover.parse import Way, ways
from agents.ask.cover.pieces import Amount, Averaged, Carry, Counted, Filler, Measure, Piece, Scene
from agents.ask.cover.result import Cover, Gap
from agents.ask.cover.settle import settled
from agents.ask.cover.slots import Slots
from agents.ask.cover.told import told
from agents.ask.cover.unfit import Unfit
from agents.ask.cover.verified import verified
from agents.ask.cover.view import View
from agents.ask.cover.words import BREAK, cut
from memory.sight import Sight
from townlake.catalog.knowledge.model import Knowledge, Metric

_LONGEST_QUESTION: Final = 2_000
_MOST_WORDS: Final = 80
_JOINTS: Final = frozenset(
    [
        "by",
        "per",
        "each",
        "every",
        "across",
        "which",
        "list",
        "who",
        "vs",
        "versus",
        "than",
        "over",
        "under",
        "between",
        "since",
        "until",
        "or",
        "not",
    ]
)


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
    words = cut(question) if len(question) <= _LONGEST_QUESTION else ()
    if not words or len(words) > _MOST_WORDS:
        return Gap(
            reason="The question is empty." if not question.strip() else "The question is too long or holds no words."
        )
    view = View(lexicon_of(knowledge), sight)
    stored = values_in(words, values, sight, view.lexicon)
    units = unit_columns(values, sight, view.lexicon) if stored else frozenset()
    scene = Scene(words, view, as_of, stored, units)
    known = verified(scene, knowledge)
    if known is not None:
        return known
    pieces = tuple(piece for at in range(len(words)) for matcher in MATCHERS for piece in matcher(scene, at))
    found = ways(len(words), pieces)
    if found[0].left_over:
        return _left_over(found[0], scene, values)
    return _Planner(scene, values, context).best([way for way in found if not way.left_over])


def _left_over(way: Way, scene: Scene, values: ValueLookup) -> Gap:
    left = [scene.words[at] for at in way.left_over if scene.words[at].stem != BREAK]
    # `by` is left over only because the word behind it is.
    typed = tuple(word.text for word in left if word.lower not in _JOINTS) or tuple(word.text for word in left)
    metrics = _metrics(way, scene)
    if not typed:
        return Gap(reason="There are two questions in one.", metrics=metrics)
    quoted = ", ".join(f"`{word}`" for word in typed)
    stands = "stands" if len(typed) == 1 else "stand"
    return Gap(
        reason=f"{quoted} {stands} for nothing that is written down.",
        left_over=typed,
        near=misses(typed, scene.view, values, metrics),
        metrics=metrics,
    )


def _metrics(way: Way, scene: Scene) -> tuple[str, ...]:
    """Metrics that a reading names and that the caller may use."""
    named = [sorted(p.meant.metrics) for p in way.pieces if isinstance(p.meant, Measure)]
    return tuple(dict.fromkeys(name for names in named for name in names if scene.view.usable(name)))


@dataclass(frozen=True, slots=True)
class _Planner:
    scene: Scene
    values: ValueLookup
    context: Slots | None

    def best(self, found: Sequence[Way]) -> Cover | Gap:
        """The cheapest reading that holds; a gap when none does, or when two equally cheap ones differ."""
        if all(isinstance(piece.meant, (Filler, Carry, Counted, Amount, Averaged)) for piece in found[0].pieces):
            return Gap(reason="Nothing is asked.")
        held: list[tuple[Way, Slots]] = []
        fault: Unfit | None = None
        for way in found:
            if held and way.cost > held[0][0].cost + 1e-6:
                break
            try:
                slots = fill(way.pieces, self.scene, self.context)
            except Unfit as unfit:
                fault = unfit if fault is None or (unfit.left_over and not fault.left_over) else fault
                if unfit.final and not held:
                    return self._gap(unfit, way)
                continue
            if all(other != slots for _, other in held):
                held.append((way, slots))
        if not held:
            return self._gap(fault or Unfit("Nothing is asked."), found[0])
        # Readings that are told alike are one to a person.
        if len({told(way.pieces, self.scene, self._titles(), slots.metrics) for way, slots in held}) > 1:
            return self._unclear(held)
        try:
            return self._cover(*held[0])
        except Unfit as unfit:
            return self._gap(unfit, held[0][0])

    def _cover(self, way: Way, slots: Slots) -> Cover:
        lexicon = self.scene.view.lexicon
        chosen = tuple(lexicon.metrics[name] for name in slots.metrics)
        final = settled(slots, chosen, self.scene.as_of)
        statement = compose(final, dict(lexicon.metrics), self.scene.as_of)
        goes_on = self.context if self._goes_on(way.pieces) else None
        names = {*slots.dimensions, *(each.dimension for each in slots.filters)}
        reads = [lexicon.reads[metric] for metric in slots.metrics]
        reads += [lexicon.reads[metric, name] for metric in slots.metrics for name in names]
        units = {metric.unit for metric in chosen}
        return Cover(
            path="metric",
            name=", ".join(slots.metrics),
            title=" and ".join(metric.title for metric in chosen),
            sql=statement.sql,
            words=told(way.pieces, self.scene, lexicon.metrics, slots.metrics),
            assumptions=assumptions(final, goes_on, lexicon.metrics, statement.blocks, self.scene.as_of),
            tables=tuple(sorted({table for each in reads for table in each.tables}, key=str)),
            columns=tuple(sorted({column for each in reads for column in each.columns}, key=str)),
            unit=units.pop() if len(units) == 1 else "",
            slots=slots,
        )

    def _goes_on(self, pieces: tuple[Piece, ...]) -> bool:
        heap = Heap.of(pieces)
        return heap.goes_on or not heap.stands_alone

    def _gap(self, unfit: Unfit, way: Way) -> Gap:
        metrics = _metrics(way, self.scene)
        near = misses(unfit.left_over, self.scene.view, self.values, metrics)
        return Gap(
            reason=unfit.reason,
            left_over=unfit.left_over,
            near=near,
            readings=unfit.readings,
            blocked=unfit.blocked,
            metrics=metrics,
        )

    def _unclear(self, held: Sequence[tuple[Way, Slots]]) -> Gap:
        told_of = [told(way.pieces, self.scene, self._titles(), slots.metrics) for way, slots in held[:4]]
        shared = set.intersection(*map(set, told_of))
        readings = ["; ".join(f"{each.words}: {each.by}" for each in found if each not in shared) for found in told_of]
        reason = "The question can be read in more than one way."
        return Gap(reason=reason, readings=tuple(filter(None, readings)), metrics=_metrics(held[0][0], self.scene))

    def _titles(self) -> Mapping[str, Metric]:
        return self.scene.view.lexicon.metrics
