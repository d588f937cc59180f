"""How much a statement would read, for an engine that cannot tell: from the sizes that snapshots sum up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.verdict import Scan, ScanColumn, Verdict
from townlake.governance.scan_limit import UNKNOWN_SIZE

_WIDTHS: Final = {"boolean": 1, "tinyint": 1, "smallint": 2, "integer": 4, "real": 4, "date": 4}
_NUMBER: Final = 8
_LONG: Final = {"varchar": 24, "varbinary": 48, "array": 64, "map": 64, "row": 64}


def estimated_reads(verdict: Verdict, table: Callable[[Scan], TableInfo | None]) -> tuple[tuple[TableRef, int], ...]:
    """The tables that a statement would read, with the bytes of each.

    Files hold column by column, so a scan counts with the share of its columns, by what their types usually take; as
    often as the statement names the table. No filter is counted: an estimate from above. An unknown size is over any
    limit. Tables of other sources are left out: only Trino reads those.

    Where the caller sees only some rows of a table, the statement counts its tables whole, and such a one in steps of
    powers of two: what a statement is charged may not tell how many rows are hidden, or which.

    Args:
        verdict: the statement.
        table: a table with the size of the snapshot that a scan reads.
    """
    text = verdict.sql or ""
    found = []
    for scan in verdict.scans:
        ref, info = scan.table, table(scan)
        if info is None or ref.is_federated:
            continue
        if info.byte_count is None:
            found.append((ref, UNKNOWN_SIZE))
            continue
        size = in_steps(info.byte_count) if ref in verdict.row_filtered else info.byte_count
        share = 1.0 if verdict.row_filtered else _share(scan, info)
        times = max(1, text.count(f'"{ref.catalog}"."{ref.namespace}"."{ref.name}"'))
        found.append((ref, round(size * share * times)))
    return tuple(found)


def in_steps(size: int) -> int:
    """The power of two that is not below a size, and a megabyte at least.

    >>> in_steps(0) == in_steps(2**20) == 2**20, in_steps(2**20 + 1) == 2**21
    (True, True)
    """
    return int(2 ** max(20, (size - 1).bit_length()))


def _share(scan: Scan, info: TableInfo) -> float:
    # Of an older snapshot the newest schema may hold none of the columns.
    return min(1.0, _width(scan.columns) / max(1, _width(info.columns)))


def _width(columns: Iterable[ColumnInfo | ScanColumn]) -> int:
    return sum(map(_width_of, (column.type for column in columns)))


def _width_of(kind: str) -> int:
    """What a value of a type usually takes in a file.

    >>> _width_of("date"), _width_of("decimal(12,2)"), _width_of("varchar(10)")
    (4, 8, 24)
    """
    name = kind.partition("(")[0]
    return _WIDTHS.get(name) or _LONG.get(name, _NUMBER)
