"""Apply the reviews of the demo lake, through the code that a person's reviews go through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from townlake.domain.principal import Principal
from townlake.domain.review import Classification, ReviewState
from townlake.domain.taxonomy import needs_two_people

if TYPE_CHECKING:
    from ingestion.demo.described import DemoTable
    from townlake.domain.table import TableInfo
    from townlake.governance.grants import Grants
    from townlake.governance.reviews import Reviews

REVIEWER: Final = Principal(subject="demo-reviewer", groups=frozenset({"governance"}))
"""Owns no table, so that the rule of four eyes holds."""
SECOND_REVIEWER: Final = Principal(subject="demo-second-reviewer", groups=REVIEWER.groups)
"""Agrees where one person is not enough."""


def apply_review(table: DemoTable, info: TableInfo, reviews: Reviews, grants: Grants) -> None:
    """Decide on every column as the file says, then grant the table; without a decision all stays closed."""
    if table.denied:
        reviews.decide(REVIEWER, info, None, ReviewState.DENIED, note="Personal data of our own people.")
        return
    for name, masked in table.masked.items():
        for reviewer in (REVIEWER, SECOND_REVIEWER) if needs_two_people(masked.label) else (REVIEWER,):
            reviews.decide(
                reviewer,
                info,
                [name],
                ReviewState.MASKED,
                mask=masked.mask,
                classification=Classification(label=masked.label, subject="person", tier=3, confidence=1.0),
                note="Personal data.",
            )
    if table.open_to:
        reviews.decide(REVIEWER, info, None, ReviewState.OPEN, unscanned=True, note="Nothing personal.")
    for group in table.open_to:
        grants.add(str(table.ref), group, by=REVIEWER)
    for group in table.unmasked_for:
        grants.add_unmasked(str(table.ref), group, by=REVIEWER, tables=(info,))
