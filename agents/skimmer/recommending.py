"""What to do with a column: opened only for two reasons that do not depend on each other."""

from __future__ import annotations

from typing import Final

from agents.skimmer.columns import Recommendation
from agents.skimmer.sketch import Sketch
from agents.skimmer.weighing import Weighed
from townlake.domain.taxonomy import is_none, label_of

OPEN_BELOW: Final = 0.05
MASK_FROM: Final = 0.5


def recommend(label: str, is_pii: bool, p: float, weighed: Weighed, values: Sketch) -> Recommendation:
    """The recommendation for one column.

    Args:
        label: what was found.
        is_pii: whether that is a person's.
        p: calibrated probability that the column is personal.
        weighed: the evidence.
        values: the sketch of the values.
    """
    known = label_of(label)
    if known is not None and known.name == "credential":
        return Recommendation.DENY
    if is_pii:
        return Recommendation.MASK if p >= MASK_FROM else Recommendation.REVIEW
    if not is_none(label) or p >= OPEN_BELOW or values.is_empty:
        return Recommendation.REVIEW
    return Recommendation.OPEN if len(reasons(weighed)) >= 2 else Recommendation.REVIEW


def reasons(weighed: Weighed) -> frozenset[str]:
    """Where the reasons for `none` come from: the name, the comment, the type, the form, the text, the table."""
    for_none = {one.weight.partition(".")[0] for value, one in weighed.evidence if value > 0.4 and is_none(one.label)}
    said = any(value > 0.4 and not is_none(one.label) for value, one in weighed.evidence)
    return frozenset(for_none | ({"nothing personal"} if not said else set()))
