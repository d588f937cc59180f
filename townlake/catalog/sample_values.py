"""From Arrow columns to sampled texts: nested types leaf by leaf, distinct values counted, memory bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest
from random import Random
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from townlake.domain.sample import ColumnSample, TableSample
from townlake.domain.table import ColumnInfo, TableInfo

DISTINCT: Final = 300
"""Distinct values of a column: what 1 % of them hold is then found with 95 % certainty."""
DISTINCT_TEXTS: Final = 1_000
"""The same for long text, where little may be hidden in much."""
LONG_TEXT: Final = 30
"""Characters from which a text counts as long."""
LONGEST: Final = 600
"""Characters of a value that are kept."""
_MOST_VALUES: Final = 1_500
"""Values that are kept of a column, repeats included."""
_MOST_BYTES: Final = 64 * 1024**2
"""Characters that are kept of all columns of a table."""
_ROWS_OF_A_PART: Final = 400
_ROWS_OF_FEW: Final = 3_000
"""Rows of all parts together, where there are few parts."""
_MOST_LEAVES: Final = 2_000
_MOST_PLACES: Final = 64


@dataclass
class _Leaf:
    path: str
    type: str
    parts: list[list[str]] = field(default_factory=list)
    null_count: int = 0
    size: int = 0


class SampleValues:
    """Collects values of the columns of one table, part by part, so that each part has its share of the sample.

    Args:
        columns: the columns that are wanted.
        parts: about how many parts will come.
        salt: a secret by which rows are chosen, so that nobody who writes a table can tell which are looked at.
    """

    def __init__(self, columns: Sequence[ColumnInfo], parts: int, salt: bytes = b"") -> None:
        self._columns = {column.field_id: column for column in columns}
        self._parts = max(1, parts)
        self._room = max(32 * 1024, _MOST_BYTES // max(1, len(columns)))
        self._leaves: dict[int, dict[str, _Leaf]] = {
            column.field_id: {} if column.is_nested else {column.name: _Leaf(column.name, column.type)}
            for column in columns
        }
        self._count = len(columns)
        self._without_leaves: set[int] = set()
        self._random = Random(salt)  # noqa: S311 - its seed is the secret
        self._places: dict[tuple[int, int], pa.Array] = {}
        self.bytes_read = 0

    def take(self, field_id: int, array: pa.Array) -> None:
        """Keep values of a part of a column, spread over its rows."""
        column = self._columns[field_id]
        self.bytes_read += array.nbytes
        for path, kind, leaf_values in _leaves(column.name, column.type, array):
            self._keep(field_id, path, kind, leaf_values)

    def held(self, field_id: int) -> int:
        """How many values are held of a column."""
        return sum(len(part) for leaf in self._leaves[field_id].values() for part in leaf.parts)

    def columns(self, null_shares: Mapping[int, float]) -> tuple[ColumnSample, ...]:
        """The sample.

        Args:
            null_shares: NULLs among all rows, by field id, where it is known.
        """
        return tuple(
            replace(
                _sample(
                    field_id, leaf, null_shares.get(field_id) if leaf.path == self._columns[field_id].name else None
                ),
                is_whole=field_id not in self._without_leaves,
            )
            for field_id, leaves in self._leaves.items()
            for leaf in leaves.values()
        )

    def _keep(self, field_id: int, path: str, kind: str, array: pa.Array) -> None:
        leaves = self._leaves[field_id]
        if path not in leaves:
            if self._count >= _MOST_LEAVES:
                self._without_leaves.add(field_id)
                return
            leaves[path] = _Leaf(path, kind)
            self._count += 1
        leaf = leaves[path]
        spread = self._spread(array, max(_ROWS_OF_A_PART, _ROWS_OF_FEW // self._parts))
        present = spread.drop_null()
        leaf.null_count += len(spread) - len(present)
        texts = _texts(present)
        most = _wanted(texts)
        room = 3 * -(-most // self._parts)
        part: list[str] = []
        seen: set[str] = set()
        for text in texts:
            if leaf.size + len(text) > self._room or len(part) >= _MOST_VALUES // min(self._parts, 3):
                break
            if text not in seen:
                if len(seen) >= room:
                    continue
                seen.add(text)
            part.append(text)
            leaf.size += len(text)
        if part:
            leaf.parts.append(part)

    def _spread(self, array: pa.Array, most: int) -> pa.Array:
        """Rows of all places, in an order of chance; where nearly all are NULL, those that are not, with some NULLs."""
        if len(array) > most and array.null_count > 0.9 * len(array):
            present = self._spread(array.drop_null(), most)
            return pa.concat_arrays([present, pa.nulls(min(most, array.null_count), array.type)])
        return array.take(self._chosen(len(array), most))

    def _chosen(self, size: int, most: int) -> pa.Array:
        """Places of rows; columns that are read together, and are of one length, share them."""
        if (size, most) not in self._places:
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            self._places[size, most] = pa.array(self._random.sample(range(size), min(size, most)), pa.int64())
        return self._places[size, most]


def sample_rows(info: TableInfo, rows: pa.Table, seconds: float, salt: bytes = b"") -> TableSample:
    """The sample that some rows of a table of another source are, all its columns in their order."""
    batches = [batch for batch in rows.to_batches() if batch.num_rows]
    values = SampleValues(info.columns, len(batches), salt)
    for batch in batches:
        for at, column in enumerate(info.columns):
            values.take(column.field_id, batch.column(at))
    return TableSample(
        table=info.ref,
        table_uuid=info.uuid,
        columns=values.columns({}),
        rows=rows.num_rows,
        rows_read=rows.num_rows,
        bytes_read=values.bytes_read,
        seconds=round(seconds, 3),
        salt=salt,
    )


def _sample(field_id: int, leaf: _Leaf, null_share: float | None) -> ColumnSample:
    values = _merged(leaf.parts)
    sampled = sum(map(len, leaf.parts)) + leaf.null_count
    share = leaf.null_count / sampled if sampled and null_share is None else null_share or 0.0
    null_count = round(len(values) * share / (1 - share)) if share < 1 else leaf.null_count
    return ColumnSample(field_id, leaf.path, leaf.type, values, null_count, null_share)


def _merged(parts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The values of all parts in turn, until there are as many distinct ones as are wanted."""
    most = _wanted(list(chain.from_iterable(parts)))
    kept: list[str] = []
    seen: set[str] = set()
    for text in chain.from_iterable(zip_longest(*parts)):
        if text is None:
            continue
        if text not in seen:
            if len(seen) >= most:
                continue
            seen.add(text)
        kept.append(text)
        if len(kept) >= _MOST_VALUES:
            break
    return tuple(kept)


