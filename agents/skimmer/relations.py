"""What other tables tell of a column: labels travel along lineage, and a key of persons is one wherever it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from agents.skimmer.columns import Recommendation
from agents.skimmer.learning.reasons import is_learned
from townlake.catalog.lineage import LineageEdge
from townlake.domain.names import ColumnRef
from townlake.domain.review import Classification
from townlake.domain.table import TableInfo
from townlake.domain.taxonomy import Gravity, Subject, gravity, is_none
from townlake.governance.review_records import DECIDED, Review
from townlake.governance.scan_records import ScanFinding

CARRIES: Final = frozenset({"copy", "expression"})
"""The kinds of lineage whose values still are those of the source. An aggregate is declared to be none of a person."""
PERSON_ID: Final = "person_id"
POINTS: Final = "points to"


HAS_VALUES: Final = "has the values of"


class Known(NamedTuple):
    """What is known of a column of another table."""

    label: str = ""
    """Empty for none that is known."""
    is_proven: bool = False
    """True where its values prove the label, or a person decided on it: else it may be a mere name."""
    is_restricted: bool = False
    """True where not even the name of its table is told."""


class Upstream(NamedTuple):
    """A column that another came from, or points to, and what it holds."""

    column: ColumnRef
    known: Known
    how: str
    """`comes from`, `points to`, `has the values of`."""

    @property
    def reason(self) -> str:
        """In words. Which key has the same values is not told: else a column of guesses would tell what is in it."""
        if self.how == HAS_VALUES:
            return f"{self.how} a known key of persons"
        name = "a column of a restricted table" if self.known.is_restricted else self.column
        return f"{self.how} {name}, which holds {self.known.label}"


LabelOf = Callable[[ColumnRef], Known]
"""What is known of a column of another table."""


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
            known = label_of_column(edge.source)
            if not is_none(known.label):
                found.setdefault(edge.target.column, []).append(Upstream(edge.source, known, "comes from"))
    for key in table.foreign_keys:
        for name, other in zip(key.columns, key.ref_columns, strict=False):
            place = ColumnRef(table=key.ref_table, column=other)
            known = label_of_column(place)
            # Anybody may declare a key to any name: it tells nothing of a table whose name they may not know.
            if known.label.partition(".")[0] == PERSON_ID and not known.is_restricted:
                found.setdefault(name, []).append(Upstream(place, known._replace(label=PERSON_ID), POINTS))
    return found


def raised(finding: ScanFinding, above: Sequence[Upstream]) -> ScanFinding:
    """The finding with what is upstream: the gravest label holds, and nothing is lowered."""
    if not above:
        return finding
    worst = max(above, key=lambda one: (gravity(one.known.label), one.known.is_proven, str(one.column)))
    label, grave = worst.known.label, gravity(worst.known.label)
    own = finding.classification
    if grave <= (gravity(own.label) if finding.is_personal else Gravity.PUBLIC):
        return finding
    reasons = tuple(dict.fromkeys(one.reason for one in above))
    deny = label.partition(".")[0] == "credential"
    return finding.model_copy(
        update={
            "classification": Classification(
                label=label,
                subject=str(Subject.PERSON),
                tier=int(grave),
                confidence=max(own.confidence, 0.9),
                evidence=(*reasons, *own.evidence)[:8],
            ),
            "is_personal": True,
            "is_checked": finding.is_checked
            or any(_proves(one) and gravity(one.known.label) == grave for one in above),
            "recommendation": str(Recommendation.DENY if deny else Recommendation.MASK),
            "judgement": None,
        }
    )


def _proves(one: Upstream) -> bool:
    """Whether a label upstream closes what people opened.

    A declared key stands beside the column for everybody who reviews it, and the label of a column upstream may rest on
    the name that somebody gave it: neither proves more than a name.
    """
    return one.known.is_proven and one.how != POINTS


def known_label(review: Review | None, finding: ScanFinding | None) -> str:
    """What a column is known to hold: what a person decided on, else what a scan found."""
    if review is not None and review.classification is not None and review.state in DECIDED:
        return review.classification.label
    if finding is None or finding.is_personal:
        return finding.classification.label if finding is not None else ""
    # What a learned rule takes from a column is not taken from what is made of it.
    told = finding.by_rules
    is_taken = told is not None and told.is_personal and any(map(is_learned, finding.classification.evidence))
    return told.label if told is not None and is_taken else ""


def is_proven(review: Review | None, finding: ScanFinding | None) -> bool:
    """Whether what a column is known to hold was decided by a person, or is proved by its values."""
    if review is not None and review.classification is not None and review.state in DECIDED:
        return True
    return finding is not None and finding.is_personal and finding.is_checked
