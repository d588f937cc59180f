"""The relations that a statement may name, made from its scans.

DuckDB gives a snapshot the names and types that its columns had when it was written. A scan has those of today. What
holds them together is Iceberg's field id: a name may have belonged to another column then, also to a denied one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from townlake.domain.errors import EngineError
from townlake.domain.location import is_s3, path_of
from townlake.domain.verdict import Scan, ScanColumn
from townlake.engines.dialect.types import duckdb_type
from townlake.engines.duckdb.job import View
from townlake.engines.failures import HINTS, MESSAGES

_UNREADABLE: Final = "TABLE_UNREADABLE"


def views_of(scans: Sequence[Scan]) -> tuple[View, ...]:
    """One view for each table, named in three parts, with exactly the columns of its scan.

    The raw scan has no name that a statement could use: it exists only inside the view.

    Raises:
        EngineError: a snapshot cannot be read without losing, inventing or confusing values.
    """
    return tuple({scan.table: _view(scan, _rows(scan)) for scan in scans}.values())


def empty_views_of(scans: Sequence[Scan]) -> tuple[View, ...]:
    """Views of the same names and types without rows: enough to bind and plan, and no file is opened."""
    return tuple({scan.table: _view(scan, _no_rows(scan)) for scan in scans}.values())


def _view(scan: Scan, body: str) -> View:
    return View(scan.table.catalog, scan.table.namespace, scan.table.name, body)


def _no_rows(scan: Scan) -> str:
    return f"SELECT {', '.join(map(_absent, scan.columns))} WHERE false"


@lru_cache(maxsize=256)
def _rows(scan: Scan) -> str:
    if scan.snapshot_id is None:
        # DuckDB cannot scan a table that was never written.
        return _no_rows(scan)
    if is_s3(scan.metadata_location):
        raise EngineError(
            "The tables of this lake lie in object storage, and the embedded engine reads files of this machine only.",
            code="NOT_SUPPORTED",
            hint='Let Trino run statements: `engine = "trino"` in config.toml of the home, or SKIPPER_ENGINE=trino.',
        )
    then, now = _schemas(scan)
    columns = ", ".join(_column(column, then.get(column.field_id), now.get(column.field_id)) for column in scan.columns)
    location = scan.metadata_location.replace("'", "''")
    return f"SELECT {columns} FROM iceberg_scan('{location}', snapshot_from_id = {int(scan.snapshot_id)})"  # noqa: S608


def _schemas(scan: Scan) -> tuple[dict[int, Any], dict[int, Any]]:
    """The fields by id, at the snapshot and today."""
    try:
        metadata = json.loads(path_of(scan.metadata_location).read_bytes())
        snapshot = next(s for s in metadata["snapshots"] if s["snapshot-id"] == scan.snapshot_id)
        schemas = {schema["schema-id"]: schema["fields"] for schema in metadata["schemas"]}
        then, now = schemas[snapshot["schema-id"]], schemas[metadata["current-schema-id"]]
        _refuse_unsound(snapshot, [field["name"] for field in then])
        return {field["id"]: field for field in then}, {field["id"]: field for field in now}
    except (OSError, ValueError, LookupError, TypeError, StopIteration) as error:
        raise _unreadable(type(error).__name__) from error


def _refuse_unsound(snapshot: Mapping[str, Any], names: Sequence[str]) -> None:
    # DuckDB's Iceberg reader has a record of lost rows with them; nothing else in the lake writes them.
    if int(snapshot.get("summary", {}).get("total-equality-deletes", 0)):
        raise _unreadable("the snapshot holds equality deletes")
    # DuckDB takes one for the other.
    if len({name.lower() for name in names}) < len(names):
        raise _unreadable("two names of the snapshot differ in case only")


def _column(column: ScanColumn, then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    if then is None:
        return _absent(column)
    old, new = _quoted(then["name"]), _quoted(column.name)
    if now is None or then["type"] == now["type"]:
        return f"{old} AS {new}"
    if isinstance(then["type"], str):
        return f"CAST({old} AS {duckdb_type(column.type)}) AS {new}"
    raise EngineError(
        f"The fields inside the column {column.name} were changed after this snapshot was written, "
        "and the embedded engine cannot tell which is which.",
        code="NOT_SUPPORTED",
        hint="Leave the column out, or load the table again: its newest snapshot then has the fields of today.",
    )


def _absent(column: ScanColumn) -> str:
    return f"CAST(NULL AS {duckdb_type(column.type)}) AS {_quoted(column.name)}"


def _unreadable(detail: str) -> EngineError:
    return EngineError(MESSAGES[_UNREADABLE], code=_UNREADABLE, detail=detail, hint=HINTS[_UNREADABLE])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
