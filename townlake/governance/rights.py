"""What one set of groups gets of one table: pure functions over reviews, grants and row filters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.names import ColumnRef
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.review import MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import is_secret, needs_two_people
from townlake.governance.grants import Grant
from townlake.governance.review_records import OPENED, Review, state_of
from townlake.governance.row_filters import RowFilter

_MOST_GROUPS_NAMED: Final = 3

_CLOSED: Final[Mapping[ReviewState, str]] = {
    ReviewState.PENDING: "Nobody has reviewed this column yet.",
    ReviewState.PROPOSED: "A proposal for this column waits for a person.",
    ReviewState.STALE: "The column changed after its review: its type, or what a scan found in it.",
    ReviewState.DENIED: "A reviewer closed this column.",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """The groups that count for a caller."""

    groups: frozenset[str] | None
    """None stands for every group: the indexer's rights."""
    may_unmask: bool = True

    def include(self, group: str) -> bool:
        """True when the caller is in the group."""
        return self.groups is None or group in self.groups


def rights_of(principal: Principal) -> tuple[Rights, ...]:
    """The rights that must all agree: the caller's, and those of the person it acts for.

    >>> [sorted(r.groups) for r in rights_of(Principal(subject="bot", groups={"bots"}, on_behalf_of="ann"))]
    [['bots', 'everyone'], ['everyone']]
    """
    if principal.kind is PrincipalKind.SYSTEM:
        own = Rights(groups=None, may_unmask=False)
    else:
        own = Rights(groups=principal.memberships)
    if principal.on_behalf_of is None:
        return (own,)
    person = Principal(subject=principal.on_behalf_of, groups=principal.behalf_groups)
    return own, Rights(groups=person.memberships)


def decide_access(
    table: TableInfo,
    rights: Rights,
    reviews: Mapping[int, Review],
    grants: Sequence[Grant],
    row_filters: Iterable[RowFilter],
) -> TableAccess:
    """What these rights give.

    Args:
        table: the table as it is now.
        rights: the groups that count.
        reviews: the newest decision on each column, by field id.
        grants: the grants that cover the table and hold now, of any group.
        row_filters: the filters of this table, of any group.
    """
    held = [grant for grant in grants if rights.include(grant.group)]
    if not held:
        named = "None of your groups may read this table."
        return _closed(table, Decision(effect=Effect.DENY, reason=named, rule="grant:none"), _ask_in(table, grants))
    predicates = [f.predicate_for(table) for f in row_filters if rights.include(f.group)]
    if None in predicates:
        stale = "A row filter of this table speaks of a column that is gone or has another type."
        decision = Decision(effect=Effect.DENY, reason=stale, rule="row_filter:stale")
        return _closed(table, decision, _ask_review(table, "This table is closed until its row filter is mended"))
    clear = [grant for grant in held if grant.unmask] if rights.may_unmask else []
    columns = tuple(_column_accesses(table, reviews, held[0], clear))
    hidden = any(column.decision.effect is Effect.DENY for column in columns)
    if all(column.decision.effect is Effect.DENY for column in columns):
        reason = "No column of this table is open."
        decision = Decision(effect=Effect.DENY, reason=reason, rule="review:none")
        return TableAccess(
            table=table.ref, decision=decision, columns=columns, ask=_ask_review(table, "No column of it is open yet")
        )
    return TableAccess(
        table=table.ref,
        decision=Decision(effect=Effect.ALLOW, reason=f"Granted to {held[0].group}.", rule=_rule(held[0])),
        columns=columns,
        row_filters=tuple(dict.fromkeys(text for text in predicates if text is not None)),
        ask=_ask_review(table, "Some of its columns are not open") if hidden else "",
    )


