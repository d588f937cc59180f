"""The rules of a review: who may decide, on which columns, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import is_none
from townlake.governance.labels import default_mask, looks_grave, mask_fits
from townlake.governance.review_records import OPENED, WAITING, Review, state_of

_CLOSING = frozenset({ReviewState.DENIED, ReviewState.PENDING})
_REASONS = 2
_OWNS = "owns"
_UNSEEN = frozenset({ReviewState.PENDING, ReviewState.PROPOSED})


class Choice(NamedTuple):
    """What a decision gives for one column."""

    state: ReviewState
    mask: MaskMethod | None
    classification: Classification | None


def may_decide(principal: Principal) -> None:
    """Refuse whoever is not a person: no service, agent or model opens anything.

    Raises:
        AccessDenied: the principal is not a person who acts for themselves.
    """
    if principal.kind is not PrincipalKind.USER or principal.on_behalf_of is not None:
        raise AccessDenied("Only a person may decide who sees what.", hint="Sign in yourself; a service may propose.")


def may_review(reviewer: Principal, table: TableInfo, state: ReviewState, *, four_eyes: bool) -> None:
    """Check that this principal may put columns of this table into this state.

    Raises:
        AccessDenied: it is not a person, or it owns or loaded the table and four eyes are asked for.
    """
    if state is not ReviewState.PROPOSED:
        may_decide(reviewer)
    if state in OPENED:
        may_open(reviewer, (table,), four_eyes=four_eyes)


def may_open(person: Principal, tables: Iterable[TableInfo], *, four_eyes: bool) -> None:
    """Check that nobody lets people see more of a table that is their own or their team's, or that they loaded.

    Raises:
        AccessDenied: they own or loaded one of the tables, and four eyes are asked for.
    """
    for table in tables if four_eyes else ():
        part = part_in(person, table)
        if part:
            others = "outside the owning team" if part == _OWNS else "who did not load it"
            raise AccessDenied(
                f"{person.subject} {part} {table.ref} and may not open it.",
                hint=f"Ask a reviewer {others}, or set four_eyes to false in a lake of one person.",
            )


def part_in(person: Principal, table: TableInfo) -> str:
    """What keeps somebody from opening a table, in a word: they own it, or brought its rows; empty for nothing.

    An owner who is named later takes nothing from it: whoever loads could name anybody.
    """
    if owns(person, table):
        return _OWNS
    if person.subject.casefold() in {name.casefold() for name in table.loaded_by}:
        return "harvested" if table.ref.is_federated else "loaded"
    return ""


def owns(person: Principal, table: TableInfo) -> bool:
    """Whether a table is somebody's own or their team's: they see its reviews.

    Loading rows is not enough: whoever may load would see what is known of a table that is not theirs.
    """
    owner = table.owner.casefold()
    return bool(owner) and all(owner in {name.casefold() for name in each.names} for each in person.parties)


def named_columns(
    table: TableInfo, known: Mapping[int, Review], names: Sequence[str] | None, state: ReviewState
) -> tuple[ColumnInfo, ...]:
    """The columns that are meant: those named; else all for closing, those that wait for anything else.

    Raises:
        NotFound: the table has no column of a name.
    """
    if names is None:
        if state in _CLOSING:
            return table.columns
        wanted = _UNSEEN if state is ReviewState.PROPOSED else WAITING
        reviews = ((column, known.get(column.field_id)) for column in table.columns)
        # What one person decided is for another to look at closely, by name.
        return tuple(c for c, review in reviews if state_of(c, review) in wanted and not (review and review.first))
    found = {column.name: column for column in table.columns}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise NotFound(f"{table.ref} has no column {', '.join(unknown)}.", hint=f"`skipper review show {table.ref}`.")
    return tuple(found[name] for name in dict.fromkeys(names))


def chosen(
    column: ColumnInfo,
    before: Review | None,
    state: ReviewState,
    mask: MaskMethod | None,
    classification: Classification | None,
    *,
    as_proposed: bool,
) -> Choice:
    """What the decision gives for one column.

    Args:
        column: the column as it is now.
        before: what was decided before.
        state: what it shall become.
        mask: for MASKED; the default of the label when None.
        classification: what it holds; what it was held to be when None.
        as_proposed: OPEN stands for what was proposed: open, masked as the label asks for, or what the first of two
            people decided.

    Raises:
        BadInput: the mask means nothing for the column's type, or a proposal would undo a person's decision.
    """
    held = classification or (before.classification if before else None)
    label = held.label if held else ""
    if state is ReviewState.PROPOSED and before and before.state not in _UNSEEN:
        raise BadInput(
            f"{column.name} was decided on already; a proposal cannot undo that.",
            hint="Put it back to pending, or decide again.",
        )
    if state is ReviewState.OPEN and as_proposed:
        return proposed(column, before, held)
    if state is not ReviewState.MASKED:
        return Choice(state, None, held)
    method = mask or default_mask(label) or MaskMethod.REDACT
    if not mask_fits(method, column.type):
        raise BadInput(
            f"The mask {method.value} means nothing for {column.name}, which is {column.type}.",
            hint="Use redact or null, which fit every type.",
        )
    return Choice(state, method, held)


def proposed(column: ColumnInfo, before: Review | None, held: Classification | None) -> Choice:
    """What approving gives: the first person's decision, else the label's mask, never less than an earlier review."""
    if before and before.first:
        return Choice(before.first.state, before.first.mask, before.first.classification)
    method = default_mask(held.label if held else "")
    if method is MaskMethod.NULL:
        return Choice(ReviewState.MASKED, method, held)
    if before and before.mask is not None and state_of(column, before) is ReviewState.STALE:
        return Choice(
            ReviewState.MASKED, before.mask if mask_fits(before.mask, column.type) else MaskMethod.REDACT, held
        )
    return Choice(ReviewState.OPEN, None, held) if method is None else Choice(ReviewState.MASKED, method, held)


def is_clear(review: Review | None, below: float) -> bool:
    """True for a column that Skimmer recommends to open, for two reasons at least, and is sure enough of.

    Args:
        review: what was decided on the column.
        below: how likely it may be personal at most, 0 to 1.
    """
    held = review.classification if review and review.state is ReviewState.PROPOSED else None
    return (
        held is not None
        and held.recommendation == "open"
        and is_none(held.label)
        and held.confidence < below
        and len(set(held.evidence)) >= _REASONS
    )


def is_unseen(column: ColumnInfo, review: Review | None) -> bool:
    """True for a column of which no scan and no person said what it holds: nothing is proposed for it.

    What is open already is no news, a mask that a person chose holds on when the type changes, and what the first of
    two people decided is a proposal.
    """
    if review is None:
        return True
    if review.classification is not None or review.first is not None:
        return False
    state = state_of(column, review)
    return state is not ReviewState.OPEN and not (state is ReviewState.STALE and review.mask is not None)


def is_unseen_and_grave(column: ColumnInfo, review: Review | None) -> bool:
    """True for a column that nobody scanned or labelled, and whose name asks for a look: nobody opens it in passing."""
    return is_unseen(column, review) and looks_grave(column.name)


def is_unsure(review: Review | None) -> bool:
    """True for a column that was looked at without a result: nobody opens it in passing."""
    held = review.classification if review else None
    return held is not None and held.recommendation == "review" and is_none(held.label)
