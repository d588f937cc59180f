"""Which tables the given files and folders hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingestion.names import lake_name
from ingestion.schema_file import DescribedSchema, DescribedTable
from townlake.domain.errors import BadInput

PARQUET: Final = (".parquet", ".pq")
CSV: Final = (".csv", ".tsv", ".csv.gz", ".tsv.gz")


@dataclass(frozen=True, slots=True)
class Source:
    """A table to be, and the files that hold it."""

    name: str
    files: tuple[Path, ...]
    described: DescribedTable | None = None


def find_sources(paths: Sequence[Path], described: DescribedSchema | None = None) -> tuple[Source, ...]:
    """The tables in these files and folders. A file is a table.

    A folder of files is one table, and each file a part of it, unless the description names its files: then each is a
    table. A folder of folders holds what those hold.

    Raises:
        BadInput: a path is not there, holds nothing that can be loaded, or two paths would be one table.
    """
    found: dict[str, Source] = {}
    for path in paths:
        for source in _sources(path, described or DescribedSchema()):
            if source.name in found:
                raise BadInput(
                    f"{found[source.name].files[0]} and {source.files[0]} would both be the table {source.name}.",
                    hint="Rename one of them, put the parts of one table into a folder, or load into two schemas.",
                )
            found[source.name] = source
    return tuple(found.values())


def contents_digest(path: Path) -> str:
    """What a file holds, in 32 letters, whatever it is called.

    Raises:
        BadInput: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:32]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error


def is_csv(path: Path) -> bool:
    """True for a file of text by its name."""
    return path.name.lower().endswith(CSV)


def _sources(path: Path, described: DescribedSchema) -> Iterator[Source]:
    if path.is_file():
        if not _loadable(path):
            raise BadInput(
                f"{path} is neither Parquet nor CSV by its name.", hint=f"Known: {', '.join((*PARQUET, *CSV))}."
            )
        yield _source(path, (path,), described)
        return
    if not path.is_dir():
        raise BadInput(f"There is no file or folder {path}.")
    try:
        entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith((".", "_")))
    except OSError as error:
        raise BadInput(f"The folder {path} cannot be read: {error.strerror}.") from error
    files = tuple(entry for entry in entries if entry.is_file() and _loadable(entry))
    folders = [entry for entry in entries if entry.is_dir()]
    if not files and not folders:
        raise BadInput(f"The folder {path} holds no Parquet and no CSV file.")
    if any(described.for_file(file) for file in files):
        for file in files:
            yield _source(file, (file,), described)
    elif files:
        _check_parts(path, files)
        yield _source(path, files, described)
    for folder in folders:
        _check_plain(folder)
        yield from _sources(folder, described)


def _source(path: Path, files: tuple[Path, ...], described: DescribedSchema) -> Source:
    told = described.for_file(path)
    stem = told.name if told is not None else path.name.partition(".")[0] if path.is_file() else path.resolve().name
    name = lake_name(stem)
    if not name:
        raise BadInput(
            f"{path} gives no name for a table: of {stem!r} no letter, digit or underscore of the lake can be kept.",
            hint="Rename it, or name the table in a schema.json and give that with --describe: "
            f'{{"tables": [{{"name": "customers", "file": {json.dumps(path.name, ensure_ascii=False)}}}]}}.',
        )
    return Source(name, files, told)


def _check_parts(folder: Path, files: Iterable[Path]) -> None:
    if len({is_csv(file) for file in files}) > 1:
        raise BadInput(
            f"The folder {folder} holds Parquet and CSV files, which cannot be parts of one table.",
            hint="Give the files one by one.",
        )


def _check_plain(folder: Path) -> None:
    if "=" in folder.name:
        raise BadInput(
            f"The folder {folder} holds a column in its name, which is not read.",
            hint="Write the data out with all columns in the files.",
        )


def _loadable(path: Path) -> bool:
    return path.name.lower().endswith((*PARQUET, *CSV))
