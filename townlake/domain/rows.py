"""What a statement gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from townlake.domain.names import TableRef
from townlake.domain.verdict import OutputColumn

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(slots=True)
class Stream:
    """Rows on their way to whoever asked, batch by batch, counted."""

    sink: Callable[[pa.RecordBatch], None]
    must_hold: Callable[[str], str]
    """Given the version of the policy at the last look, gives that of now; raises when the caller may not see them."""
    held: str
    rows: int = 0
    bytes: int = 0
    started: bool = False

    def take(self, batch: pa.RecordBatch) -> None:
        """Pass one batch on."""
        self.held = self.must_hold(self.held)
        self.sink(batch)
        self.started = True
        self.rows += batch.num_rows
        self.bytes += batch.nbytes

    def end(self, schema: pa.Schema) -> None:
        """All are through; where there were none, one empty batch tells the types."""
        if not self.started:
            import pyarrow as pa

            self.take(pa.RecordBatch.from_pylist([], schema=schema))


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
