"""Row filters: which rows of a table the members of a group see.

A filter narrows whoever is in its group, whatever other groups they are in. It is kept by table uuid and by the field
ids of the columns that it names, so that neither a rename nor a new column of an old name loosens it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from townlake.domain.errors import NotFound
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.governance.audit import Audit
from townlake.governance.deciding import may_decide, may_open
from townlake.governance.grants import parse_group
from townlake.governance.predicates import check_predicate, column_names, predicate_sql, renamed
from townlake.governance.tables import ROW_FILTERS
from townlake.state.store import reading
from townlake.state.versions import POLICY, bump


class RowFilter(Value):
    """A predicate that must hold for every row that a member of the group sees."""

    id: int
    table: TableRef
    """The table's name when the filter was added."""
    table_uuid: str
    group: str
    predicate: str
    fields: Mapping[str, tuple[int, str]]
    """Field id and type of each column that it names, as they were."""
    added_by: str
    at: datetime

    def predicate_for(self, table: TableInfo) -> str | None:
        """The predicate in the table's names of today, or None when a column is gone or has another type."""
        today = {column.field_id: column for column in table.columns}
        names = {}
        for name, (field_id, column_type) in self.fields.items():
            column = today.get(field_id)
            if column is None or column.type != column_type:
                return None
            names[name] = column.name
        if all(old == new for old, new in names.items()):
            return self.predicate
        return renamed(self.predicate, names)


class RowFilters:
    """The registry of row filters. Every change is in the audit, in the transaction that makes it."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self._clock = clock
        self._audit = audit

    def add(self, table: TableInfo, group: str, predicate: str, *, by: Principal) -> RowFilter:
        """Let the members of a group see only the rows for which the predicate is true.

        Raises:
            AccessDenied: `by` is not a person.
            BadInput: the predicate does more than compare columns of the table with literals of their kind.
        """
        may_decide(by)
        tree = check_predicate(predicate, {column.name: column.type for column in table.columns})
        columns = {column.name: (column.field_id, column.type) for column in table.columns}
        values = {"table_uuid": table.uuid, "group_name": parse_group(group), "predicate": predicate_sql(tree)}
        same = sa.and_(*(ROW_FILTERS.c[name] == value for name, value in values.items()))
        with self._audit.transaction() as work:
            work.connection.execute(sa.delete(ROW_FILTERS).where(same))
            work.connection.execute(
                sa.insert(ROW_FILTERS).values(
                    **values,
                    table_name=str(table.ref),
                    fields=json.dumps({name: columns[name] for name in column_names(tree)}),
                    added_by=by.subject,
                    at=self._clock(),
                )
            )
            made = _row_filter(work.connection.execute(sa.select(ROW_FILTERS).where(same)).one())
            bump(work.connection, POLICY)
            work.record("row_filter.added", by, _told(made))
        return made

    def remove(
        self,
        id: int,  # noqa: A002 - the field's name
        *,
        by: Principal,
        tables: Iterable[TableInfo],
        four_eyes: bool = True,
    ) -> RowFilter:
        """Take a filter away, so that its group sees all rows.

        Args:
            id: the filter's number.
            by: a person.
            tables: what the lake holds, to see whom the table belongs to.
            four_eyes: False lets owners open their own tables.

        Raises:
            AccessDenied: `by` is not a person, or owns the table.
            NotFound: there is no such filter.
        """
        may_decide(by)
        here = ROW_FILTERS.c.id == id
        with self._audit.transaction() as work:
            row = work.connection.execute(sa.select(ROW_FILTERS).where(here)).first()
            if row is None:
                raise NotFound("There is no such row filter.")
            gone = _row_filter(row)
            may_open(by, (table for table in tables if table.uuid == gone.table_uuid), four_eyes=four_eyes)
            work.connection.execute(sa.delete(ROW_FILTERS).where(here))
            bump(work.connection, POLICY)
            work.record("row_filter.removed", by, _told(gone))
        return gone

    def list(self) -> tuple[RowFilter, ...]:
        """All filters, in the order in which they were added."""
        with reading(self._state) as connection:
            return tuple(map(_row_filter, connection.execute(sa.select(ROW_FILTERS).order_by(ROW_FILTERS.c.id))))


def _row_filter(row: sa.Row[tuple[object, ...]]) -> RowFilter:
    return RowFilter(
        id=row.id,
        table=TableRef.parse(row.table_name),
        table_uuid=row.table_uuid,
        group=row.group_name,
        predicate=row.predicate,
        fields=json.loads(row.fields),
        added_by=row.added_by,
        at=row.at,
    )


def _told(row_filter: RowFilter) -> dict[str, object]:
    # The predicate's literals are values; the audit says what was filtered, the registry says how.
    return {"table": str(row_filter.table), "group": row_filter.group, "columns": sorted(row_filter.fields)}
