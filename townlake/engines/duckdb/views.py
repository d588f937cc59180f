"""The relations that a statement may name, made from its scans."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from townlake.domain.verdict import Scan
from townlake.engines.dialect.types import duckdb_type
from townlake.engines.duckdb.job import View


def views_of(scans: Sequence[Scan]) -> tuple[View, ...]:
    """One view for each table, named in three parts, with exactly the columns of its scan.

    The raw scan has no name that a statement could use: it exists only inside the view.
    """
    return tuple({scan.table: _view(scan) for scan in scans}.values())


def _view(scan: Scan) -> View:
    names = (scan.table.catalog, scan.table.namespace, scan.table.name)
    if scan.snapshot_id is None:
        return View(*names, body=_empty(scan))
    columns = ", ".join(_quoted(column.name) for column in scan.columns)
    location = scan.metadata_location.replace("'", "''")
    body = f"SELECT {columns} FROM iceberg_scan('{location}', snapshot_from_id = {int(scan.snapshot_id)})"  # noqa: S608
    return View(*names, body, metadata_path=_local(scan.metadata_location), snapshot_id=scan.snapshot_id)


def _empty(scan: Scan) -> str:
    # DuckDB cannot scan a table that was never written.
    columns = ", ".join(
        f"CAST(NULL AS {duckdb_type(column.type)}) AS {_quoted(column.name)}" for column in scan.columns
    )
    return f"SELECT {columns} WHERE false"


def _local(location: str) -> str | None:
    parts = urlsplit(location)
    return unquote(parts.path) if parts.scheme in {"", "file"} else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
