"""How right findings on labelled columns are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.skimmer.columns import Recommendation
from eval.columns_set import Judged
from townlake.domain.taxonomy import NONE, is_none


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares between 0 and 1; None where nothing was to be counted."""

    columns: int
    precision: float | None
    recall: float | None
    f1: float | None
    direct_recall: float | None
    """Of direct identifiers."""
    hard_false: float | None
    """False alarms on columns that only look personal."""
    missed_of_clean: float | None
    """Personal columns among those called clean."""
    missed_of_opened: float | None
    """Personal columns among those recommended for opening."""
    opened: float | None
    """Share of the columns that is recommended for opening."""
    macro_f1: float | None
    """Over labels."""


def figures(judged: Sequence[Judged]) -> Figures:
    """The figures of some columns; contested ones count for labels only."""
    clear = [one for one in judged if one.column.is_pii is not None]
    hits = sum(bool(one.column.is_pii) and one.finding.is_personal for one in clear)
    alarms = sum(one.finding.is_personal for one in clear)
    personal = sum(bool(one.column.is_pii) for one in clear)
    opened = [one for one in clear if one.finding.recommendation is Recommendation.OPEN]
    hard = [one for one in clear if "hard_negative" in one.column.tags]
    precision, recall = _ratio(hits, alarms), _ratio(hits, personal)
    return Figures(
        columns=len(clear),
        precision=precision,
        recall=recall,
        f1=_f1(hits, alarms, personal) if alarms or personal else None,
        direct_recall=_share(one.finding.is_personal for one in judged if one.column.is_direct),
        hard_false=_share(one.finding.is_personal for one in hard if not one.column.is_pii),
        missed_of_clean=_ratio(personal - hits, len(clear) - alarms),
        missed_of_opened=_share(bool(one.column.is_pii) for one in opened),
        opened=_ratio(len(opened), len(clear)),
        macro_f1=macro_f1(judged),
    )


def macro_f1(judged: Sequence[Judged]) -> float | None:
    """The mean F1 of all labels that occur, `none` left out."""
    each = label_f1(judged)
    return sum(f1 for f1, _ in each.values()) / len(each) if each else None


def label_f1(judged: Sequence[Judged]) -> dict[str, tuple[float, int]]:
    """(F1, number of columns) of each label that occurs."""
    hits: Counter[str] = Counter()
    said: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for one in judged:
        found = NONE if is_none(one.finding.label) else one.finding.label
        said[found] += 1
        true[one.column.label] += 1
        hits[found] += found == one.column.label
    return {label: (_f1(hits[label], said[label], true[label]), true[label]) for label in sorted(true) if label != NONE}


def _f1(hits: int, said: int, true: int) -> float:
    return 2 * hits / (said + true) if said + true else 0.0


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _share(passed: Iterable[bool]) -> float | None:
    found = list(passed)
    return sum(found) / len(found) if found else None
