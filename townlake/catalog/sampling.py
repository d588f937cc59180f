"""Sample a table of the lake from its files: some rows of row groups that lie far apart.

`LIMIT` would read the first file, which holds one day or one country. So files are chosen over all partitions, the
oldest, the newest and those between, and of each a few rows of row groups in turn. Rows that a delete file takes away
may be sampled: they lie in the same files, and for telling what a column holds they are as good as others.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from townlake.catalog.files import Files
from townlake.catalog.sample_values import DISTINCT, SampleValues
from townlake.domain.errors import BadInput, HomeError
from townlake.domain.sample import TableSample
from townlake.domain.table import TableInfo

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import ManifestFile
    from pyiceberg.table import StaticTable

_PICKS: Final = 24
"""Row groups that are read of a table."""
_CHUNKS: Final = 5_000
"""Columns of row groups that are read of a table: each costs a page of a megabyte or two, however few its rows are."""
_FOR_ALL: Final = 3
"""The oldest, the newest and the middle file are read for all columns, the others for some in turn."""
_AT_ONCE: Final = 50
"""Columns that are read together, which bounds the memory for their pages."""
_CELLS: Final = 12_000_000
"""Values that are read of a table."""
_MOST_ROWS: Final = 200_000
_SKIPPED: Final = 500_000
"""Values before those that are read of a row group: they are decoded, too, and bound how far a pick may lie."""
_BYTES_OF_A_PICK: Final = 32 * 1024**2
_PATIENT_ROWS: Final = 2_000_000
"""Rows of one column that are looked through for its few values."""
_LISTING_SHARE: Final = 0.5
"""Of the time, for the list of files."""
_BUFFER: Final = 64 * 1024
_DELETED: Final = 2
_FIELD_ID: Final = b"PARQUET:field_id"


class _File(NamedTuple):
    path: str
    partition: str
    sequence: int
    rows: int
    size: int


@dataclass
class _Files:
    """The data files of a table, and what their metrics add up to."""

    found: list[_File] = field(default_factory=list)
    nulls: dict[int, int] = field(default_factory=dict)
    without_metrics: set[int] = field(default_factory=set)
    fullest: dict[int, tuple[int, _File]] = field(default_factory=dict)
    """Of each column, the file with the most values that are not NULL."""
    is_complete: bool = True

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.found)

    def add(self, file: _File, nulls: Mapping[int, int], wanted: Iterable[int]) -> None:
        self.found.append(file)
        for field_id in wanted:
            count = nulls.get(field_id)
            if count is None:
                self.without_metrics.add(field_id)
                continue
            self.nulls[field_id] = self.nulls.get(field_id, 0) + count
            if file.rows - count > self.fullest.get(field_id, (0, file))[0]:
                self.fullest[field_id] = file.rows - count, file

    def null_shares(self) -> dict[int, float]:
        rows = self.rows
        return {name: count / rows for name, count in self.nulls.items() if rows and name not in self.without_metrics}


def sample_files(info: TableInfo, files: Files, since: int | None, seconds: float, salt: bytes = b"") -> TableSample:
    """A sample of a table.

    Args:
        info: the table as it is now.
        files: where its files lie.
        since: the sequence number of an earlier sample: only files that were added after it are read.
        seconds: after which no further file is opened.
        salt: a secret by which rows are chosen; the same one chooses the same rows.

    Raises:
        BadInput: its files are not Parquet.
        StorageUnavailable: no file can be read now.
        HomeError: a file is missing or damaged.
    """
    from pyiceberg.table import StaticTable

    began = time.monotonic()
    try:
        table = StaticTable.from_metadata(info.metadata_location, dict(files.properties))
        snapshot = None if info.snapshot_id is None else table.metadata.snapshot_by_id(info.snapshot_id)
        wanted = [column.field_id for column in info.columns]
        listed = (
            _Files()
            if snapshot is None
            else _listed(table, snapshot.manifests(table.io), wanted, since, began, seconds)
        )
        chosen = chosen_files(listed.found, _PICKS)
        values = SampleValues(info.columns, min(len(chosen), _PICKS // _turns(info)), salt)
        reader = _Reader(info, table.io, values, began + seconds, salt)
        for turn, file in enumerate(chosen):
            reader.read(file, turn, picks=-(-_PICKS // len(chosen)))
        reader.look_for_the_few(listed)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise files.fault(error) or _damaged() from error
    return TableSample(
        table=info.ref,
        table_uuid=info.uuid,
        columns=values.columns(listed.null_shares()),
        snapshot_id=info.snapshot_id,
        sequence_number=None if snapshot is None else snapshot.sequence_number or None,
        rows=listed.rows,
        rows_read=reader.rows,
        files=len(listed.found),
        files_read=reader.files,
        bytes_read=values.bytes_read,
        is_complete=listed.is_complete and reader.is_complete,
        seconds=round(time.monotonic() - began, 3),
        salt=salt,
    )


def chosen_files(files: Sequence[_File], most: int) -> list[_File]:
    """The oldest, the newest and the middle file, one of partitions at even distances, and files at even distances.

    Args:
        files: all of them.
        most: how many may be chosen.
    """
    if not files:
        return []
    by_age = sorted(files, key=lambda file: (file.sequence, file.path))
    by_place = sorted(files, key=lambda file: (file.partition, file.sequence, file.path))
    last_of = {file.partition: file for file in by_place}
    chosen = [by_age[0], by_age[-1], by_age[len(by_age) // 2]]
    chosen += _spaced(list(last_of.values()), most // 2) + _spaced(by_place, most)
    return list(dict.fromkeys(chosen))[:most]


def _spaced(files: Sequence[_File], most: int) -> list[_File]:
    if len(files) <= most:
        return list(files)
    return [files[place * (len(files) - 1) // (most - 1)] for place in range(most)]


def _listed(
    table: StaticTable,
    manifests: Sequence[ManifestFile],
    wanted: Sequence[int],
    since: int | None,
    began: float,
    seconds: float,
) -> _Files:
    from pyiceberg.manifest import ManifestContent

    found = _Files()
    for manifest in manifests:
        if manifest.content is not ManifestContent.DATA:
            continue
        # Numbers begin with version 2 of the format; in older tables all files count as new.
        number = manifest.sequence_number or 0
        if since is not None and 0 < number <= since:
            continue
        if time.monotonic() - began > seconds * _LISTING_SHARE:
            found.is_complete = False
            break
        for file, nulls, form in _entries(table, manifest):
            if since is not None and 0 < file.sequence <= since:
                continue
            if form.upper() != "PARQUET":
                raise BadInput(
                    "The files of this table are not Parquet, so it cannot be sampled.",
                    hint="Review it by hand, or write it again as Parquet.",
                )
            found.add(file, nulls, wanted)
    return found


def _entries(table: StaticTable, manifest: ManifestFile) -> Iterator[tuple[_File, Mapping[int, int], str]]:
    """The live files of a manifest, one by one: the metrics of all columns of all files would not fit into memory."""
    from pyiceberg.avro.file import AvroFile
    from pyiceberg.manifest import (
        DEFAULT_READ_VERSION,
        DataFile,
        ManifestEntry,
        data_file_with_partition,
        manifest_entry_schema_with_data_file,
    )

    parts = table.specs()[manifest.partition_spec_id].partition_type(table.schema())
    kind = manifest_entry_schema_with_data_file(
        DEFAULT_READ_VERSION, data_file_with_partition(parts, DEFAULT_READ_VERSION)
    )
    source = table.io.new_input(manifest.manifest_path)
    with AvroFile[ManifestEntry](source, kind, read_types={-1: ManifestEntry, 2: DataFile}) as entries:
        for entry in entries:
            # As the number that it is in the file: the reader is told of no enums.
            if entry.status == _DELETED:
                continue
            file = entry.data_file
            number = manifest.sequence_number if entry.sequence_number is None else entry.sequence_number
            place = _File(file.file_path, str(file.partition), number or 0, file.record_count, file.file_size_in_bytes)
            yield place, file.null_value_counts or {}, str(file.file_format)


class _Reader:
    """Reads parts of data files, as long as there is time."""

    def __init__(self, info: TableInfo, io: FileIO, values: SampleValues, deadline: float, salt: bytes) -> None:
        self._info = info
        self._io = io
        self._values = values
        self._deadline = deadline
        self._random = Random(salt)  # noqa: S311 - its seed is the secret
        self._rows_of_a_pick = max(50, min(_MOST_ROWS, _CELLS // max(1, len(info.columns))) // _PICKS)
        self.rows = 0
        self.files = 0
        self.is_complete = True

    def read(self, file: _File, turn: int, picks: int) -> None:
        """Rows of some row groups of a file, which differ from turn to turn, as the columns of a wide table do."""
        if not self._has_time():
            return
        with self._opened(file) as parquet:
            self.files += 1
            names = _names_by_id(parquet, self._info)
            if turn >= _FOR_ALL:
                every = _turns(self._info)
                names = {field: name for at, (field, name) in enumerate(names.items()) if at % every == turn % every}
            groups = parquet.metadata.num_row_groups
            places = (
                [(turn + at * max(1, groups // picks)) % groups for at in range(min(picks, groups))] if groups else []
            )
            for group in dict.fromkeys(places):
                if names and self._has_time():
                    # A file with few groups gives more rows of each.
                    self._read_group(parquet, group, names, self._rows_of_a_pick * picks // len(places))

    def look_for_the_few(self, listed: _Files) -> None:
        """Read on, column by column, where nearly all values are NULL and the sample has few of the others."""
        for column in self._info.columns:
            count, file = listed.fullest.get(column.field_id, (0, None))
            held = self._values.held(column.field_id)
            if file is None or held >= min(count, DISTINCT // 4) or not self._has_time():
                continue
            with self._opened(file) as parquet:
                name = _names_by_id(parquet, self._info).get(column.field_id)
                if name is None:
                    continue
                left = _PATIENT_ROWS
                for batch in parquet.iter_batches(batch_size=65_536, columns=[name], use_threads=False):
                    array = batch.column(0)
                    if array.null_count < len(array):
                        self._values.take(column.field_id, array)
                    left -= len(array)
                    if left <= 0 or self._values.held(column.field_id) >= DISTINCT or not self._has_time():
                        break

    def _read_group(self, parquet: pq.ParquetFile, group: int, names: Mapping[int, str], rows: int) -> None:
        told = parquet.metadata.row_group(group)
        if not told.num_rows:
            return
        size_of_a_row = max(1, told.total_byte_size // told.num_rows)
        count = max(10, min(rows, _BYTES_OF_A_PICK // size_of_a_row))
        fields = list(names)
        for at in range(0, len(fields), _AT_ONCE):
            part = fields[at : at + _AT_ONCE]
            columns = [names[field] for field in part]
            first = self._random.randrange(1 + max(0, min(told.num_rows - count, _SKIPPED // len(part))))
            batches = parquet.iter_batches(batch_size=count, row_groups=[group], columns=columns, use_threads=False)
            within = [
                batch
                for place, batch in zip(range(first // count + 2), batches, strict=False)
                if place >= first // count and self._has_time()
            ]
            if not within or not self._has_time():
                return
            rows_read = pa.Table.from_batches(within).slice(first % count, count).combine_chunks()
            for field_id in part:
                for chunk in rows_read.column(names[field_id]).chunks:
                    self._values.take(field_id, chunk)
            self.rows += rows_read.num_rows if at == 0 else 0

    def _opened(self, file: _File) -> pq.ParquetFile:
        return pq.ParquetFile(self._io.new_input(file.path).open(), pre_buffer=False, buffer_size=_BUFFER)

    def _has_time(self) -> bool:
        self.is_complete = self.is_complete and time.monotonic() < self._deadline
        return self.is_complete


def _turns(info: TableInfo) -> int:
    """After how many files it is a column's turn again: 1 for tables that are not wide."""
    return max(1, -(-_PICKS * len(info.columns) // _CHUNKS))


def _names_by_id(parquet: pq.ParquetFile, info: TableInfo) -> dict[int, str]:
    """What a file calls the columns: a column may have been renamed since, and one of another id is another one."""
    names = {int((part.metadata or {}).get(_FIELD_ID, -1)): part.name for part in parquet.schema_arrow}
    if set(names) == {-1}:
        names = {column.field_id: column.name for column in info.columns if column.name in parquet.schema_arrow.names}
    return {column.field_id: names[column.field_id] for column in info.columns if column.field_id in names}


def _damaged() -> HomeError:
    return HomeError(
        "A file of this table is missing or damaged, so it cannot be sampled.",
        hint="Put its files back, or drop it and load it again; `skipper doctor` tells more.",
    )
