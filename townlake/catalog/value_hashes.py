"""Salted hashes of the values of one column, to tell whether another column has the same values, and keep none."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Iterator
from typing import Final

from townlake.catalog.files import Files
from townlake.domain.errors import HomeError
from townlake.domain.table import ColumnInfo, TableInfo

MOST_ROWS: Final = 1_000_000
"""Of a longer column no hashes are made: half of a key would deny what the other half holds."""
_TELLING: Final = re.compile(r"(?=.{6})(?:\d{9,}|.*\D.*)", re.DOTALL)
"""Numbers of up to eight digits are in every key by chance."""


def hashes_of(values: Iterable[str], salt: bytes) -> frozenset[int]:
    """Hashes of the values that can tell a key; without the salt, which is kept nowhere, nobody can try values.

    >>> len(hashes_of(["12", "12345678", "cus_81hs72", "123456789"], b"salt"))
    2
    """
    return frozenset(_hash(value, salt) for value in values if _TELLING.fullmatch(value))


def column_hashes(info: TableInfo, column: ColumnInfo, files: Files, salt: bytes, seconds: float) -> frozenset[int]:
    """Hashes of all values of a column; none for one that is too long, or takes too long.

    Raises:
        StorageUnavailable: no file can be read now.
        HomeError: a file is missing or damaged.
    """
    if info.snapshot_id is None or info.row_count is None or info.row_count > MOST_ROWS:
        return frozenset()
    ends = time.monotonic() + seconds
    found: set[int] = set()
    try:
        for values in _values(info, column, files):
            found |= hashes_of(values, salt)
            if time.monotonic() > ends:
                return frozenset()
    except (OSError, ValueError) as error:
        raise files.fault(error) or HomeError(
            "A file of this table is missing or damaged, so its key cannot be compared.",
            hint="Put its files back, or drop it and load it again; `skipper doctor` tells more.",
        ) from error
    return frozenset(found)


def _values(info: TableInfo, column: ColumnInfo, files: Files) -> Iterator[list[str]]:
    import pyarrow as pa
    from pyiceberg.table import StaticTable

    table = StaticTable.from_metadata(info.metadata_location, dict(files.properties))
    scan = table.scan(snapshot_id=info.snapshot_id, selected_fields=(column.name,))
    for batch in scan.to_arrow_batch_reader():
        yield [text for text in batch.column(0).cast(pa.string()).to_pylist() if text is not None]


def _hash(value: str, salt: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value.encode("utf-8"), digest_size=8, key=salt).digest(), "big")
