"""What a statement gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from townlake.domain.names import TableRef
from townlake.domain.verdict import OutputColumn

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a run.

    A dataclass, since it holds an Arrow table; it never enters a checkpoint. Large
    results stay here and travel by `query_id`.
    """

    table: pa.Table
    """As many Arrow columns as `columns`, in the same order; names may repeat in `columns` but not here."""
    columns: tuple[OutputColumn, ...]
    truncated: bool
    """True when a limit cut the result; the rows are then the first ones, not all."""
    query_id: str
    snapshots: Mapping[TableRef, int | None] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def masked(self) -> bool:
        """True when any column holds masked values."""
        return any(column.masked for column in self.columns)
