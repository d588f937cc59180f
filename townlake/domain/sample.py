"""A sample of a table's values, as the scanner gets it: for classification only, and never for a log."""

from __future__ import annotations

from dataclasses import dataclass, field

from townlake.domain.names import TableRef


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """Values of one column, or of one leaf of a nested column. It holds values, so its repr shows none."""

    field_id: int
    """Of the column of the table, also for a leaf."""
    path: str
    """The column's name, and for a leaf the way to it: `address.city`, `tags.element`, `attributes.key`."""
    type: str
    """Trino's name of the type of the values."""
    values: tuple[str, ...] = field(default=(), repr=False)
    """As text, with repeats as they came; long texts are cut."""
    null_count: int = 0
    """NULLs for so many values as the sample holds; from Iceberg's metrics where there are some."""
    null_share: float | None = None
    """NULLs among all rows, 0 to 1; None where no metrics tell."""
    is_whole: bool = True
    """False where the column has more leaves than are sampled."""


@dataclass(frozen=True, slots=True)
class TableSample:
    """What was sampled of a table."""

    table: TableRef
    table_uuid: str
    columns: tuple[ColumnSample, ...]
    snapshot_id: int | None = None
    sequence_number: int | None = None
    """The place of that snapshot in the table's history; a later sample may begin after it. None outside of Iceberg."""
    rows: int = 0
    """Rows of the files that were looked at, by their metrics; deleted rows are counted, too."""
    rows_read: int = 0
    files: int = 0
    """Data files that were listed."""
    files_read: int = 0
    bytes_read: int = 0
    """Bytes of the values that were read, as they lie in memory."""
    is_complete: bool = True
    """False when time ran out before all was read that should have been."""
    seconds: float = 0.0
    salt: bytes = field(default=b"", repr=False)
    """The secret by which rows were chosen, and values of them are to be chosen."""
