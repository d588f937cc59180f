"""The review that a decision makes: its outcome, what its reviewer knew, and who stands behind it."""

from __future__ import annotations

from datetime import datetime

from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import gravity, needs_two_people
from townlake.governance.after_scan import persons_label
from townlake.governance.review_records import DECIDED, UNDECIDED, How, Review, state_of
from townlake.governance.two_people import Step, shown


def review_made(
    reviewer: Principal,
    table: TableInfo,
    column: ColumnInfo,
    before: Review | None,
    told: Step,
    note: str,
    at: datetime,
) -> Review:
    """The review to keep.

    Args:
        reviewer: a person, or the scanner.
        table: the table.
        column: the column as it is now.
        before: the newest review of it so far.
        told: what the decision changes.
        note: why.
        at: when.
    """
    choice, first, how = told
    labelled_by = _labelled_by(reviewer, before, told)
    if before and how in UNDECIDED and choice.state is not ReviewState.PROPOSED:
        kept = {"first": first, "classification": choice.classification, "labelled_by": labelled_by}
        return before.model_copy(update=kept)
    return Review(
        table_uuid=table.uuid,
        field_id=column.field_id,
        column=column.name,
        column_type=column.type,
        state=choice.state,
        mask=choice.mask,
        classification=choice.classification,
        reviewer=reviewer.subject,
        at=at,
        note=note,
        first=first,
        told=_told(column, before, choice.classification) if choice.state in DECIDED else "",
        labelled_by=labelled_by,
        co_reviewers=_co_reviewers(reviewer, column, before, told),
    )


def _told(column: ColumnInfo, before: Review | None, held: Classification | None) -> str:
    """The gravest label that whoever decides knows of: what was proposed, and what they were told before."""
    proposed = before.classification if before else None
    earlier = before.told if before and state_of(column, before) in DECIDED else ""
    return max((_label(held), _label(proposed), earlier), key=gravity)


def _labelled_by(reviewer: Principal, before: Review | None, told: Step) -> str:
    label = _label(told.choice.classification)
    if not needs_two_people(label):
        return ""
    is_said = label != _label(before.classification if before else None) or (
        told.choice.state in DECIDED and told.how not in UNDECIDED
    )
    return reviewer.subject if reviewer.kind is PrincipalKind.USER and is_said else persons_label(before)


def _co_reviewers(reviewer: Principal, column: ColumnInfo, before: Review | None, told: Step) -> tuple[str, ...]:
    """Who decided the same before: the first of two, and those whom a decision of one person goes on from."""
    if before is None:
        return ()
    people: tuple[str, ...] = ()
    if told.how is How.SECOND and before.first:
        people = (before.first.reviewer,)
    elif needs_two_people(_label(told.choice.classification)) and state_of(column, before) in DECIDED:
        people = (before.reviewer, *before.co_reviewers) if shown(told.choice.state, told.choice.mask) else ()
    return tuple(name for name in dict.fromkeys(people) if name.casefold() != reviewer.subject.casefold())


def _label(classification: Classification | None) -> str:
    return classification.label if classification else ""
