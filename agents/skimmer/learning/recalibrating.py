"""Calibration on people's decisions: how often what stage one scored so was personal in this lake.

It raises caution freely, and lowers it within a bound only, only on scores that several people decided on, and only as
long as what would be recommended for opening stays clean on decisions that it was not fitted to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from typing import Final, NamedTuple

from agents.skimmer.calibration import along, calibrated
from agents.skimmer.learning.examples import FOLDS, Example
from agents.skimmer.learning.isotonic import isotonic
from agents.skimmer.learning.neighbours import PEOPLE
from agents.skimmer.recommending import OPEN_BELOW
from townlake.domain.taxonomy import is_none
from townlake.domain.value import Value

ENOUGH: Final = 100
"""Decided columns that a calibration needs."""
OF_EACH: Final = 10
"""So many of them must be personal, and so many must not be."""
LOWERED_TO: Final = 0.5
"""A probability is lowered to half of what the rules alone say, and no further."""
MOST_PERSONAL: Final = 0.05
"""Share of personal columns among those that would be recommended for opening."""
_PRIOR: Final = 20.0
"""Columns that each part of the scale is taken to have had beside its own, as the rules alone expect them."""
_EDGES: Final = (0.0, 0.001, 0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 0.99, 1.0)
_BINS: Final = 10
_WAYS: Final = (
    (LOWERED_TO, "fitted"),
    (1.0, "only raised, since too much of what would be opened may be personal, and fitted"),
)

Probability = Callable[[float], float]


class Calibration(Value):
    """From a score of stage one to a probability."""

    rules: str
    """The version of the rules whose scores it is for."""
    points: tuple[tuple[float, float], ...]
    """(score, probability), ascending in both."""
    floor: float
    """Share of what the rules alone say that it never goes below; 1 for one that only raises."""

    def __call__(self, score: float) -> float:
        """The probability for a score."""
        usual = calibrated(score)
        return round(min(1.0, max(along(self.points, score), self.floor * usual)), 4)


class Quality(NamedTuple):
    """How well probabilities fit decisions."""

    brier: float
    """Mean square of what they are off; 0 is best."""
    ece: float
    """Expected calibration error: by how much shares differ from probabilities, in ten bins."""
    opened: int
    """Columns that would be recommended for opening as far as the probability goes."""
    opened_personal: int
    """Those of them that people hold to be personal."""


class Fitted(NamedTuple):
    """What came of a calibration."""

    calibration: Calibration | None
    """None where nothing changes."""
    why: str
    """What was done, or why nothing was."""
    before: Quality | None = None
    """Of the rules alone; None without any decision."""
    after: Quality | None = None
    """By cross-validation; None where nothing was fitted."""


def recalibrate(examples: Iterable[Example], rules: str, people: int = PEOPLE) -> Fitted:
    """Fit a calibration, or tell why not.

    Args:
        examples: decisions.
        rules: the version of the rules that scored their columns.
        people: so many must have decided on columns of about a score for its probability to be lowered, none of them
            on more than half.
    """
    told = [one for one in examples if one.personal is not None]
    personal = sum(bool(one.personal) for one in told)
    before = quality(told, [calibrated(one.by_rules.score) for one in told]) if told else None
    if before is None or len(told) < ENOUGH or min(personal, len(told) - personal) < OF_EACH:
        lacks = f"{len(told)} decided columns, {personal} of them personal; it takes {ENOUGH}, {OF_EACH} of each kind"
        return Fitted(None, f"unchanged: {lacks}", before)
    shared = _shared(told, people)
    for floor, how in _WAYS:
        crossed = _crossed(told, rules, floor, shared)
        after = quality(told, crossed)
        if after.brier < before.brier and (floor == 1.0 or _is_clean(told, crossed, shared)):
            return Fitted(_fit(told, rules, floor, shared), f"{how} to {len(told)} decided columns", before, after)
    return Fitted(None, "unchanged: fitted, it would be no better than the rules alone", before)


def quality(examples: Sequence[Example], probabilities: Sequence[float]) -> Quality:
    """How well probabilities fit decisions, of which there is one at least."""
    pairs = [(p, bool(one.personal)) for one, p in zip(examples, probabilities, strict=True)]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for p, personal in pairs:
        bins.setdefault(min(_BINS - 1, int(p * _BINS)), []).append((p, personal))
    off = sum(abs(sum(p for p, _ in part) - sum(personal for _, personal in part)) for part in bins.values())
    opened = [
        bool(one.personal)
        for one, p in zip(examples, probabilities, strict=True)
        if is_none(one.by_rules.label) and p < OPEN_BELOW
    ]
    return Quality(
        brier=round(sum((p - personal) ** 2 for p, personal in pairs) / len(pairs), 4),
        ece=round(off / len(pairs), 4),
        opened=len(opened),
        opened_personal=sum(opened),
    )


def _is_clean(examples: Sequence[Example], probabilities: Sequence[float], shared: Set[int]) -> bool:
    """Whether so little of what would be opened is personal, also when one column more were.

    Only scores that several people decided on count: else one of them could water down what another found.
    """
    counted = [pair for pair in zip(examples, probabilities, strict=True) if _part(pair[0].by_rules.score) in shared]
    if not counted:
        return False
    found = quality([one for one, _ in counted], [p for _, p in counted])
    return (found.opened_personal + 1) / (found.opened + 2) <= MOST_PERSONAL


def _shared(examples: Iterable[Example], people: int) -> frozenset[int]:
    """The parts of the scale that so many people decided on, and none of them on more than half."""
    reviewers: dict[int, Counter[str]] = {}
    for one in examples:
        reviewers.setdefault(_part(one.by_rules.score), Counter())[one.reviewer.casefold()] += 1
    return frozenset(
        part
        for part, counts in reviewers.items()
        if len(counts) >= people and (people < PEOPLE or 2 * max(counts.values()) <= counts.total())
    )


def _part(score: float) -> int:
    return min(len(_EDGES) - 2, bisect_right(_EDGES, score) - 1)


def _crossed(examples: Sequence[Example], rules: str, floor: float, shared: Set[int]) -> list[float]:
    """For each example the probability by a calibration that has seen none of its table."""
    of_fold = [_fit([one for one in examples if one.fold != fold], rules, floor, shared) for fold in range(FOLDS)]
    return [of_fold[one.fold](one.by_rules.score) for one in examples]


def _fit(examples: Sequence[Example], rules: str, floor: float, shared: Set[int]) -> Calibration:
    scores: list[list[float]] = [[] for _ in _EDGES[1:]]
    personal = [0] * len(scores)
    for one in examples:
        score = one.by_rules.score
        at = _part(score)
        scores[at].append(score)
        personal[at] += bool(one.personal)
    centres = [sum(part) / len(part) if part else (_EDGES[at] + _EDGES[at + 1]) / 2 for at, part in enumerate(scores)]
    shares = [
        (personal[at] + _PRIOR * calibrated(centre)) / (len(scores[at]) + _PRIOR) for at, centre in enumerate(centres)
    ]
    # What one person decided alone may raise a probability, and lowers none: neither here nor beside it.
    shares = [
        share if at in shared else max(share, calibrated(centre))
        for at, (share, centre) in enumerate(zip(shares, centres, strict=True))
    ]
    # What nobody decided on has hardly a voice where its neighbours turned out graver than it is taken to be.
    levels = isotonic(shares, [len(part) + _PRIOR if part else 1.0 for part in scores])
    inner = [(round(centre, 6), round(level, 4)) for centre, level in zip(centres, levels, strict=True)]
    return Calibration(rules=rules, points=((0.0, inner[0][1]), *inner, (1.0, inner[-1][1])), floor=floor)
