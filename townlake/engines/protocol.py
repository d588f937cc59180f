"""What an engine can do for the lake."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Protocol, TypeAlias

from townlake.domain.finding import Finding
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.progress import Progress
from townlake.domain.rows import Rows
from townlake.domain.value import Value
from townlake.domain.verdict import OutputColumn, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

Reads: TypeAlias = tuple[tuple[TableRef, int], ...]
"""Tables that a statement would read, with the bytes of each."""


class Explanation(Value):
    """What the engine says of a statement before it runs."""

    columns: tuple[OutputColumn, ...] = ()
    """The result's columns with Trino's type names; `masked` is copied from the verdict."""
    reads: Reads | None = None
    """The tables that it would read, with the bytes of each by the engine's own estimate; None where it has none."""
    findings: tuple[Finding, ...] = ()
    """Type errors, unknown functions, forms that this engine does not map; an ERROR stops the statement."""


class Engine(Protocol):
    """Runs checked statements. Two implementations: DuckDB in worker processes, and Trino."""

    @property
    def name(self) -> str:
        """`duckdb` or `trino`, with the version."""
        ...

    def explain(self, verdict: Verdict, *, runs_next: bool = False) -> Explanation:
        """Check names and types, reading no data.

        Args:
            verdict: what passed the guard.
            runs_next: True where the statement runs at once, and nothing depends on how much it reads: an engine may
                leave out what costs as much as a part of the run, and would show there, too.
        """
        ...

    def run(
        self,
        verdict: Verdict,
        limits: Limits,
        query_id: str,
        cancelled: Event | None = None,
        progress: Callable[[Progress], None] | None = None,
        sink: Callable[[pa.RecordBatch], None] | None = None,
    ) -> Rows:
        """Run the verdict's SQL at the snapshots that its scans name, telling how far it is where that is known.

        With a `sink` the rows are given to it as they come, batch by batch, and the result's table has none of them, so
        that it may be of any size; what the sink raises ends the statement.

        Raises:
            EngineError: with a class in Trino's words and no value of a table in the message.
            LimitExceeded: time, memory or bytes ran out; rows are cut instead, with `truncated`.
            Cancelled: `cancelled` was set.
        """
        ...

    def close(self) -> None:
        """Stop every worker."""
        ...
