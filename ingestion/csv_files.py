"""CSV files as parts of a table.

DuckDB reads them, with the separator, the quotes and the columns told: its own guessing takes a file with one short row
for a file of one column.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from ingestion.arrow_types import arrow_type
from ingestion.csv_line_ends import opened, other_line_end
from ingestion.csv_types import FOUND, TEXT, Reading, told_reading
from ingestion.parts import Part
from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    import duckdb

_ROWS_AT_ONCE: Final = 128 * 1024
_SEPARATORS: Final = ",;\t|"
_HEAD: Final = 1 << 20
_LINE: Final = re.compile(r"Error on Line: (\d+)")
_FAULTS: Final = (
    ("Expected Number of Columns", "has another number of values than the header"),
    ("unterminated quote", "has a quote that is not closed"),
    ("Invalid unicode", "is not UTF-8"),
    ("Maximum line size", "is too long"),
)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose header was read."""

    path: Path
    names: tuple[str, ...]
    separator: str


def csv_parts(paths: Sequence[Path], told: Mapping[str, pa.DataType]) -> tuple[Part, ...]:
    """The files as parts of one table, all with the same types.

    Args:
        paths: files with a header line, in UTF-8, separated by comma, semicolon, tab or bar; `.gz` is unpacked.
        told: types that are known beforehand, by the column's name in the files.

    Raises:
        BadInput: a file cannot be read, or a row or a value does not fit; the message names file and line and quotes
            no value.
    """
    files = [_opened(path) for path in paths]
    looks = [_look(file, told) for file in files]
    types = dict(told)
    for name in dict.fromkeys(name for file in files for name in file.names if name not in told):
        # A part in which the column is empty says nothing about its type.
        fitting = [look[name] for look in looks if look.get(name)]
        types[name] = arrow_type(_narrowest(set.intersection(*fitting) if fitting else {TEXT}))
    return tuple(_part(file, types) for file in files)


def csv_names(path: Path) -> tuple[str, ...]:
    """The names in the header of a file.

    Raises:
        BadInput: it has none.
    """
    return _opened(path).names


def _narrowest(kinds: set[str]) -> str:
    return next((kind for kind in FOUND if kind in kinds), TEXT)


