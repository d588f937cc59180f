"""What other tables tell of a column: labels travel along lineage, and a key of persons is one wherever it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from agents.skimmer.columns import Recommendation
from agents.skimmer.learning.reasons import is_learned
from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import ColumnRef
from townlake.domain.review import Classification, ReviewState
from townlake.domain.table import TableInfo
from townlake.domain.taxonomy import Gravity, Subject, gravity, is_none
from townlake.governance.review_records import Review
from townlake.governance.scan_records import ScanFinding

CARRIES: Final = frozenset({"copy", "expression"})
"""The kinds of lineage whose values still are those of the source. An aggregate is declared to be none of a person."""
PERSON_ID: Final = "person_id"
POINTS: Final = "points to"


class Upstream(NamedTuple):
    """A column that another came from, or points to, and what it holds."""

    column: ColumnRef
    label: str
    how: str
    """`comes from`, `points to`, `has the values of`."""


LabelOf = Callable[[ColumnRef], str]
"""The label of a column of another table; empty for none that is known."""


def upstreams(
    table: TableInfo, lineage: Iterable[LineageEdge], label_of_column: LabelOf
) -> Mapping[str, Sequence[Upstream]]:
    """What is upstream of each column of a table: by lineage, and by declared keys that lead to persons.

    Args:
        table: the table.
        lineage: edges between columns, of any table.
        label_of_column: what is known of columns of other tables.
    """
    found: dict[str, list[Upstream]] = {}
    for edge in lineage:
        if edge.target.table == table.ref and edge.kind in CARRIES and edge.source != edge.target:
            label = label_of_column(edge.source)
            if not is_none(label):
                found.setdefault(edge.target.column, []).append(Upstream(edge.source, label, "comes from"))
    for key in table.foreign_keys:
        for name, other in zip(key.columns, key.ref_columns, strict=False):
            place = ColumnRef(table=key.ref_table, column=other)
            if label_of_column(place).partition(".")[0] == PERSON_ID:
                found.setdefault(name, []).append(Upstream(place, PERSON_ID, POINTS))
    return found


def raised(finding: ScanFinding, above: Sequence[Upstream]) -> ScanFinding:
    """The finding with what is upstream: the gravest label holds, and nothing is lowered."""
    if not above:
        return finding
    worst = max(above, key=lambda one: (gravity(one.label), str(one.column)))
    grave = gravity(worst.label)
    own = finding.classification
    if grave <= (gravity(own.label) if finding.is_personal else Gravity.PUBLIC):
        return finding
    reasons = tuple(dict.fromkeys(f"{one.how} {one.column}, which holds {one.label}" for one in above))
    deny = worst.label.partition(".")[0] == "credential"
    return finding.model_copy(
        update={
            "classification": Classification(
                label=worst.label,
                subject=str(Subject.PERSON),
                tier=int(grave),
                confidence=max(own.confidence, 0.9),
                evidence=(*reasons, *own.evidence)[:8],
            ),
            "is_personal": True,
            # A declared key stands beside the column for everybody who reviews it: it proves no more than a name.
            "is_checked": finding.is_checked or any(one.how != POINTS for one in above),
            "recommendation": str(Recommendation.DENY if deny else Recommendation.MASK),
            "judgement": None,
        }
    )


def known_label(review: Review | None, finding: ScanFinding | None) -> str:
    """What a column is known to hold: what a person decided on, else what a scan found."""
    if review is not None and review.classification is not None and review.state in _DECIDED:
        return review.classification.label
    if finding is None or finding.is_personal:
        return finding.classification.label if finding is not None else ""
    # What a learned rule takes from a column is not taken from what is made of it.
    told = finding.by_rules
    is_taken = told is not None and told.is_personal and any(map(is_learned, finding.classification.evidence))
    return told.label if told is not None and is_taken else ""


_DECIDED: Final = frozenset({ReviewState.OPEN, ReviewState.MASKED, ReviewState.DENIED})
