"""The queue of reviewers: what waits, the most urgent first, each with the reason why it stands there.

Disputed columns come first. Then a table is as urgent as the tier of its gravest column and the people who asked for
it, one each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from townlake.domain.review import Classification, MaskMethod, ReviewState
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.taxonomy import Gravity, is_none
from townlake.governance.review_records import WAITING, QueueEntry, Request, Review, Waiting, state_of

_UNKNOWN: Final = int(Gravity.PERSONAL)
"""The tier of what nobody looked at: it may hold anything."""
_TOLD_FROM: Final = int(Gravity.DIRECT)
"""From this tier on a column is in the queue because of what was found in it, though it was decided on."""
_CONSTANT: Final = frozenset({MaskMethod.REDACT, MaskMethod.NULL})


def queue_of(
    tables: Iterable[TableInfo],
    reviews: Mapping[str, Mapping[int, Review]],
    asked: Sequence[Request],
    since: Mapping[tuple[str, int], datetime],
    is_late: Callable[[datetime], bool],
    found_since: Mapping[str, Mapping[int, Classification]] | None = None,
) -> tuple[QueueEntry, ...]:
    """The tables with columns that wait.

    Args:
        tables: all of them.
        reviews: the newest decisions by table and field id.
        asked: open requests and disputes.
        since: when a column began to wait, by table and field id.
        is_late: tells of such a moment whether it is too long ago.
        found_since: what was found in columns after they were decided on, by table and field id.
    """
    by_table: dict[str, list[Request]] = {}
    for request in asked:
        by_table.setdefault(request.table_uuid, []).append(request)
    entries = []
    for table in tables:
        known, wanted = reviews.get(table.uuid, {}), by_table.get(table.uuid, [])
        first_asked = min((r.at for r in wanted if r.field_id is None), default=None)
        news = (found_since or {}).get(table.uuid, {})
        waiting = []
        for column in table.columns:
            disputes = [request for request in wanted if request.is_dispute and request.field_id == column.field_id]
            begun = [since.get((table.uuid, column.field_id)), first_asked, *(r.at for r in disputes)]
            began = min((at for at in begun if at is not None), default=None)
            new = news.get(column.field_id)
            found = _waiting(column, known.get(column.field_id), disputes, began, is_late, new)
            if found is not None:
                waiting.append(found)
        if waiting:
            entries.append(_entry(table, sorted(waiting, key=_rank), sum(r.field_id is None for r in wanted)))
    return tuple(sorted(entries, key=place_of))


def lateness(now: datetime, hours: float) -> Callable[[datetime], bool]:
    """Whether something has waited longer than so many hours."""
    return lambda since: now - since > timedelta(hours=hours)


def _waiting(
    column: ColumnInfo,
    review: Review | None,
    disputes: Sequence[Request],
    began: datetime | None,
    is_late: Callable[[datetime], bool],
    new: Classification | None,
) -> Waiting | None:
    state = state_of(column, review)
    first = review.first if review else None
    is_told = new is not None and new.tier >= _TOLD_FROM and _shows(state, review)
    if state not in WAITING and first is None and not disputes and not is_told:
        return None
    known = review.classification if review else None
    held = new or known
    late = began is not None and is_late(began)
    reasons = [f"disputed by {_joined(r.subject for r in disputes)}"] if disputes else []
    if first is not None:
        wanted = f"masked ({first.mask.value})" if first.mask else first.state.value
        label = first.classification.label if first.classification else ""
        relabelled = f" as {label or 'none'}" if known is None or label != known.label else ""
        reasons.append(f"waits for a second person: {first.reviewer} decided {wanted}{relabelled}")
    if state is ReviewState.STALE:
        is_other = review is not None and review.column_type != column.type
        reasons.append(f"could be read until {'its type changed' if is_other else 'a scan found worse'}")
    reasons.append(_known(review) if new is None else f"found since it was decided on: {_words(new)}")
    if late:
        reasons.append("late")
    return Waiting(
        column=column.name,
        field_id=column.field_id,
        state=state,
        label=held.label if held else "",
        tier=held.tier if held else _UNKNOWN,
        confidence=held.confidence if held else 0.0,
        since=began,
        is_late=late,
        disputed_by=tuple(dict.fromkeys(r.subject for r in disputes)),
        first=first.reviewer if first else "",
        why="; ".join(reasons),
    )


def _shows(state: ReviewState, review: Review | None) -> bool:
    is_constant = review is not None and review.mask in _CONSTANT
    return state is ReviewState.OPEN or (state is ReviewState.MASKED and not is_constant)


def _words(held: Classification) -> str:
    return f"T{held.tier} {held.label}, {held.confidence:.0%} personal"


def _known(review: Review | None) -> str:
    held = review.classification if review else None
    if held is None or not (held.label or held.recommendation):
        return "nobody knows what it holds"
    if not is_none(held.label):
        return _words(held)
    kind = held.label.partition(".")[2]
    what = f"nothing personal{f', {kind}' if kind else ''}"
    return {"open": f"{what}: recommended to open", "review": f"unsure, {held.confidence:.0%} personal"}.get(
        held.recommendation, what
    )


def _entry(table: TableInfo, waiting: Sequence[Waiting], people: int) -> QueueEntry:
    return QueueEntry(
        table=table.ref,
        owner=table.owner,
        loaded_by=table.loaded_by,
        columns=tuple(one.column for one in waiting),
        stale=tuple(one.column for one in waiting if one.state is ReviewState.STALE),
        requests=people,
        waiting=tuple(waiting),
        urgency=max(one.tier for one in waiting) + people,
        is_disputed=any(one.disputed_by for one in waiting),
    )


def _rank(one: Waiting) -> tuple[bool, int, bool, bool, float]:
    return not one.disputed_by, -one.tier, one.state is not ReviewState.STALE, not one.first, -one.confidence


def place_of(entry: QueueEntry) -> tuple[bool, int, bool, float, str]:
    """Where a table stands in the queue: those with a lower place come before it."""
    gravest = entry.waiting[0]
    return not entry.is_disputed, -entry.urgency, not entry.stale, -gravest.confidence, str(entry.table)


def _joined(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))
