"""Whether the files that the newest snapshots consist of are there and whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from townlake.domain.location import path_of
from townlake.domain.table import TableInfo

_PARQUET_END: Final = b"PAR1"


def file_faults(tables: Iterable[TableInfo]) -> tuple[str, ...]:
    """What is wrong with the files of each table, for the operator; their rows are not read.

    Tables of other sources have no files here.
    """
    own = (info for info in tables if not info.ref.is_federated)
    return tuple(f"{info.ref}: {fault}" for info in own for fault in _faults(info.metadata_location))


def _faults(location: str) -> Iterator[str]:
    from pyiceberg.table import StaticTable

    try:
        files = StaticTable.from_metadata(location).inspect.files().select(["file_path", "file_size_in_bytes"])
    except (OSError, ValueError) as error:
        yield f"its list of files cannot be read ({type(error).__name__})"
        return
    for row in files.to_pylist():
        path = path_of(row["file_path"])
        if not _whole(path, row["file_size_in_bytes"]):
            yield f"{path.name} is missing or cut off"


def _whole(path: Path, size: int) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(-len(_PARQUET_END), 2)
            return file.read() == _PARQUET_END and file.tell() == size
    except OSError:
        return False