def _wanted(texts: Sequence[str]) -> int:
    is_long = bool(texts) and sum(map(len, texts)) > LONG_TEXT * len(texts)
    return DISTINCT_TEXTS if is_long else DISTINCT


def _leaves(path: str, kind: str, array: pa.Array) -> Iterator[tuple[str, str, pa.Array]]:
    """Every leaf of a column with the way to it."""
    shape = array.type
    if isinstance(array, pa.ExtensionArray):
        yield from _leaves(path, kind, array.storage)
    elif isinstance(array, pa.DictionaryArray):
        yield path, kind, array.dictionary_decode()
    elif pa.types.is_struct(shape):
        for at in range(shape.num_fields):
            yield from _leaves(f"{path}.{shape.field(at).name}", "", pc.struct_field(array, at))
    elif pa.types.is_map(shape):
        yield from _leaves(f"{path}.key", "", array.keys)
        yield from _leaves(f"{path}.value", "", array.items)
    elif pa.types.is_list(shape) or pa.types.is_large_list(shape) or pa.types.is_fixed_size_list(shape):
        yield from _leaves(f"{path}.element", "", array.flatten())
    else:
        yield path, kind or _trino_name(shape), array


def _texts(array: pa.Array) -> list[str]:
    """Values as Trino would write them in a text, cut."""
    shape = array.type
    if pa.types.is_string(shape) or pa.types.is_large_string(shape):
        return list(pc.utf8_slice_codeunits(array, 0, LONGEST).to_pylist())
    if pa.types.is_binary(shape) or pa.types.is_large_binary(shape) or pa.types.is_fixed_size_binary(shape):
        return [_text_of(value) for value in array.to_pylist()]
    if pa.types.is_timestamp(shape):
        array = array.cast(pa.timestamp("us"), safe=False)
    try:
        return list(array.cast(pa.string()).to_pylist())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return [str(value)[:LONGEST] for value in array.to_pylist()]


def _text_of(value: bytes) -> str:
    """Bytes that are a text, as that text; others in hexadecimal digits."""
    try:
        return value[: 4 * LONGEST].decode("utf-8")[:LONGEST]
    except UnicodeDecodeError:
        return value[: LONGEST // 2].hex()


def _trino_name(shape: pa.DataType) -> str:
    if pa.types.is_boolean(shape):
        return "boolean"
    if pa.types.is_integer(shape):
        return "bigint"
    if pa.types.is_floating(shape):
        return "double"
    if pa.types.is_decimal(shape):
        return f"decimal({shape.precision},{shape.scale})"
    if pa.types.is_date(shape):
        return "date"
    if pa.types.is_timestamp(shape):
        return "timestamp(6)"
    if pa.types.is_time(shape):
        return "time(6)"
    return "varbinary" if pa.types.is_binary(shape) else "varchar"
