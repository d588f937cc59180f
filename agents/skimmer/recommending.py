"""What to do with a column: opened only for two reasons that do not depend on each other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from agents.skimmer.columns import Recommendation
from agents.skimmer.context import TableContext
from agents.skimmer.naming import Reading
from agents.skimmer.sketch import Sketch
from agents.skimmer.weighing import Weighed
from townlake.domain.taxonomy import is_none, label_of

OPEN_BELOW: Final = 0.05
MASK_FROM: Final = 0.5
NOTHING_PERSONAL: Final = "nothing personal"
_AMBIGUOUS: Final = frozenset(
    ("type.number", "form.flag", "form.enum", "form.measure", "form.short_code", "form.shaped_code", "text.plain")
)

_FEW: Final = 5
"""With fewer values than that, their form tells nothing: one name of a person looks like one of a thing."""


def recommend(label: str, is_pii: bool, p: float, reasons: Collection[str]) -> Recommendation:
    """The recommendation for one column.

    Args:
        label: what was found.
        is_pii: whether that is a person's.
        p: calibrated probability that the column is personal.
        reasons: to open it, none of which depends on another.
    """
    known = label_of(label)
    if known is not None and known.name == "credential":
        return Recommendation.DENY
    if is_pii:
        return Recommendation.MASK if p >= MASK_FROM else Recommendation.REVIEW
    if not is_none(label) or p >= OPEN_BELOW:
        return Recommendation.REVIEW
    return Recommendation.OPEN if len(reasons) >= 2 else Recommendation.REVIEW


def reasons_to_open(weighed: Weighed, values: Sketch, comment: Reading, context: TableContext) -> frozenset[str]:
    """Reasons to open that do not depend on each other: what the name, the type and the form say, and the table.

    A form that people's attributes have too, such as a few codes or a number, is none in a table about people, nor of
    fewer than five values. That nothing personal was found is a reason beside others, and alone where nothing tells
    what the column is.

    Args:
        weighed: the evidence.
        values: the sketch of the values; without any there is no reason.
        comment: what the column's comment says; where it speaks of a person, there is none either.
        context: whose the table is.
    """
    if values.is_empty or "person" in comment.roles:
        return frozenset()
    found = set()
    tells_little = context.is_of_people or values.count < _FEW
    for value, one in weighed.evidence:
        if value <= 0.4:
            continue
        if not is_none(one.label):
            return frozenset()
        if not (tells_little and one.weight in _AMBIGUOUS):
            found.add(one.weight.partition(".")[0])
    if not found:
        return frozenset() if context.is_of_people else frozenset({NOTHING_PERSONAL})
    return frozenset(found | {NOTHING_PERSONAL} | ({"table"} if context.other else set()))
