"""How reviewing goes, told from the history alone: how long it takes, how often proposals are wrong, what is undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from statistics import median, quantiles
from typing import Final, NamedTuple

from townlake.domain.review import Classification, ReviewState
from townlake.domain.taxonomy import is_none
from townlake.domain.value import Value
from townlake.governance.leaf_reasons import without_leaf
from townlake.governance.review_records import DECIDED, UNDECIDED, WAITING, How, ReviewEvent

_HOUR: Final = 3600.0
_REMARKS: Final = ("beside it ", "a scan found ")
"""How evidence begins that tells of other findings and names no rule."""


class Outcome(NamedTuple):
    """A decision of a person, and what it answered."""

    event: ReviewEvent
    proposal: ReviewEvent | None
    """The newest proposal that nobody had decided on; None where nothing was proposed."""
    since: datetime | None
    """When the column began to wait; None where nothing tells."""
    reverses: bool
    """True when it changes an earlier decision of a person that still held."""

    @property
    def is_override(self) -> bool | None:
        """True when it differs from the proposal; None where nothing was proposed."""
        proposed = self.proposal.classification if self.proposal else None
        wanted = proposed_state(proposed)
        if proposed is None or wanted is None:
            return None
        return _label(self.event.classification) != _label(proposed) or self.event.after not in wanted


class Rate(Value):
    """How often what a label or a rule led to was decided otherwise."""

    name: str
    decided: int
    overridden: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.overridden / self.decided if self.decided else 0.0


class ReviewStats(Value):
    """The figures of all reviews."""

    decisions: int
    """Decisions on columns."""
    timed: int
    """Those of which it is known since when they waited."""
    median_hours: float | None
    p90_hours: float | None
    in_time: float | None
    """Share of them within the promised time."""
    proposals: int
    """Decisions on a proposal, by somebody who looked at it: not in bulk."""
    overridden: int
    by_label: tuple[Rate, ...]
    by_rule: tuple[Rate, ...]
    """A rule counts where the evidence named it."""
    opened: int
    in_bulk: int
    """Columns opened or masked in bulk: with their table, or with all that is clear."""
    reversed: int
    """Decisions that a person changed later."""


def outcomes(history: Iterable[ReviewEvent]) -> Iterator[Outcome]:
    """Each decision with what it answered. One that says again what holds, and answers nothing, is none.

    Args:
        history: events, oldest first, of one table or of many.
    """
    proposals: dict[tuple[str, int], ReviewEvent] = {}
    since: dict[tuple[str, int], datetime] = {}
    holds: dict[tuple[str, int], tuple[object, ...]] = {}
    for event in history:
        key = event.table_uuid, event.field_id
        if event.after in DECIDED and event.how not in UNDECIDED:
            before, holds[key] = holds.get(key), _outcome(event)
            answers = key in since or (key in proposals and event.how is not How.BULK)
            if event.before is event.after and before == holds[key] and not answers:
                continue
        if event.how is How.FIRST:
            since.setdefault(key, event.at)
        elif event.how is How.FOUND:
            proposals[key] = event
        elif event.after in DECIDED and event.how is How.BULK:
            # The proposal stays: whoever looks at the column later answers it.
            yield Outcome(event, proposals.get(key), since.pop(key, None), _reverses(event))
        elif event.after in DECIDED:
            yield Outcome(event, proposals.pop(key, None), since.pop(key, None), _reverses(event))
        elif event.after in WAITING:
            if event.after is ReviewState.PENDING:
                proposals.pop(key, None)
            else:
                proposals[key] = event
            since.setdefault(key, event.at)


def stats_of(history: Iterable[ReviewEvent], sla_hours: float) -> ReviewStats:
    """The figures of a history.

    Args:
        history: events, oldest first.
        sla_hours: within how many hours a decision is promised.
    """
    found = list(outcomes(history))
    hours = sorted((o.event.at - o.since).total_seconds() / _HOUR for o in found if o.since)
    judged = [o for o in found if o.is_override is not None and o.event.how is not How.BULK]
    opened = [o for o in found if o.event.after is not ReviewState.DENIED]
    return ReviewStats(
        decisions=len(found),
        timed=len(hours),
        median_hours=median(hours) if hours else None,
        p90_hours=_p90(hours),
        in_time=sum(one <= sla_hours for one in hours) / len(hours) if hours else None,
        proposals=len(judged),
        overridden=sum(bool(o.is_override) for o in judged),
        by_label=_rates(judged, lambda held: [held.label or "none"]),
        by_rule=_rates(judged, rules_of),
        opened=len(opened),
        in_bulk=sum(o.event.how is How.BULK for o in opened),
        reversed=sum(o.reverses for o in found),
    )


def proposed_state(held: Classification | None) -> frozenset[ReviewState] | None:
    """What a proposal asks for; None where it asks a person.

    >>> proposed_state(Classification(label="none.uuid", recommendation="review")) is None
    True
    """
    if held is None:
        return None
    if held.recommendation == "deny":
        return frozenset({ReviewState.DENIED, ReviewState.MASKED})
    if not is_none(held.label):
        return frozenset({ReviewState.MASKED})
    return frozenset({ReviewState.OPEN}) if held.recommendation == "open" else None


def rules_of(held: Classification) -> list[str]:
    """The rules that evidence names, without the shares that they found and the leaf that they speak of.

    >>> rules_of(Classification(evidence=("check digits hold: 98 % of distinct values", "the name says phone")))
    ['check digits hold', 'the name says phone']
    >>> rules_of(Classification(evidence=("in leaf 2 of 3: check digits hold: 98 %",)))
    ['check digits hold']
    """
    rules = (without_leaf(reason).partition(":")[0].strip() for reason in held.evidence)
    return list(dict.fromkeys(rule for rule in rules if not rule.startswith(_REMARKS)))


def _rates(judged: Iterable[Outcome], names: Callable[[Classification], list[str]]) -> tuple[Rate, ...]:
    decided: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for outcome in judged:
        held = outcome.proposal.classification if outcome.proposal else None
        for name in names(held) if held else []:
            decided[name] += 1
            wrong[name] += bool(outcome.is_override)
    rates = [Rate(name=name, decided=decided[name], overridden=wrong[name]) for name in decided]
    return tuple(sorted(rates, key=lambda rate: (-rate.overridden, -rate.share, rate.name)))


def _outcome(event: ReviewEvent) -> tuple[object, ...]:
    held = event.classification
    return event.after, event.mask, _label(held), held.subject if held else ""


def _reverses(event: ReviewEvent) -> bool:
    return event.before in DECIDED and event.before is not event.after


def _p90(hours: list[float]) -> float | None:
    if len(hours) < 2:
        return hours[0] if hours else None
    return quantiles(hours, n=10, method="inclusive")[-1]


def _label(held: Classification | None) -> str:
    return held.label if held else ""