def stricter(one: TableAccess, other: TableAccess) -> TableAccess:
    """The intersection of two answers on the same table: column by column what hides more, all row filters."""
    order = (Effect.ALLOW, Effect.MASK, Effect.DENY)
    columns = tuple(
        max(pair, key=lambda column: order.index(column.decision.effect))
        for pair in zip(one.columns, other.columns, strict=True)
    )
    leading = max((one, other), key=lambda access: order.index(access.decision.effect))
    decision = leading.decision
    if decision.effect is not Effect.DENY and all(column.decision.effect is Effect.DENY for column in columns):
        decision = Decision(
            effect=Effect.DENY, reason="No column of this table is open to both.", rule="on_behalf_of:none"
        )
    return TableAccess(
        table=one.table,
        decision=decision,
        columns=columns,
        row_filters=tuple(dict.fromkeys((*one.row_filters, *other.row_filters))),
        ask=leading.ask if leading.decision.effect is Effect.DENY else one.ask or other.ask,
    )


def _column_accesses(
    table: TableInfo, reviews: Mapping[int, Review], grant: Grant, clear: Sequence[Grant]
) -> Iterator[ColumnAccess]:
    # Few different decisions stand behind many columns, and making one costs more than finding it.
    made: dict[tuple[ReviewState, MaskMethod | None, bool, frozenset[str]], Decision] = {}
    for column in table.columns:
        review = reviews.get(column.field_id)
        label = review.classification.label if review and review.classification else ""
        reviewers = _reviewers(review) if review and clear and needs_two_people(label) else frozenset()
        key = (state_of(column, review), review.mask if review else None, is_secret(label), reviewers)
        if key not in made:
            made[key] = _decide_column(*key, grant, clear)
        yield _access(table, column, made[key])


def _decide_column(
    state: ReviewState,
    mask: MaskMethod | None,
    secret: bool,
    reviewers: frozenset[str],
    grant: Grant,
    clear: Sequence[Grant],
) -> Decision:
    if state not in OPENED:
        return Decision(effect=Effect.DENY, reason=_CLOSED[state], rule=f"review:{state.value}")
    if secret:
        return Decision(
            effect=Effect.MASK,
            reason="It holds live credentials, which nobody reads.",
            rule="label:credential",
            mask=MaskMethod.NULL,
        )
    if state is ReviewState.OPEN:
        return Decision(effect=Effect.ALLOW, reason=f"Open, and granted to {grant.group}.", rule=_rule(grant))
    # Of what needs two people, whoever unmasks must be another person than any who reviewed.
    found = next((one for one in clear if one.granted_by.casefold() not in reviewers), None)
    if found is not None:
        return Decision(
            effect=Effect.ALLOW,
            reason=f"{found.group} reads it unmasked.",
            rule=f"unmask:{found.pattern}:{found.group}",
        )
    return Decision(
        effect=Effect.MASK, reason="A reviewer had it masked.", rule="review:masked", mask=mask or MaskMethod.REDACT
    )


def _reviewers(review: Review) -> frozenset[str]:
    return frozenset(name.casefold() for name in (review.reviewer, *review.co_reviewers))


def _closed(table: TableInfo, decision: Decision, ask: str) -> TableAccess:
    columns = tuple(_access(table, column, decision) for column in table.columns)
    return TableAccess(table=table.ref, decision=decision, columns=columns, ask=ask)


def _access(table: TableInfo, column: ColumnInfo, decision: Decision) -> ColumnAccess:
    return ColumnAccess(column=ColumnRef(table=table.ref, column=column.name), decision=decision)


def _rule(grant: Grant) -> str:
    return f"grant:{grant.pattern}:{grant.group}"


def _ask_in(table: TableInfo, grants: Iterable[Grant]) -> str:
    """Whom to ask for a grant. Of a restricted table not even that is told."""
    if table.restricted:
        return ""
    groups = sorted({grant.group for grant in grants})[:_MOST_GROUPS_NAMED]
    joined = f"Join {' or '.join(groups)}, or ask" if groups else "Ask"
    return f"{joined} {_owner(table)}: `skipper review request {table.ref}`."


def _ask_review(table: TableInfo, why: str) -> str:
    return f"{why}. Ask {_owner(table)}: `skipper review request {table.ref}`."


def _owner(table: TableInfo) -> str:
    return f"the owner ({table.owner})" if table.owner else "a reviewer"
