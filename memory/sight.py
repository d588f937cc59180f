"""What a caller may see: decided by policy, handed to memory, which never decides itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from townlake.domain.decision import Effect, TableAccess
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.table import TableInfo
from townlake.domain.value import Value
from townlake.sql.keys import TableKeys, keys_of


class Sight(Value):
    """The tables and columns that exist for one caller.

    Whatever is not named here cannot be found, cannot lend its words to a table, and cannot lend its values to
    an answer. Build it once for a caller and a policy version and pass the same object again: what memory derives
    from it is remembered for as long as the object is used.
    """

    tables: frozenset[TableRef] = frozenset()
    """Tables whose name and description may be found."""
    columns: Mapping[TableRef, frozenset[str]] = Field(default_factory=dict)
    """Columns that exist for the caller, masked ones included."""
    open_columns: Mapping[TableRef, frozenset[str]] = Field(default_factory=dict)
    """Columns whose raw values the caller may read in every row."""
    clear_columns: Mapping[TableRef, frozenset[str]] = Field(default_factory=dict)
    """Columns that are not masked for the caller, whatever rows the caller sees."""
    uuids: Mapping[TableRef, str] = Field(default_factory=dict)
    """Which table each name stands for now. What an index holds of another one by that name is not found."""
    fields: Mapping[TableRef, Mapping[str, int]] = Field(default_factory=dict)
    """Likewise the field id of each visible column."""
    keys: Mapping[TableRef, TableKeys] = Field(default_factory=dict)
    """The declared keys of all tables, so that what is right does not depend on who asks: to reason with, not to show.
    """

    @classmethod
    def of(cls, pairs: Iterable[tuple[TableInfo, TableAccess]]) -> Sight:
        """What policy's answers amount to.

        A table is found by name unless it is restricted and closed to the caller. Below a row filter no
        column counts as open: a value could come from a row that the caller does not see.
        """
        tables: set[TableRef] = set()
        columns: dict[TableRef, frozenset[str]] = {}
        opened: dict[TableRef, frozenset[str]] = {}
        clear: dict[TableRef, frozenset[str]] = {}
        uuids: dict[TableRef, str] = {}
        fields: dict[TableRef, dict[str, int]] = {}
        every: list[TableInfo] = []
        for info, access in pairs:
            every.append(info)
            closed = access.decision.effect is Effect.DENY
            if not (info.restricted and closed):
                tables.add(info.ref)
                uuids[info.ref] = info.uuid
            if closed:
                continue
            visible = columns[info.ref] = frozenset(access.visible)
            fields[info.ref] = {column.name: column.field_id for column in info.columns if column.name in visible}
            allowed = [c for c in access.columns if c.decision.effect is Effect.ALLOW]
            clear[info.ref] = frozenset(c.column.column for c in allowed)
            if not access.row_filters and access.decision.filter is None:
                opened[info.ref] = frozenset(c.column.column for c in allowed if c.decision.filter is None)
        return cls(
            tables=frozenset(tables),
            columns=columns,
            open_columns=opened,
            clear_columns=clear,
            uuids=uuids,
            fields=fields,
            keys=keys_of(every),
        )

    @classmethod
    def whole(cls, tables: Iterable[TableInfo]) -> Sight:
        """Everything of these tables, for measuring and for tests."""
        infos = tuple(tables)
        columns = {info.ref: frozenset(column.name for column in info.columns) for info in infos}
        return cls(
            tables=frozenset(columns),
            columns=columns,
            open_columns=columns,
            clear_columns=columns,
            uuids={info.ref: info.uuid for info in infos},
            fields={info.ref: {column.name: column.field_id for column in info.columns} for info in infos},
            keys=keys_of(infos),
        )

    def finds(self, table: TableRef) -> bool:
        """Whether the caller may know that this table exists."""
        return table in self.tables

    def reads(self, table: TableRef) -> bool:
        """Whether at least one column of this table exists for the caller."""
        return bool(self.columns.get(table))

    def sees(self, column: ColumnRef) -> bool:
        """Whether this column exists for the caller."""
        return column.column in self.columns.get(column.table, frozenset())

    def opens(self, column: ColumnRef) -> bool:
        """Whether the caller reads the raw values of this column."""
        return column.column in self.open_columns.get(column.table, frozenset())

    def clears(self, column: ColumnRef) -> bool:
        """Whether the caller reads this column unmasked, in those rows that exist for the caller.

        Enough to compute with it; to name one of its values to the caller, ask `opens`.
        """
        return column.column in self.clear_columns.get(column.table, frozenset())
