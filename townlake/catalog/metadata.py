"""Read an Iceberg metadata file directly.

PyIceberg takes 1.5 s to import, a question does not have that; the file is small JSON with a public format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from townlake.catalog.batches import held_batches
from townlake.catalog.files import Files
from townlake.catalog.iceberg_types import trino_type
from townlake.domain.errors import HomeError
from townlake.domain.names import is_name
from townlake.domain.table import ColumnInfo


@dataclass(frozen=True, slots=True)
class Metadata:
    """What one metadata file says, as far as reading needs it."""

    location: str
    uuid: str
    columns: tuple[ColumnInfo, ...]
    """The newest schema. A column whose name no statement could write is left out: it stays closed."""
    snapshot_id: int | None
    schema_is_newer: bool
    """True when the schema was changed after the newest snapshot was written."""
    row_count: int | None
    byte_count: int | None
    snapshots: Mapping[int, int | None]
    """The bytes of every snapshot that is still kept; None where its writer did not say."""
    batches: frozenset[str]
    """The batches whose rows the table holds."""
    partitioned_by: tuple[str, ...] = ()
    """The columns that its files are partitioned by, whatever is made of them."""
    comment: str = ""
    """What the source of the table says of it."""


def read_metadata(location: str, files: Files) -> Metadata:
    """Read a metadata file.

    Raises:
        StorageUnavailable: no file can be read now; the table may be whole.
        HomeError: the file is missing or is not Iceberg metadata. The message names no table; the log does.
    """
    try:
        return parsed(location, json.loads(files.read(location)))
    except (OSError, ValueError) as error:
        raise _damaged() from error


def parsed(location: str, document: Mapping[str, Any]) -> Metadata:
    """What the content of a metadata file says.

    Raises:
        HomeError: it is no Iceberg metadata.
    """
    try:
        return _parsed(location, document)
    except (ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise _damaged() from error


def _damaged() -> HomeError:
    return HomeError(
        "A table of this lake is damaged: its metadata file is missing or unreadable.",
        hint="Run `skipper doctor`: it names the table. Put its files back, or drop it and load it again.",
    )


def _parsed(location: str, document: Mapping[str, Any]) -> Metadata:
    schema = next(s for s in document["schemas"] if s["schema-id"] == document["current-schema-id"])
    snapshots = {s["snapshot-id"]: s for s in document.get("snapshots") or ()}
    current = document.get("current-snapshot-id")
    snapshot = snapshots[current] if current is not None and current != -1 else None
    summary = snapshot.get("summary", {}) if snapshot else {}
    return Metadata(
        location=location,
        uuid=document["table-uuid"],
        columns=tuple(_column(field) for field in schema["fields"] if is_name(field["name"])),
        snapshot_id=current if snapshot else None,
        schema_is_newer=snapshot is not None and snapshot.get("schema-id") != document["current-schema-id"],
        row_count=_row_count(summary) if snapshot else 0,
        byte_count=_size(summary) if snapshot else 0,
        snapshots={number: _size(each.get("summary", {})) for number, each in snapshots.items()},
        batches=held_batches(snapshots, current if snapshot else None),
        partitioned_by=_partitioned_by(document, schema),
    )


def _size(summary: Mapping[str, Any]) -> int | None:
    return _number(summary.get("total-files-size"))


def _partitioned_by(document: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, ...]:
    specs = (s for s in document.get("partition-specs") or () if s["spec-id"] == document.get("default-spec-id"))
    parts = next(specs, {"fields": ()})["fields"]
    by = {part["source-id"] for part in parts if part["transform"] != "void"}
    return tuple(field["name"] for field in schema["fields"] if field["id"] in by and is_name(field["name"]))


def _column(field: Mapping[str, Any]) -> ColumnInfo:
    return ColumnInfo(
        name=field["name"],
        type=trino_type(field["type"]),
        field_id=field["id"],
        comment=field.get("doc") or "",
        nullable=not field["required"],
    )


def _row_count(summary: Mapping[str, str]) -> int | None:
    total = _number(summary.get("total-records"))
    deleted = _number(summary.get("total-position-deletes")) or 0
    by_equality = _number(summary.get("total-equality-deletes")) or 0
    # How many rows an equality delete takes away is not written down.
    return None if total is None or by_equality else total - deleted


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
