"""Live credentials in a column are an incident: opened by the finding, closed by a person with a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from townlake.domain.errors import BadInput, NotFound
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.value import Value
from townlake.governance.audit import Audit, AuditTransaction
from townlake.governance.deciding import may_decide
from townlake.governance.tables import INCIDENTS
from townlake.state.store import reading


class Incident(Value):
    """A column that holds live credentials."""

    id: int
    table: TableRef
    table_uuid: str
    column: str
    label: str
    at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    word: str = ""
    """What was done about it."""


def open_incident(
    work: AuditTransaction, by: Principal, table: TableInfo, column: ColumnInfo, label: str, now: datetime
) -> None:
    """Record that a column holds live credentials, once as long as nobody has closed it."""
    same = sa.and_(
        INCIDENTS.c.table_uuid == table.uuid, INCIDENTS.c.field_id == column.field_id, INCIDENTS.c.closed_at.is_(None)
    )
    if work.connection.execute(sa.select(INCIDENTS.c.id).where(same)).first() is not None:
        return
    work.connection.execute(
        sa.insert(INCIDENTS).values(
            table_uuid=table.uuid,
            field_id=column.field_id,
            table_name=str(table.ref),
            column_name=column.name,
            label=label,
            at=now,
            closed_by="",
            word="",
        )
    )
    details = {"table": str(table.ref), "table_uuid": table.uuid, "column": column.name, "label": label}
    work.record("incident.secret", by, details | {"owner": table.owner})


class Incidents:
    """The registry of incidents."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self._clock = clock
        self._audit = audit

    def list(self, *, closed_too: bool = False) -> tuple[Incident, ...]:
        """The incidents that nobody has closed, or all of them, oldest first."""
        query = sa.select(INCIDENTS).order_by(INCIDENTS.c.id)
        if not closed_too:
            query = query.where(INCIDENTS.c.closed_at.is_(None))
        with reading(self._state) as connection:
            return tuple(_incident(row) for row in connection.execute(query))

    def close(self, number: int, by: Principal, word: str) -> Incident:
        """Close an incident.

        Args:
            number: its number.
            by: a person.
            word: what was done about it.

        Raises:
            AccessDenied: `by` is not a person.
            BadInput: the word is empty.
            NotFound: there is no such incident, or it is closed.
        """
        may_decide(by)
        if not word.strip():
            raise BadInput("An incident is closed with a word on what was done.", hint="Say --note 'rotated on 3 May'.")
        where = sa.and_(INCIDENTS.c.id == number, INCIDENTS.c.closed_at.is_(None))
        with self._audit.transaction() as work:
            values = {"closed_at": self._clock(), "closed_by": by.subject, "word": word.strip()}
            if not work.connection.execute(sa.update(INCIDENTS).where(where).values(**values)).rowcount:
                raise NotFound(f"There is no open incident {number}.", hint="`skipper review incidents` lists them.")
            row = work.connection.execute(sa.select(INCIDENTS).where(INCIDENTS.c.id == number)).one()
            closed = _incident(row)
            details = {"table": str(closed.table), "table_uuid": closed.table_uuid, "column": closed.column}
            work.record("incident.closed", by, details | {"note": closed.word})
        return closed


def _incident(row: sa.Row[tuple[object, ...]]) -> Incident:
    return Incident(
        id=row.id,
        table=TableRef.parse(row.table_name),
        table_uuid=row.table_uuid,
        column=row.column_name,
        label=row.label,
        at=row.at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        word=row.word,
    )
