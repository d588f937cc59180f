"""What a scan changes of a column: it proposes and closes, opens nothing, and takes back nothing that a person said."""

from __future__ import annotations

from typing import Final

from townlake.domain.review import Classification, ReviewState
from townlake.domain.table import ColumnInfo
from townlake.domain.taxonomy import gravity, is_secret, needs_two_people
from townlake.governance.deciding import Choice
from townlake.governance.review_records import DECIDED, How, Review, state_of
from townlake.governance.two_people import Step, first_that_waits, shown

_MOST_REASONS: Final = 8
_OPINION: Final = "a scan found "


def after_scan(column: ColumnInfo, before: Review | None, found: Classification, *, is_worse: bool) -> Step | None:
    """What a finding changes; None for nothing.

    A column that waits is proposed. One that is STALE stays so, and waits with the newest finding: the mask that it had
    is the least that it gets. One that a person decided on stays as it is, unless it is worse than they could know.

    Args:
        column: as it is now.
        before: the newest decision on it.
        found: what a scan found.
        is_worse: whether that is worse than what a person who opened it could know.
    """
    state = state_of(column, before)
    if state in DECIDED and not is_worse:
        return _learned(before, found)
    if before is None:
        return Step(Choice(ReviewState.PROPOSED, None, found), None, How.ONE)
    held = _with_persons_label(before, found)
    waits = state in {ReviewState.PENDING, ReviewState.PROPOSED}
    choice = Choice(ReviewState.PROPOSED, None, held) if waits else Choice(ReviewState.STALE, before.mask, held)
    if (before.state, before.mask, before.classification, before.column_type) == (*choice, column.type):
        return None
    return Step(choice, first_that_waits(before, choice), How.ONE)


def persons_label(before: Review | None) -> str:
    """Who of the people said that a column holds what takes two of them; empty for nobody."""
    if before is None or before.classification is None or not needs_two_people(before.classification.label):
        return ""
    return before.labelled_by or (before.reviewer if before.state in DECIDED else "")


def _with_persons_label(before: Review, found: Classification) -> Classification:
    """The finding; only an opinion beside the label where a person said what takes two people, unless it is graver."""
    held = before.classification
    if held is None or not persons_label(before) or found.label == held.label:
        return found
    is_new_secret = is_secret(found.label) and not is_secret(held.label)
    if needs_two_people(found.label) and (is_new_secret or gravity(found.label) > gravity(held.label)):
        return found
    told = (f"{_OPINION}{found.label or 'nothing'}", *(one for one in held.evidence if not one.startswith(_OPINION)))
    return held.model_copy(update={"evidence": told[:_MOST_REASONS]})


def _learned(before: Review | None, found: Classification) -> Step | None:
    """What a scan tells of a column that a person closed, or masked whole, before anybody knew what it holds.

    Its state stays, and from now on two people are needed where its label asks for them. Secrets are told of what was
    labelled otherwise, too, unless a person did it.
    """
    if before is None or shown(before.state, before.mask):
        return None
    held = before.classification
    is_new_secret = held is not None and is_secret(found.label) and not is_secret(held.label) and held.recommendation
    if held is not None and not is_new_secret:
        return None
    return Step(Choice(before.state, before.mask, found), None, How.FOUND)
