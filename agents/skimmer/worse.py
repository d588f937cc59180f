"""Whether a finding is worse than what a person knew when they opened a column."""

from __future__ import annotations

from typing import Final

from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.taxonomy import gravity
from townlake.governance.review_records import Review
from townlake.governance.scan_records import ScanFinding

_SHOWS_NOTHING: Final = frozenset({MaskMethod.REDACT, MaskMethod.NULL})


def is_worse(finding: ScanFinding, review: Review | None) -> bool:
    """True when a column that can be read must be closed until its reviewer has looked again.

    Only for what the values prove, or an upstream label: a name is a guess, which the reviewer could make, too. What
    they were told of, and opened all the same, stays open: also what they called something else.

    Args:
        finding: what is found now.
        review: the newest decision on the column.
    """
    if review is None or review.state not in {ReviewState.OPEN, ReviewState.MASKED}:
        return False
    if not finding.is_personal or not finding.is_checked:
        return False
    if review.state is ReviewState.MASKED and review.mask in _SHOWS_NOTHING:
        return False
    known = gravity(review.classification.label if review.classification else "")
    return gravity(finding.classification.label) > max(known, gravity(review.told))
