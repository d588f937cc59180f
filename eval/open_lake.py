"""A catalog and a policy in one, where everybody sees everything: for measuring, never for people."""

from __future__ import annotations

from collections.abc import Sequence

from townlake.domain.decision import ColumnAccess, Decision, Effect, TableAccess
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.verdict import Scan

_OPEN = Decision(effect=Effect.ALLOW, reason="Everything is open here.", rule="eval:open")


class OpenLake:
    """What the guard asks of a catalog and of a policy, over given tables."""

    def __init__(self, scans: Sequence[Scan]) -> None:
        self._tables = {scan.table: _info(scan) for scan in scans}

    def table(self, ref: TableRef) -> TableInfo | None:
        """The table of that name, or None."""
        return self._tables.get(ref)

    def tables(self) -> Sequence[TableInfo]:
        """All tables."""
        return tuple(self._tables.values())

    def access(self, principal: Principal, table: TableInfo) -> TableAccess:
        """Everything, for everybody."""
        columns = (ColumnRef(table=table.ref, column=column.name) for column in table.columns)
        return TableAccess(
            table=table.ref,
            decision=_OPEN,
            columns=tuple(ColumnAccess(column=column, decision=_OPEN) for column in columns),
        )

    def version(self) -> str:
        """Nothing ever changes."""
        return "open"


def _info(scan: Scan) -> TableInfo:
    return TableInfo(
        ref=scan.table,
        uuid=scan.table_uuid,
        columns=tuple(ColumnInfo(name=c.name, type=c.type, field_id=c.field_id) for c in scan.columns),
        metadata_location=scan.metadata_location,
        snapshot_id=scan.snapshot_id,
        schema_is_newer=scan.schema_is_newer,
    )
