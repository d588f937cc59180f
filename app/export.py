"""Write the rows of a statement to a file as they come: of any size, and all of them or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from townlake.domain.verdict import OutputColumn, Verdict

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would compute where it stands first in a text."""


class _File(Protocol):
    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Export:
    """A file that is being written."""

    file: _File
    rows: int = 0

    def take(self, batch: pa.RecordBatch) -> None:
        """Write one batch."""
        self.file.write(batch)
        self.rows += batch.num_rows


def suffixes() -> tuple[str, ...]:
    """The kinds of files, by the end of their names."""
    return tuple(_KINDS)


@contextmanager
def export(path: Path, verdict: Verdict) -> Iterator[Export]:
    """A file that takes batches, and is there under its name when all went well.

    Arrow and Parquet files keep Trino's type of each column, and the statement with the snapshots that it read. In CSV
    a NULL is an empty field and an empty text is `""`; texts that a spreadsheet would compute get a `'` in front.
    Arrays, maps and rows are JSON there.

    Args:
        path: its end says what it becomes: `.csv`, `.jsonl`, `.parquet` or `.arrow`.
        verdict: the statement that runs.

    Raises:
        BadInput: the end of the name is another, or the file cannot be written.
    """
    opened = _KINDS.get(path.suffix.lower())
    if opened is None:
        raise BadInput(f"{path.name} has no known kind.", hint=f"Let its name end in {', '.join(_KINDS)}.")
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        file = opened(unfinished, verdict)
        try:
            yield Export(file)
        finally:
            file.close()
        unfinished.replace(path)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written: {(error.strerror or type(error).__name__).lower()}.",
            hint="Choose another place, or make room there.",
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _arrow(path: Path, verdict: Verdict) -> _File:
    import pyarrow as pa

    return _Late(verdict, lambda schema: pa.ipc.new_file(str(path), schema))


def _parquet(path: Path, verdict: Verdict) -> _File:
    import pyarrow.parquet as pq

    return _Late(verdict, lambda schema: pq.ParquetWriter(path, schema, compression="zstd"))


class _Late:
    """A file whose types are known with its first batch."""

    def __init__(self, verdict: Verdict, opened: Callable[[pa.Schema], Any]) -> None:
        self._verdict = verdict
        self._opened = opened
        self._file: Any = None

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        schema = _schema(batch.schema, self._verdict)
        if self._file is None:
            self._file = self._opened(schema)
        self._file.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _schema(given: pa.Schema, verdict: Verdict) -> pa.Schema:
    """The batch's types under the names of the result, and where they come from."""
    import pyarrow as pa

    fields = [
        pa.field(name, kind, metadata={"trino_type": column.type, "masked": str(column.masked).lower()})
        for name, kind, column in zip(_names(verdict.columns), given.types, verdict.columns, strict=True)
    ]
    scans = {str(scan.table): scan.snapshot_id for scan in verdict.scans}
    return pa.schema(fields, metadata={"sql": verdict.asked, "snapshots": json.dumps(scans)})


def _names(columns: tuple[OutputColumn, ...]) -> list[str]:
    """Names that differ: the second `a` is `a_2`. A file whose columns share one cannot be read by most readers.

    >>> from townlake.domain.verdict import OutputColumn
    >>> _names(tuple(OutputColumn(name=n, type="bigint") for n in ("a", "a_2", "a")))
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

    def __init__(self, path: Path, verdict: Verdict, line: Callable[[list[Any]], str], head: str) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._types = [column.type for column in verdict.columns]
        self._line = line
        self._file.write(head)

    def write(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        from townlake.engines.values import column_values

        columns = [
            column_values(pa.chunked_array([array]), kind)
            for array, kind in zip(batch.columns, self._types, strict=True)
        ]
        self._file.writelines(map(self._line, map(list, zip(*columns, strict=True))))

    def close(self) -> None:
        self._file.close()


def _csv(path: Path, verdict: Verdict) -> _File:
    texts = [column.type.startswith(("varchar", "char")) for column in verdict.columns]

    def line(values: list[Any]) -> str:
        return _csv_line(_harmless(value) if is_text else value for value, is_text in zip(values, texts, strict=True))

    return _Lines(path, verdict, line, _csv_line(map(_harmless, _names(verdict.columns))))


def _harmless(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(_FORMULA) else text


def _csv_line(values: Iterable[Any]) -> str:
    r"""One line.

    >>> _csv_line([None, "", "a,b", 1.5, True, ["x"]])
    ',"","a,b",1.5,true,"[""x""]"\r\n'
    """
    return ",".join(map(_csv_field, values)) + "\r\n"


def _csv_field(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    is_plain = text and not set(text) & set(',"\r\n')
    return text if is_plain else '"' + text.replace('"', '""') + '"'


def _jsonl(path: Path, verdict: Verdict) -> _File:
    names = _names(verdict.columns)
    return _Lines(
        path, verdict, lambda row: json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n", ""
    )


_KINDS: Final[Mapping[str, Callable[[Path, Verdict], _File]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".arrow": _arrow,
}
