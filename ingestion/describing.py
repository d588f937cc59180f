"""Put what a `schema.json` says on a table of the lake: its words, and types that hold more than before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.arrow_types import arrow_type, promotes
from ingestion.ingested import Widened
from ingestion.names import lake_name
from ingestion.schema_file import DescribedSchema, DescribedTable
from ingestion.schema_names import absent_targets
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef

if TYPE_CHECKING:
    from townlake.catalog.catalog import Catalog
    from townlake.domain.table import TableInfo


@dataclass(frozen=True, slots=True)
class Describing:
    """What a file says about one table, and the table."""

    catalog: Catalog
    ref: TableRef
    described: DescribedSchema
    told: DescribedTable | None
    """What the file says of this table; None when it says nothing."""

    def changes(self, there: TableInfo | None) -> tuple[Widened, ...]:
        """The columns of the table that are told to have another type.

        Raises:
            BadInput: a type is told that the values that are there cannot take.
        """
        if there is None or self.told is None:
            return ()
        found = []
        for column in there.columns:
            told = self.told.of(column.name) or self.told.column(column.source_name or column.name)
            if told is None or told.type is None or told.type.strip().lower() == column.type:
                continue
            old, new = arrow_type(column.type), arrow_type(told.type)
            if old == new:
                continue
            if not promotes(old, new):
                raise BadInput(
                    f"The column {column.name} of {self.ref} is {column.type} and cannot become {told.type}.",
                    hint="A column can only become wider: integer to bigint, real to double, decimal to more digits. "
                    f"Correct the type in the description, or `skipper drop {self.ref}` and load it again: "
                    "it is reviewed anew then.",
                )
            found.append(Widened(column=column.name, before=column.type, now=told.type.strip().lower()))
        return tuple(found)

    def widen(self, there: TableInfo | None) -> tuple[Widened, ...]:
        """Let columns hold what they are told to; no row is written again."""
        changes = self.changes(there)
        for change in changes:
            self.catalog.widen_column(self.ref, change.column, arrow_type(change.now))
        return changes

    def put(self) -> bool:
        """Put the words on the table; gives whether they are others than before."""
        info = self.catalog.table(self.ref)
        if self.told is None or info is None:
            return False
        names = {column.name: column.name for column in info.columns}
        for column in self.told.columns:
            called = (column.original_name or "", lake_name(column.original_name or ""))
            kept = lake_name(column.name)
            names |= {name: kept for name in called if kept and name and name not in names}
        names |= {column.name: name for column in self.told.columns if (name := lake_name(column.name))}
        # A name of which nothing can be kept is that of the file.
        names = {column.source_name: column.name for column in info.columns if column.source_name} | names
        before = self.catalog.description(self.ref)
        words = self.described.description(self.told, names, self.ref.namespace, before)
        if words != before:
            self.catalog.describe(self.ref, words)
        return words != before

    def notes(self) -> tuple[str, ...]:
        """What of the description has no effect, or none yet."""
        if not self.described.tables:
            return ()
        if self.told is None:
            return ("the description says nothing about it",)
        known = [table.ref.name for table in self.catalog.tables() if table.ref.namespace == self.ref.namespace]
        info = self.catalog.table(self.ref)
        whole = self.told.partition_filter is True and info is not None and not info.partition_filter
        unheld = ("its files are not partitioned, so partition_filter holds nothing yet",) if whole else ()
        return unheld + tuple(
            f"its key to {name} shows when {name} is loaded"
            for name in absent_targets(self.described, self.ref.name, known)
        )
