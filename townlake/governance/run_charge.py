"""What one run is charged to its caller's day: reserved before, counted while it runs, settled after."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from townlake.domain.errors import LimitExceeded, SkipperError
from townlake.domain.limits import Limits
from townlake.domain.progress import Progress
from townlake.domain.verdict import Verdict
from townlake.governance.approvals import Approvals
from townlake.governance.day_uses import Use
from townlake.governance.quotas import Bounds, Quotas, Reserved
from townlake.governance.scan_limit import size_words
from townlake.governance.statement_uses import count_statement


class RunCharge:
    """The reckoning of one run.

    Args:
        verdict: what runs.
        quotas: None where nobody's day is limited.
        bounds: what holds for the statement.
        size: bytes that it would read, by the estimate.
        approvals: where runs by an approval are counted.
        run_id: the question that it belongs to.
        estimate: bytes that it would read, where nothing depended on it before.
    """

    def __init__(
        self,
        verdict: Verdict,
        quotas: Quotas | None,
        bounds: Bounds,
        size: int,
        approvals: Approvals | None = None,
        run_id: str = "",
        estimate: Callable[[], int] = lambda: 0,
    ) -> None:
        self._caller = verdict.principal
        self._run_id = run_id
        self._estimate = estimate
        self._reads_sources = any(scan.table.is_federated for scan in verdict.scans)
        self._hides_rows = bool(verdict.row_filtered)
        self._approvals = approvals
        self._quotas = quotas
        self._bounds = bounds
        self._size = size
        self._reserved: Reserved | None = None
        self._last: Progress | None = None
        self._began = 0.0
        self._took = Use()
        self._never_ran = False

    @property
    def approval(self) -> int | None:
        """The approval by which it runs."""
        return self._bounds.approval

    @property
    def limits(self) -> Limits:
        """The bounds of the run."""
        return self._bounds.limits if self._reserved is None else self._reserved.limits

    def reserve(self, connection: sa.Connection) -> None:
        """Take from the day what the run may need, in the transaction of its intent.

        Raises:
            LimitExceeded: the day does not suffice any more, or the approval is used up.
        """
        if self._approvals is not None and self._bounds.approval is not None:
            self._approvals.use(connection, self._bounds.approval)
        if self._quotas is not None and self._bounds.days:
            self._reserved = self._quotas.reserve(connection, self._bounds, self._size)

    def start(self) -> None:
        """The run begins."""
        self._began = time.perf_counter()

    def meter(self, progress: Callable[[Progress], None] | None) -> Callable[[Progress], None]:
        """What the engine tells how far it is: the last word counts.

        It raises LimitExceeded when more is read of other sources than may be: Trino itself bounds only what it reads
        from storage.
        """

        def told(now: Progress) -> None:
            self._last = now
            if progress is not None:
                progress(now)
            most = self.limits.scan_bytes
            if self._reads_sources and most is not None and self._read(now) > most:
                raise LimitExceeded(
                    f"The statement read more than the {size_words(most)} that it may.",
                    limit="bytes",
                    hint="Filter its rows, or name fewer columns.",
                )

        return told

    def stop(self, *, lost: bool = False) -> dict[str, Any]:
        """The run has ended.

        Args:
            lost: the engine was away, so nobody knows how much was read after its last word.

        Returns:
            What the audit says of it: seconds, and what was read where that counts for a day.
        """
        seconds = time.perf_counter() - self._began
        self._never_ran = lost and self._last is None
        if self._quotas is None:
            return {"seconds": round(seconds, 3)}
        if self._reserved is None and not self._never_ran and not self._hides_rows:
            with suppress(SkipperError):
                self._size = self._estimate()
        read = self._charged(lost)
        self._took = Use(read, round(seconds * 1000))
        if self._reserved is None:
            return {"seconds": round(seconds, 3)}
        return {"seconds": round(seconds, 3), "read_bytes": read}

    def settle(self, connection: sa.Connection) -> None:
        """Put what was taken in the place of what was reserved, in the transaction of the outcome."""
        if self._quotas is not None and self._reserved is not None:
            self._quotas.settle(connection, self._reserved, self._took)
        if self._quotas is not None and not self._never_ran:
            told = not self._hides_rows
            count_statement(connection, self._quotas.now(), self._caller, self._run_id, self._took, told=told)
        if self._approvals is not None and self._bounds.approval is not None and self._never_ran:
            self._approvals.give_back(connection, self._bounds.approval)

    def _charged(self, lost: bool) -> int:
        """Bytes that count for the day."""
        if self._never_ran:
            return 0
        # What is read of a table would tell of rows in it that the caller does not see.
        if self._last is None or (self._hides_rows and not self._reads_sources):
            return self._size
        read = self._read(self._last)
        return max(read, self._size) if lost or self._hides_rows else read

    def _read(self, now: Progress) -> int:
        """Bytes that were read so far. What other sources sent was never read from storage."""
        return max(now.stored_bytes, now.bytes) if self._reads_sources else now.stored_bytes or now.bytes
