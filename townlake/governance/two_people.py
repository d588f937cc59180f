"""Two people for what is gravest: the first decision shows nothing until another person decides the same."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from townlake.domain.errors import BadInput
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import is_secret, needs_two_people
from townlake.governance.deciding import Choice, part_in
from townlake.governance.review_records import DECIDED, WAITING, FirstDecision, How, Review, state_of

_CONSTANT: Final = frozenset({MaskMethod.REDACT, MaskMethod.NULL})


class Step(NamedTuple):
    """What a decision changes now."""

    choice: Choice
    first: FirstDecision | None
    """Set when nothing changes yet: it waits for a second person."""
    how: How


def step(
    reviewer: Principal, column: ColumnInfo, before: Review | None, choice: Choice, how: How, note: str, now: datetime
) -> Step:
    """What becomes of a column by this decision of this person.

    Raises:
        BadInput: a column of secrets would be read.
    """
    _never_read(column, choice)
    if not _needs_second(reviewer, column, before, choice):
        is_proposal = choice.state is ReviewState.PROPOSED
        return Step(choice, first_that_waits(before, choice), How.ONE) if is_proposal else Step(choice, None, how)
    mine = FirstDecision(
        state=choice.state,
        mask=choice.mask,
        classification=choice.classification,
        reviewer=reviewer.subject,
        at=now,
        note=note,
    )
    if before and before.first and _decided_the_same(before.first, mine):
        if before.first.reviewer.casefold() != reviewer.subject.casefold():
            return Step(choice, None, How.SECOND)
        mine = before.first
    held = before.classification if before else None
    if needs_two_people(_label(choice.classification)) and not needs_two_people(_label(held)):
        # A graver label holds at once, and closes until two people agree on more.
        return Step(Choice(ReviewState.PROPOSED, None, choice.classification), mine, How.FIRST)
    if before and state_of(column, before) is not ReviewState.PENDING:
        return Step(Choice(before.state, before.mask, held), mine, How.FIRST)
    return Step(Choice(ReviewState.PROPOSED, None, held), mine, How.FIRST)


def independent(before: Review | None, table: TableInfo) -> Review | None:
    """The review without a first decision of somebody who loaded or owns the table by now: theirs is no other eye."""
    if before and before.first and part_in(Principal(subject=before.first.reviewer), table):
        return before.model_copy(update={"first": None})
    return before


def first_that_waits(before: Review | None, choice: Choice) -> FirstDecision | None:
    """The first person's decision: it goes on waiting as long as the column waits and is held to be the same."""
    same = before is not None and _what(before.classification) == _what(choice.classification)
    return before.first if before and same and choice.state in WAITING else None


def shown(state: ReviewState, mask: MaskMethod | None) -> int:
    """How much of a value is seen: 0 nothing, 1 a part, 2 all.

    >>> shown(ReviewState.MASKED, MaskMethod.NULL), shown(ReviewState.MASKED, MaskMethod.LAST4)
    (0, 1)
    """
    if state is ReviewState.OPEN:
        return 2
    return 1 if state is ReviewState.MASKED and mask not in _CONSTANT else 0


def _needs_second(reviewer: Principal, column: ColumnInfo, before: Review | None, choice: Choice) -> bool:
    if reviewer.kind is not PrincipalKind.USER:
        return False  # It proposes, and a proposal opens nothing.
    was, now = _label(before.classification if before else None), _label(choice.classification)
    if (needs_two_people(was) and not needs_two_people(now)) or (is_secret(was) and not is_secret(now)):
        # Else one person could call it harmless first and open it then.
        return True
    if not needs_two_people(now):
        return False
    seen = shown(choice.state, choice.mask)
    if before is None or state_of(column, before) not in DECIDED:
        return seen > 0
    is_same = needs_two_people(was) and (choice.state, choice.mask) == (before.state, before.mask)
    is_less = needs_two_people(was) and seen < shown(before.state, before.mask)
    return seen > 0 and not is_same and not is_less


def _never_read(column: ColumnInfo, choice: Choice) -> None:
    if not is_secret(_label(choice.classification)):
        return
    is_null = choice.state is ReviewState.MASKED and choice.mask is MaskMethod.NULL
    if choice.state is ReviewState.OPEN or (choice.state is ReviewState.MASKED and not is_null):
        raise BadInput(
            f"{column.name} holds live credentials, which read as NULL for everybody.",
            hint="Mask it with null or deny it. If it holds none, give it another label: `skipper review override "
            "... --label none --state open --reason TEXT`, which takes two people.",
        )


def _decided_the_same(first: FirstDecision, second: FirstDecision) -> bool:
    return (first.state, first.mask, _what(first.classification)) == (
        second.state,
        second.mask,
        _what(second.classification),
    )


def _label(classification: Classification | None) -> str:
    return classification.label if classification else ""


def _what(classification: Classification | None) -> tuple[str, str]:
    return (classification.label, classification.subject) if classification else ("", "")
