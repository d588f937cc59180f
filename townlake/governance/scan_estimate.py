"""How much a statement would read, for an engine that cannot tell: from the sizes that snapshots sum up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from townlake.domain.names import TableRef
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.verdict import Scan, Verdict

_WIDTHS: Final = {"boolean": 1, "tinyint": 1, "smallint": 2, "integer": 4, "real": 4, "date": 4}
_NUMBER: Final = 8
_LONG: Final = {"varchar": 24, "varbinary": 48, "array": 64, "map": 64, "row": 64}


def estimated_reads(
    verdict: Verdict, table: Callable[[TableRef], TableInfo | None]
) -> tuple[tuple[TableRef, int], ...]:
    """The tables that a statement would read, with the bytes of each.

    Files hold column by column, so a scan counts with the share of its columns, by what their types usually take; as
    often as the statement names the table. No filter is counted: an estimate from above.
    """
    text = verdict.sql or ""
    found = []
    for scan in verdict.scans:
        info = table(scan.table)
        if info is not None and info.byte_count:
            ref = scan.table
            times = max(1, text.count(f'"{ref.catalog}"."{ref.namespace}"."{ref.name}"'))
            found.append((ref, round(info.byte_count * _share(scan, info) * times)))
    return tuple(found)


def _share(scan: Scan, info: TableInfo) -> float:
    read = {column.field_id for column in scan.columns}
    return _width(c for c in info.columns if c.field_id in read) / max(1, _width(info.columns))


def _width(columns: Iterable[ColumnInfo]) -> int:
    return sum(map(_width_of, (column.type for column in columns)))


def _width_of(kind: str) -> int:
    """What a value of a type usually takes in a file.

    >>> _width_of("date"), _width_of("decimal(12,2)"), _width_of("varchar(10)")
    (4, 8, 24)
    """
    name = kind.partition("(")[0]
    return _WIDTHS.get(name) or _LONG.get(name, _NUMBER)