def _opened(path: Path) -> CsvFile:
    """Read the header, and from it the separator.

    Raises:
        BadInput: there is none.
    """
    if set("*?[") & set(str(path)):
        raise BadInput(f"{path} cannot be loaded by this name.", hint="Rename it: it must hold none of * ? [.")
    try:
        with opened(path) as stream:
            head = stream.read(_HEAD)
    except (OSError, EOFError) as error:
        raise BadInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}.") from error
    if not head.strip():
        raise BadInput(f"{path} is empty.", hint="The first line must hold the names of the columns.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadInput(f"{path} is UTF-16.", hint="Save it as UTF-8.")
    if b"\0" in head:
        raise BadInput(f"{path} is not text.")
    # A character may be cut at the end of the piece that was read.
    text = head.decode("utf-8-sig", errors="replace")
    first = text.lstrip("\r\n").splitlines()[0]
    if "\ufffd" in first:
        raise BadInput(f"{path} is not UTF-8.", hint="Save it as UTF-8.")
    separator = max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    names = next(csv.reader(text.lstrip("\r\n").splitlines(keepends=True), delimiter=separator))
    given = enumerate((name.strip() for name in names), start=1)
    return CsvFile(path, tuple(name or f"column_{place}" for place, name in given), separator)


def _look(file: CsvFile, told: Mapping[str, pa.DataType]) -> dict[str, set[str]]:
    """The types that fit every value of each column; none for an empty one.

    Raises:
        BadInput: a value does not fit the type that was told for its column.
    """
    tests = [(place, kind, how) for place, name in enumerate(file.names) for kind, how in _tests(name, told)]
    checks = [f"min(CASE WHEN {_unfit(place, how)} THEN line END)" for place, _, how in tests]
    checks += [f"count(nullif(c{place}, ''))" for place in range(len(file.names))]
    select = f"SELECT {', '.join(checks)} FROM (SELECT row_number() OVER () AS line, * FROM {_reader(file)})"  # noqa: S608
    row = _asked(file, select)
    fits = {name: {TEXT} if count else set() for name, count in zip(file.names, row[len(tests) :], strict=True)}
    for (place, kind, _), line in zip(tests, row[: len(tests)], strict=True):
        name = file.names[place]
        if line is not None and name in told:
            raise BadInput(
                f"{file.path}, line {line + 1}: the value of {name} is not of type {told[name]}.",
                hint="Correct the value, or the type in the description.",
            )
        if line is None and fits[name]:
            fits[name].add(kind)
    return fits


def _tests(name: str, told: Mapping[str, pa.DataType]) -> Iterator[tuple[str, Reading]]:
    """What to try on a column: the told type alone, or every type that can be found."""
    if name not in told:
        yield from FOUND.items()
    elif (reading := told_reading(told[name])) is not None:
        yield str(told[name]), reading


def _unfit(place: int, how: Reading) -> str:
    value = f"trim(c{place})"
    pattern = how.pattern.replace("'", "''")
    return (
        f"{value} <> '' AND NOT (regexp_full_match({value}, '{pattern}') "
        f"AND try_cast({value} AS {how.duckdb}) IS NOT NULL)"
    )


def _part(file: CsvFile, types: Mapping[str, pa.DataType]) -> Part:
    schema = pa.schema([pa.field(name, types[name]) for name in file.names])
    shown = [_shown(place, types[name]) for place, name in enumerate(file.names)]
    select = f"SELECT {', '.join(shown)} FROM {_reader(file)}"  # noqa: S608
    return Part(file.path, schema, lambda: _batches(file, select, schema))


def _shown(place: int, kind: pa.DataType) -> str:
    reading = told_reading(kind)
    return f"c{place}" if reading is None else f"CAST(nullif(trim(c{place}), '') AS {reading.duckdb}) AS c{place}"


def _reader(file: CsvFile) -> str:
    """The rows as text; an empty value is NULL, an empty one in quotes is an empty text."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(file.names)))
    return (
        f"read_csv(?, auto_detect=false, header=true, delim='{file.separator}', quote='\"', escape='\"', "
        f"columns={{{columns}}}, nullstr='', allow_quoted_nulls=false, strict_mode=true)"
    )


def _connected() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(config={"autoinstall_known_extensions": "false"})


def _asked(file: CsvFile, select: str) -> tuple[int | None, ...]:
    import duckdb

    with _connected() as connection:
        try:
            row = connection.execute(select, [str(file.path)]).fetchone()
        except duckdb.Error as error:
            raise _told(file, error) from None
    return row or ()


def _batches(file: CsvFile, select: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import duckdb

    with _connected() as connection:
        try:
            for batch in connection.execute(select, [str(file.path)]).to_arrow_reader(_ROWS_AT_ONCE):
                arrays = [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        except duckdb.Error as error:
            raise _told(file, error) from None


def _told(file: CsvFile, error: Exception) -> BadInput:
    """DuckDB's error without what it quotes. What it makes of mixed line ends is told as what they are."""
    if other := other_line_end(file.path):
        return BadInput(
            f"{file.path}, line {other}: the line ends in another way than the first one.",
            hint="Save the file with one kind of line ends, of Unix or of Windows; nothing was loaded from it.",
        )
    text = str(error)
    line = _LINE.search(text)
    what = next((words for sign, words in _FAULTS if sign in text), "cannot be read")
    where = f"{file.path}, line {line[1]}: the row" if line else f"{file.path}"
    return BadInput(f"{where} {what}.", hint="Correct the file; nothing was loaded from it.")
