"""Classify columns that are given as records: every table read, judged and written before the next one."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from agents.skimmer.classify import RULES_VERSION, classify
from agents.skimmer.judge_waiting import Waiting
from agents.skimmer.records import Record, lines_of, record_of, table_of
from app.export import reported
from townlake.domain.errors import BadInput

if TYPE_CHECKING:
    from agents.skimmer.columns import ColumnFinding
    from agents.skimmer.judge import ModelJudge

MOST_COLUMNS: Final = 5000
"""Columns of one table that are judged together; of a wider table the rest is judged apart."""
_LONGEST_LINE: Final = 64 * 1024 * 1024


@dataclass
class Scanned:
    """What came of a file."""

    columns: int = 0
    tables: int = 0
    personal: int = 0
    bad: dict[int, str] = field(default_factory=dict)
    """Why a line was left out, by its number."""


class _Lines(Protocol):
    def read(self, at: int) -> bytes: ...


def scan_columns(
    source: BinaryIO,
    write: Callable[[str], object],
    report: Callable[[int, int, str], None],
    judge: ModelJudge | None = None,
) -> Scanned:
    """Classify the columns of a file of JSON lines.

    The records of one table are judged together, wherever they stand. A file is read twice and never held; what
    cannot be read twice, such as a pipe, is held.

    Args:
        source: the lines; a file that can be sought, or a stream.
        write: takes each line of the result, without its end.
        report: progress; columns done, columns in all.
        judge: looks at what the rules cannot clear; small tables wait for each other and share a call.

    Raises:
        BadInput: no line holds anything.
    """
    scanned = Scanned()
    lines: _Lines = _OfFile(source) if source.seekable() else _OfStream()
    groups: dict[tuple[str, str], list[int]] = {}
    met: dict[str, int] = {}
    for number, (at, line) in enumerate(_numbered(source, lines), 1):
        record = _record(line, number, scanned)
        if record is not None and met.setdefault(record.column.uid, number) != number:
            scanned.bad[number] = f"Its `uid` is that of line {met[record.column.uid]}."
        elif record is not None:
            groups.setdefault(record.table if any(record.table) else ("", f"\x00{number}"), []).append(at)
    if not met and not scanned.bad:
        raise BadInput(
            "There is no column to scan: no line holds anything.",
            hint="Give a file of JSON lines, one a column; `skipper scan --help` has the form.",
        )
    total = sum(map(len, groups.values()))
    waiting = Waiting(judge)
    for places in groups.values():
        for start in range(0, len(places), MOST_COLUMNS):
            records = [record_of(_bare(lines.read(at))) for at in places[start : start + MOST_COLUMNS]]
            table = table_of(records)
            _write(waiting.add(table, classify(table)), write, scanned)
        scanned.tables += 1
        report(scanned.columns, total, f"{scanned.columns} of {total} columns")
    _write(waiting.rest(), write, scanned)
    report(scanned.columns, total, f"{scanned.columns} of {total} columns")
    return scanned


def _write(findings: Sequence[ColumnFinding], write: Callable[[str], object], scanned: Scanned) -> None:
    for told in lines_of(findings, RULES_VERSION):
        write(told)
    scanned.columns += len(findings)
    scanned.personal += sum(finding.is_personal for finding in findings)


def _record(line: bytes, number: int, scanned: Scanned) -> Record | None:
    if not (bare := _bare(line)).strip():
        return None
    try:
        return record_of(bare)
    except BadInput as wrong:
        scanned.bad[number] = wrong.message
        return None


def _bare(line: bytes) -> bytes:
    """A line without the mark that some programs put before the first one."""
    return line.removeprefix(codecs.BOM_UTF8)


class _OfFile:
    """Lines of a file, by where they begin."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def read(self, at: int) -> bytes:
        self._source.seek(at)
        return self._source.readline(_LONGEST_LINE)


class _OfStream:
    """Lines of a stream, held because they come once."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    def read(self, at: int) -> bytes:
        return self.held[at]


def _numbered(source: BinaryIO, lines: _Lines) -> Iterator[tuple[int, bytes]]:
    at = 0
    while line := source.readline(_LONGEST_LINE):
        if isinstance(lines, _OfStream):
            lines.held.append(line)
            yield len(lines.held) - 1, line
        else:
            yield at, line
            at += len(line)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file of a path, or standard input for `-`.

    Raises:
        BadInput: it cannot be read.
    """
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = path.open("rb")
    except OSError as error:
        raise BadInput(
            f"{path.name} cannot be read: {error.strerror}.", hint="Name a file of JSON lines, or - for standard input."
        ) from None
    with source:
        yield source


@contextmanager
def written(path: Path) -> Iterator[Callable[[str], object]]:
    """A function that writes lines to the path, or to standard output for `-`.

    A file is put in its place when it is whole, so that nobody reads half of it.

    Raises:
        BadInput: it cannot be written.
    """
    if str(path) == "-":
        yield lambda line: sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return
    part = path.with_name(path.name + ".part")
    with reported(part):
        file = part.open("w", encoding="utf-8", errors="backslashreplace")
    try:
        with file:
            yield lambda line: file.write(line + "\n")
        with reported(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
