"""Decisions on a table as a request says them, and what came of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, assert_never

from app.contract.reviews import Decided, DecidedColumn
from app.granting import grant_to
from app.overriding import override
from app.review_outcome import look_personal, must_be_known, needs_a_look, unscanned
from townlake.domain.errors import BadInput, NotFound
from townlake.domain.review import ReviewState
from townlake.governance.deciding import may_review
from townlake.governance.deciding_each import Wanted
from townlake.governance.grants import parse_group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.contract.reviews import ColumnChoice, DecisionRequest
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.domain.table import TableInfo
    from townlake.governance.review_records import Review

_WHOLE: Final = {"approve": ReviewState.OPEN, "mask": ReviewState.MASKED, "deny": ReviewState.DENIED}


def decide(workspace: Workspace, reviewer: Principal, info: TableInfo, asked: DecisionRequest) -> Decided:
    """Decide on a table as a request says.

    Raises:
        AccessDenied: the reviewer may not decide on it.
        Outdated: it is not as they saw it.
        NotFound: it has no such column.
        BadInput: a decision cannot be.
    """
    if asked.grant_to is not None:
        # A wrong name is told before anything is decided.
        parse_group(asked.grant_to)
    four_eyes = workspace.settings.four_eyes
    if asked.whole is not None:
        state = _WHOLE[asked.whole]
        if state is ReviewState.OPEN:
            may_review(reviewer, info, state, four_eyes=four_eyes)
            must_be_known(workspace, [info], str(info.ref))
        made = workspace.reviews.decide(
            reviewer, info, None, state, note=asked.note, four_eyes=four_eyes, seen=asked.seen
        )
    else:
        wanted = _each(workspace, info, asked.columns, asked.note)
        made = workspace.reviews.decide_each(
            reviewer, info, wanted, seen=asked.seen, note=asked.note, four_eyes=four_eyes
        )
    if asked.grant_to is not None:
        grant_to(workspace, info, asked.grant_to, reviewer)
    return _told(workspace, info, made, asked)


def _each(workspace: Workspace, info: TableInfo, choices: Sequence[ColumnChoice], note: str) -> dict[str, Wanted]:
    twice = [name for name, count in Counter(choice.column for choice in choices).items() if count > 1]
    if twice:
        raise BadInput(f"{twice[0]} is named twice.", hint="Decide on each column once.")
    return {choice.column: _wanted(workspace, info, choice, note) for choice in choices}


def _wanted(workspace: Workspace, info: TableInfo, choice: ColumnChoice, note: str) -> Wanted:
    column = info.column(choice.column)
    if column is None:
        raise NotFound(f"{info.ref} has no column {choice.column}.", hint="The page of the table lists them.")
    why, method = choice.note or note, choice.mask
    if choice.action != "override" and (choice.label or choice.subject or choice.state):
        raise BadInput(f"{choice.column}: a label, a subject or a state goes with `override`.")
    match choice.action:
        case "approve":
            return Wanted(ReviewState.OPEN, method, None, why, as_proposed=True)
        case "mask":
            return Wanted(ReviewState.MASKED, method, None, why)
        case "deny":
            return Wanted(ReviewState.DENIED, method, None, why)
        case "override":
            state = None if choice.state is None else ReviewState(choice.state)
            return override(
                workspace,
                info,
                column,
                label=choice.label,
                subject=choice.subject,
                mask=method,
                state=state,
                reason=why,
            )
        case other:
            assert_never(other)


def _told(workspace: Workspace, info: TableInfo, made: Sequence[Review], asked: DecisionRequest) -> Decided:
    personal = set(look_personal(made))
    return Decided(
        table=str(info.ref),
        columns=tuple(
            DecidedColumn(
                column=review.column,
                state=review.state,
                mask=review.mask,
                waits_for_second=review.first is not None,
                looks_personal=review.column in personal,
            )
            for review in made
        ),
        granted_to=asked.grant_to,
        left=asked.whole == "approve" and needs_a_look(workspace, info),
        unscanned=bool(unscanned([(info, made)])),
    )
