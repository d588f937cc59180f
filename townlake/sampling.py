"""Samples for classification: what nobody has reviewed, read by the scanner alone, each one in the audit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from townlake.catalog.catalog import Catalog
from townlake.domain.errors import AccessDenied, BadInput, EngineError, NotFound
from townlake.domain.names import ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.sample import TableSample
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.governance.audit import Audit
from townlake.governance.scanner import SCANNER
from townlake.outcomes import failure, for_callers

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.catalog.value_hashes import Hashes

SAMPLE_SECONDS: Final = 45.0
"""For the sample of one table, however large."""

Elsewhere: TypeAlias = "Callable[[TableInfo, Principal, float, str], pa.Table]"
"""Reads rows of a table of another source in so many seconds, under a query id."""


class Sampling:
    """The part of the door that samples pass.

    Args:
        catalog: the tables and their files.
        audit: where each sample is written down.
        elsewhere: reads tables of other sources; None where nothing can.
    """

    def __init__(self, catalog: Catalog, audit: Audit, elsewhere: Elsewhere | None) -> None:
        self._catalog = catalog
        self._audit = audit
        self._elsewhere = elsewhere

    def sample(self, ref: TableRef, principal: Principal, since: int | None, seconds: float) -> TableSample:
        """Values of all columns of a table, reviewed or not; it counts for nobody's day.

        Rows that were deleted from a table may be among them.

        Args:
            ref: the table.
            principal: the scanner; everybody else is refused.
            since: the sequence number of an earlier sample: only files that were added after it are read.
            seconds: after which nothing further is read.

        Raises:
            AccessDenied: it is not the scanner who asks.
            NotFound: there is no such table.
            BadInput: it cannot be sampled, or not from here.
            HomeError: a file of it cannot be read.
            EngineError: the engine failed; its own words are in the operator's log only.
            AuditUnavailable: the intent or the outcome could not be written down.
        """
        info = self._scannable(ref, principal)
        with self._noted(info, principal, info.columns, since) as (query_id, told):
            sample = self._sampled(info, principal, since, seconds, query_id)
            told.update(rows=sample.rows_read, bytes=sample.bytes_read)
        return sample

    def hashes(self, column: ColumnRef, principal: Principal, salt: bytes, seconds: float) -> Hashes:
        """Salted hashes of all values of a column of the lake, to tell whether another column holds the same keys.

        Args:
            column: the column; of a nested or very long one there are no hashes.
            principal: the scanner; everybody else is refused.
            salt: drawn anew for each run, and kept nowhere.
            seconds: after which there are none.

        Raises:
            AccessDenied: it is not the scanner who asks.
            NotFound: there is no such column in the lake.
            HomeError: a file of the table cannot be read.
            AuditUnavailable: the intent or the outcome could not be written down.
        """
        from townlake.catalog.value_hashes import column_hashes

        info = self._scannable(column.table, principal)
        found = None if info.ref.is_federated else info.column(column.column)
        if found is None:
            raise NotFound(
                f"There is no column {column} in the lake.", hint=f"`skipper tables {column.table}` lists them."
            )
        with self._noted(info, principal, (found,), None) as (_, told):
            hashes = column_hashes(info, found, self._catalog.files, salt, seconds)
            told.update(rows=len(hashes))
        return hashes

    def _scannable(self, ref: TableRef, principal: Principal) -> TableInfo:
        # Whatever a catalog service told up to two seconds ago, its files may be gone by now.
        info = self._catalog.look(afresh=True).table(ref)
        if info is None:
            raise NotFound(f"There is no table {ref}.", hint="`skipper tables` lists them.")
        if principal != SCANNER:
            self._audit.sampling_refused(principal, info)
            raise AccessDenied(
                "Only the scanner samples tables.", hint=f"`skipper review request {ref}` asks for a review."
            )
        return info

    @contextmanager
    def _noted(
        self, info: TableInfo, principal: Principal, columns: Sequence[ColumnInfo], since: int | None
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """An intent before values are read, an outcome after it; the caller tells how much was read."""
        engine, told = "trino" if info.ref.is_federated else "files", dict[str, Any]()
        query_id = self._audit.sampling(principal, info, columns, engine=engine, since=since)
        done, began = partial(self._audit.outcome, query_id, principal), time.monotonic()
        try:
            yield query_id, told
        except BaseException as error:
            status, words = failure(error)
            done(status, error=words)
            if isinstance(error, EngineError):
                raise for_callers(error) from None
            raise
        done("ok", seconds=round(time.monotonic() - began, 3), **told)

    def _sampled(
        self, info: TableInfo, principal: Principal, since: int | None, seconds: float, query_id: str
    ) -> TableSample:
        salt = self._audit.sample_salt(info.uuid)
        if not info.ref.is_federated:
            from townlake.catalog.sampling import sample_files

            return sample_files(info, self._catalog.files, since, seconds, salt)
        if self._elsewhere is None:
            raise BadInput(
                f"{info.ref} lies in another source, which only Trino reads, with a login of Skipper's own.",
                hint="Set `engine` to trino, or review the table by hand.",
            )
        from townlake.catalog.sample_values import sample_rows

        began = time.monotonic()
        rows = self._elsewhere(info, principal, seconds, query_id)
        return sample_rows(info, rows, time.monotonic() - began, salt)
