"""Write the rows of a statement to a file as they come: of any size, and all of them or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from townlake.domain.errors import BadInput
from townlake.engines.values import column_values

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.domain.verdict import OutputColumn, Verdict

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet would compute where it stands first in a text; the last four are their full-width forms."""
_NUMBERS: Final = ("decimal", "date", "time", "interval")
"""Types that are texts in JSON and may begin with a sign, and cannot hold a formula."""


class _Writer(Protocol):
    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Export:
    """A file that is being written."""

    path: Path
    writer: _Writer
    rows: int = 0

    def take(self, batch: pa.RecordBatch) -> None:
        """Write one batch.

        Raises:
            BadInput: it cannot be written.
        """
        with reported(self.path):
            self.writer.write(batch)
        self.rows += batch.num_rows


@contextmanager
def export(path: Path, verdict: Verdict, stamp: Mapping[str, str] | None = None) -> Iterator[Export]:
    """A file that takes batches, and is there under its name, for its owner alone, when all went well.

    Arrow and Parquet files keep Trino's type of each column, and the statement with the snapshots that it read;
    intervals are texts there. In CSV a NULL is an empty field and an empty text is `""`; texts that a spreadsheet would
    compute get a `'` in front; arrays, maps and rows are JSON.

    Args:
        path: its end says what it becomes: `.csv`, `.jsonl`, `.parquet`, `.arrow` or `.xlsx`.
        verdict: the statement that runs.
        stamp: what else is written into files that can hold it: all but those of lines.

    Raises:
        BadInput: the end of the name is another, or the file cannot be written.
    """
    opened = _KINDS.get(path.suffix.lower())
    if opened is None:
        raise BadInput(f"{path.name} has no known kind.", hint=f"Let its name end in {', '.join(_KINDS)}.")
    with reported(path):
        # A name that nobody can foresee, so that nobody can put a link there.
        file = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115
    unfinished = Path(file.name)
    try:
        with file:
            writer = opened(file, verdict, stamp or {})
            try:
                yield Export(path, writer)
            finally:
                with reported(path):
                    writer.close()
                    file.flush()
        with reported(path):
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def reported(path: Path) -> Iterator[None]:
    """Tell why a file cannot be written.

    Raises:
        BadInput: the system does not let it.
    """
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written: {(error.strerror or type(error).__name__).lower()}.",
            hint="Choose another place, or make room there.",
        ) from error


class _Columns:
    """A file of columns, whose types are known with the first batch."""

    def __init__(self, verdict: Verdict, stamp: Mapping[str, str], opened: Callable[[pa.Schema], Any]) -> None:
        self._verdict = verdict
        self._stamp = stamp
        self._opened = opened
        self._file: Any = None

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        kinds = [column.type for column in self._verdict.columns]
        arrays = [_storable(array, kind) for array, kind in zip(batch.columns, kinds, strict=True)]
        schema = _schema([array.type for array in arrays], self._verdict, self._stamp)
        if self._file is None:
            self._file = self._opened(schema)
        self._file.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _arrow(file: IO[bytes], verdict: Verdict, stamp: Mapping[str, str]) -> _Writer:
    import pyarrow as pa

    return _Columns(verdict, stamp, lambda schema: pa.ipc.new_file(file, schema))


def _parquet(file: IO[bytes], verdict: Verdict, stamp: Mapping[str, str]) -> _Writer:
    import pyarrow.parquet as pq

    return _Columns(verdict, stamp, lambda schema: pq.ParquetWriter(file, schema, compression="zstd"))


def _storable(array: pa.Array, kind: str) -> pa.Array:
    """The column, as texts where it holds intervals: Parquet has none of Trino's."""
    if "interval" not in kind:
        return array
    import pyarrow as pa

    values = column_values(pa.chunked_array([array]), kind)
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _schema(types: Sequence[pa.DataType], verdict: Verdict, stamp: Mapping[str, str]) -> pa.Schema:
    """The types under the names of the result, and where they come from."""
    import pyarrow as pa

    fields = [
        pa.field(name, kind, metadata={"trino_type": column.type, "masked": str(column.masked).lower()})
        for name, kind, column in zip(names(verdict.columns), types, verdict.columns, strict=True)
    ]
    return pa.schema(fields, metadata={**origin(verdict), **stamp})


def origin(verdict: Verdict) -> dict[str, str]:
    """Where the rows of a statement come from, for whoever finds the file later."""
    scans = {str(scan.table): scan.snapshot_id for scan in verdict.scans}
    return {"sql": verdict.asked, "snapshots": json.dumps(scans)}


def names(columns: tuple[OutputColumn, ...]) -> list[str]:
    """Names that differ: the second `a` is `a_2`. A file whose columns share one cannot be read by most readers.

    >>> from townlake.domain.verdict import OutputColumn
    >>> names(tuple(OutputColumn(name=n, type="bigint") for n in ("a", "a_2", "a")))
    ['a', 'a_2', 'a_3']
    """
    taken = {column.name for column in columns}
    found: list[str] = []
    for column in columns:
        name, number = column.name, 2
        while name in found or (name != column.name and name in taken):
            name, number = f"{column.name}_{number}", number + 1
        found.append(name)
    return found


class _Lines:
    """A text file, line by line."""

    def __init__(self, file: IO[bytes], verdict: Verdict, line: Callable[[list[Any]], str], head: str) -> None:
        self._file = file
        self._types = [column.type for column in verdict.columns]
        self._line = line
        self._file.write(head.encode())

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        columns = [
            column_values(pa.chunked_array([array]), kind)
            for array, kind in zip(batch.columns, self._types, strict=True)
        ]
        self._file.writelines(self._line(list(row)).encode() for row in zip(*columns, strict=True))

    def close(self) -> None:
        """The file is closed by whoever opened it."""


def _csv(file: IO[bytes], verdict: Verdict, _stamp: Mapping[str, str]) -> _Writer:
    texts = [not column.type.startswith(_NUMBERS) for column in verdict.columns]

    def line(values: list[Any]) -> str:
        return _csv_line(_harmless(value) if is_text else value for value, is_text in zip(values, texts, strict=True))

    return _Lines(file, verdict, line, _csv_line(map(_harmless, names(verdict.columns))))


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _csv_line(values: Iterable[Any]) -> str:
    r"""One line.

    >>> _csv_line([None, "", "a,b", "a;b", 1.5, True, ["x"]])
    ',"","a,b","a;b",1.5,true,"[""x""]"\r\n'
    """
    return ",".join(map(_csv_field, values)) + "\r\n"


def _csv_field(value: Any) -> str:
    if value is None:
        return ""
    text = _text(value)
    # Spreadsheets of many languages cut at semicolons.
    is_plain = text and not set(text) & set(',;"\r\n')
    return text if is_plain else '"' + text.replace('"', '""') + '"'


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _jsonl(file: IO[bytes], verdict: Verdict, _stamp: Mapping[str, str]) -> _Writer:
    heads = names(verdict.columns)
    return _Lines(
        file, verdict, lambda row: json.dumps(dict(zip(heads, row, strict=True)), ensure_ascii=False) + "\n", ""
    )


def _xlsx(file: IO[bytes], verdict: Verdict, stamp: Mapping[str, str]) -> _Writer:
    from app.export_xlsx import Sheet

    return Sheet(file, names(verdict.columns), verdict.columns, {**stamp, **origin(verdict)})


_KINDS: Final[Mapping[str, Callable[[IO[bytes], Verdict, Mapping[str, str]], _Writer]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".xlsx": _xlsx,
}
