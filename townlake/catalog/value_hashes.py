"""Salted hashes of the values of one column, to tell whether another column has the same values, and keep none."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from townlake.catalog.files import Files
from townlake.domain.errors import HomeError
from townlake.domain.table import ColumnInfo, TableInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_ROWS: Final = 1_000_000
"""Of a longer column no hashes are made: half of a key would deny what the other half holds."""
_TELLING: Final = re.compile(r"(?=.{6})(?:\d{9,}|.*\D.*)", re.DOTALL)
"""Numbers of up to eight digits are in every key by chance."""


class _TooLong(Exception):
    """There is no more time for a column."""


class Hashes:
    """The different hashes of the values of a column, eight bytes each: a set of them would take ten times as much.

    Args:
        parts: hashes in any order, also more than once.
    """

    def __init__(self, parts: Iterable[Collection[int]] = ()) -> None:
        import numpy as np

        arrays = [np.fromiter(part, np.uint64, len(part)) for part in parts]
        self._sorted: NDArray[np.uint64] = np.unique(np.concatenate(arrays)) if arrays else np.empty(0, np.uint64)

    def __len__(self) -> int:
        return len(self._sorted)

    def count(self, hashes: Collection[int]) -> int:
        """How many of these hashes are among them."""
        import numpy as np

        wanted = np.fromiter(hashes, np.uint64, len(hashes))
        places = np.searchsorted(self._sorted, wanted)
        inside = places < len(self._sorted)
        return int(np.count_nonzero(self._sorted[places[inside]] == wanted[inside]))


def hashes_of(values: Iterable[str], salt: bytes) -> frozenset[int]:
    """Hashes of the values that can tell a key; without the salt, which is kept nowhere, nobody can try values.

    >>> len(hashes_of(["12", "12345678", "cus_81hs72", "123456789"], b"salt"))
    2
    """
    return frozenset(_hash(value, salt) for value in values if _TELLING.fullmatch(value))


def is_comparable(info: TableInfo, column: ColumnInfo) -> bool:
    """True for a column of the lake that has hashes: not nested, not empty and not too long."""
    is_short = info.row_count is not None and info.row_count <= MOST_ROWS
    return not info.ref.is_federated and info.snapshot_id is not None and is_short and not column.is_nested


def column_hashes(info: TableInfo, column: ColumnInfo, files: Files, salt: bytes, seconds: float) -> Hashes:
    """Hashes of all values of a column; none for one that is nested or too long, or takes too long.

    Raises:
        StorageUnavailable: no file can be read now.
        HomeError: a file is missing or damaged, or its values cannot be read as texts.
    """
    import pyarrow as pa

    if not is_comparable(info, column):
        return Hashes()
    ends = time.monotonic() + seconds

    def parts() -> Iterator[Collection[int]]:
        for values in _values(info, column, files):
            if time.monotonic() > ends:
                raise _TooLong
            yield hashes_of(values, salt)

    try:
        return Hashes(parts())
    except _TooLong:
        return Hashes()
    except (OSError, ValueError, NotImplementedError, pa.ArrowException) as error:
        raise files.fault(error) or HomeError(
            "A file of this table is missing or damaged, or its values are no texts, so its key cannot be compared.",
            hint="Put its files back, or drop it and load it again; `skipper doctor` tells more.",
        ) from error


def _values(info: TableInfo, column: ColumnInfo, files: Files) -> Iterator[list[str]]:
    import pyarrow as pa
    from pyiceberg.table import StaticTable

    table = StaticTable.from_metadata(info.metadata_location, dict(files.properties))
    scan = table.scan(snapshot_id=info.snapshot_id, selected_fields=(column.name,))
    for batch in scan.to_arrow_batch_reader():
        yield [text for text in batch.column(0).cast(pa.string()).to_pylist() if text is not None]


def _hash(value: str, salt: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value.encode("utf-8"), digest_size=8, key=salt).digest(), "big")
