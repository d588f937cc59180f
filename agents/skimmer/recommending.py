"""What to do with a column: opened only for two reasons that do not depend on each other."""

from __future__ import annotations

from typing import Final

from agents.skimmer.columns import Recommendation
from agents.skimmer.context import TableContext
from agents.skimmer.naming import Reading
from agents.skimmer.sketch import Sketch
from agents.skimmer.weighing import Weighed
from townlake.domain.taxonomy import is_none, label_of

OPEN_BELOW: Final = 0.05
MASK_FROM: Final = 0.5
_AMBIGUOUS: Final = frozenset(
    ("type.number", "form.flag", "form.enum", "form.measure", "form.short_code", "form.shaped_code", "text.plain")
)


def recommend(
    label: str, is_pii: bool, p: float, weighed: Weighed, values: Sketch, comment: Reading, context: TableContext
) -> Recommendation:
    """The recommendation for one column.

    Args:
        label: what was found.
        is_pii: whether that is a person's.
        p: calibrated probability that the column is personal.
        weighed: the evidence.
        values: the sketch of the values.
        comment: what the column's comment says.
        context: whose the table is.
    """
    known = label_of(label)
    if known is not None and known.name == "credential":
        return Recommendation.DENY
    if is_pii:
        return Recommendation.MASK if p >= MASK_FROM else Recommendation.REVIEW
    if not is_none(label) or p >= OPEN_BELOW or values.is_empty or "person" in comment.roles:
        return Recommendation.REVIEW
    return Recommendation.OPEN if len(reasons(weighed, context)) >= 2 else Recommendation.REVIEW


def reasons(weighed: Weighed, context: TableContext) -> frozenset[str]:
    """Reasons to open that do not depend on each other: what the name, the type and the form say, and the table.

    A form that people's attributes have too, such as a few codes or a number, is none in a table about people.
    """
    found = set()
    for value, one in weighed.evidence:
        if value <= 0.4:
            continue
        if not is_none(one.label):
            return frozenset()
        if not (context.is_of_people and one.weight in _AMBIGUOUS):
            found.add(one.weight.partition(".")[0])
    if not found:
        return frozenset()
    return frozenset(found | {"nothing personal"} | ({"table"} if context.other else set()))
