"""Every change of a column's state, kept for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from townlake.domain.errors import NotFound
from townlake.domain.names import TableRef
from townlake.domain.review import Classification
from townlake.domain.table import TableInfo
from townlake.governance.review_records import UNDECIDED, WAITING, How, ReviewEvent
from townlake.governance.tables import REVIEW_HISTORY
from townlake.state.store import reading

_H: Final = REVIEW_HISTORY.c
_WAITS: Final = sorted(state.value for state in WAITING)
_UNDECIDED: Final = sorted(how.value for how in UNDECIDED)


def keep_event(connection: sa.Connection, event: ReviewEvent) -> None:
    """Add one; none is ever changed or taken away."""
    connection.execute(
        sa.insert(REVIEW_HISTORY).values(
            table_uuid=event.table_uuid,
            field_id=event.field_id,
            table_name=str(event.table),
            column_name=event.column,
            before=event.before.value,
            after=event.after.value,
            mask=event.mask,
            label=event.label,
            reviewer=event.reviewer,
            at=event.at,
            note=event.note,
            how=event.how.value,
            wanted=event.wanted.value if event.wanted else None,
            classification=event.classification.model_dump_json() if event.classification else None,
        )
    )


def events(state: sa.Engine, table_uuid: str | None = None) -> tuple[ReviewEvent, ...]:
    """All of them, or those of a table, oldest first."""
    query = sa.select(REVIEW_HISTORY).order_by(_H.id)
    if table_uuid is not None:
        query = query.where(_H.table_uuid == table_uuid)
    with reading(state) as connection:
        return tuple(_event(row) for row in connection.execute(query))


def of_column(history: Sequence[ReviewEvent], table: TableInfo, name: str) -> tuple[ReviewEvent, ...]:
    """Those of one column, under whatever name it was decided on; of one that is gone, by its name.

    Raises:
        NotFound: the table has no such column, and nobody ever decided on one.
    """
    column = table.column(name)
    if column is not None:
        return tuple(event for event in history if event.field_id == column.field_id)
    gone = tuple(event for event in history if event.column == name)
    if not gone:
        raise NotFound(f"{table.ref} has no column {name}.", hint=f"`skipper review history {table.ref}` tells all.")
    return gone


def last_event(state: sa.Engine) -> int:
    """The number of the newest; 0 before there is one."""
    with reading(state) as connection:
        return int(connection.execute(sa.select(sa.func.max(_H.id))).scalar() or 0)


def waiting_since(state: sa.Engine) -> Mapping[tuple[str, int], datetime]:
    """When each column that was proposed began to wait, by table and field id: its first proposal since a decision."""
    decided = (
        sa.select(_H.table_uuid, _H.field_id, sa.func.max(_H.id).label("last"))
        .where(_H.after.not_in(_WAITS), _H.how.not_in(_UNDECIDED))
        .group_by(_H.table_uuid, _H.field_id)
        .subquery()
    )
    same = sa.and_(decided.c.table_uuid == _H.table_uuid, decided.c.field_id == _H.field_id)
    waits = sa.or_(_H.after.in_(_WAITS), _H.how == How.FIRST.value)
    query = (
        sa.select(_H.table_uuid, _H.field_id, sa.func.min(_H.at).label("since"))
        .select_from(REVIEW_HISTORY.outerjoin(decided, same))
        .where(waits, _H.id > sa.func.coalesce(decided.c.last, 0))
        .group_by(_H.table_uuid, _H.field_id)
    )
    with reading(state) as connection:
        return {(row.table_uuid, row.field_id): row.since for row in connection.execute(query)}


def _event(row: sa.Row[tuple[object, ...]]) -> ReviewEvent:
    return ReviewEvent(
        table=TableRef.parse(row.table_name),
        table_uuid=row.table_uuid,
        field_id=row.field_id,
        column=row.column_name,
        before=row.before,
        after=row.after,
        mask=row.mask,
        label=row.label,
        reviewer=row.reviewer,
        at=row.at,
        note=row.note,
        how=How(row.how),
        wanted=row.wanted,
        classification=None if row.classification is None else Classification.model_validate_json(row.classification),
    )
