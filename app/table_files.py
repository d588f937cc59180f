"""Whether the files that the newest snapshots consist of are there and whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from townlake.catalog.files import Files
from townlake.domain.table import TableInfo

_PARQUET_END: Final = b"PAR1"


def file_faults(tables: Iterable[TableInfo], files: Files) -> tuple[str, ...]:
    """What is wrong with the files of each table, for the operator; their rows are not read.

    Tables of other sources have no files here.

    Raises:
        StorageUnavailable: no file can be read now.
    """
    own = (info for info in tables if not info.ref.is_federated)
    return tuple(f"{info.ref}: {fault}" for info in own for fault in _faults(info.metadata_location, files))


def _faults(location: str, files: Files) -> Iterator[str]:
    from pyiceberg.table import StaticTable

    try:
        table = StaticTable.from_metadata(location, properties=dict(files.properties))
        listed = {file for task in table.scan().plan_files() for file in (task.file, *task.delete_files)}
    except (OSError, ValueError) as error:
        if fault := files.fault(error):
            raise fault from error
        yield f"its list of files cannot be read ({type(error).__name__})"
        return
    for file in sorted(listed, key=lambda file: file.file_path):
        if not _whole(files, file.file_path, file.file_size_in_bytes):
            yield f"{file.file_path.rpartition('/')[2]} is missing or cut off"


def _whole(files: Files, location: str, size: int) -> bool:
    try:
        return files.end(location, len(_PARQUET_END)) == (_PARQUET_END, size)
    except OSError:
        return False
