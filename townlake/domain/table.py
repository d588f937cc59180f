"""What the catalog knows about a table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from townlake.domain.names import TableRef
from townlake.domain.value import Value


class Tier(StrEnum):
    """How far a table can be trusted; curated ones are preferred."""

    CURATED = "curated"
    RAW = "raw"
    DEPRECATED = "deprecated"


class ColumnInfo(Value):
    """A column as the newest schema has it."""

    name: str
    type: str
    """Trino's name of the type, in lower case: `bigint`, `decimal(12,2)`, `timestamp(6)`, `array(varchar)`."""
    field_id: int
    """Iceberg's field id: it survives a rename and is never given twice."""
    comment: str = ""
    nullable: bool = True
    source_name: str = ""
    """What its source calls it, where the lake could not keep that name. A stranger wrote it."""

    @property
    def is_nested(self) -> bool:
        """True for a list, a map or a row."""
        return self.type.startswith(("array(", "map(", "row("))


class ForeignKey(Value):
    """Columns that point to the columns of another table, pairwise."""

    columns: tuple[str, ...]
    ref_table: TableRef
    ref_columns: tuple[str, ...]


class Sampling(Value):
    """A table that holds only a share of the events: one row stands for `interval_column` of them."""

    interval_column: str | None = None
    """The column that holds the sample interval of each row."""
    interval: int | None = None
    """The interval when it is the same for all rows."""


class TableInfo(Value):
    """One table at one moment: its identity, schema, provenance and current snapshot."""

    ref: TableRef
    uuid: str
    columns: tuple[ColumnInfo, ...]
    metadata_location: str
    snapshot_id: int | None = None
    """None when nothing was written yet."""
    schema_is_newer: bool = False
    """True when the schema was changed after that snapshot was written."""
    comment: str = ""
    owner: str = ""
    """A person or a team; empty when nobody owns it yet."""
    loaded_by: tuple[str, ...] = ()
    """Who made it or brought rows into it, or found it in another source; empty where nobody knows."""
    tier: Tier = Tier.RAW
    fresh_at: datetime | None = None
    """When the data was last known to be complete, with a time zone."""
    row_count: int | None = None
    byte_count: int | None = None
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    sampling: Sampling | None = None
    replaced_by: TableRef | None = None
    """For a deprecated table: the one to use instead."""
    restricted: bool = False
    """True when even the name is for the granted only."""
    partition_filter: tuple[str, ...] = ()
    """Columns of which each scan must bound one; empty where it may read everything."""
    view_sql: str | None = None
    """Set for a view: its definition in Trino SQL."""

    def column(self, name: str) -> ColumnInfo | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)
