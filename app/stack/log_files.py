"""Reads the logs of servers: their ends, and what is added while somebody watches."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

_MOST_BYTES: Final = 4_000_000
_POLL_SECONDS: Final = 0.3


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a log; none when it is not there."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _MOST_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return lines[len(lines) - min(count, len(lines)) :]


def follow(paths: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Each line that is added to one of the logs from now on, with the log's name, for as long as anybody asks.

    A log that is begun anew, as at each start of its server, is read from its beginning.
    """
    return _added(paths, {name: _open_at_end(path) for name, path in paths.items()})


def _added(paths: Mapping[str, Path], opened: dict[str, IO[bytes] | None]) -> Iterator[tuple[str, str]]:
    pending = dict.fromkeys(paths, "")
    try:
        while True:
            for name, path in paths.items():
                opened[name] = _current(opened[name], path)
                file = opened[name]
                text = pending[name] + (file.read().decode("utf-8", "replace") if file else "")
                *lines, pending[name] = text.split("\n")
                yield from ((name, line) for line in lines)
            time.sleep(_POLL_SECONDS)
    finally:
        for file in opened.values():
            if file is not None:
                file.close()


def _open_at_end(path: Path) -> IO[bytes] | None:
    file = _open(path)
    if file is not None:
        file.seek(0, 2)
    return file


def _open(path: Path) -> IO[bytes] | None:
    try:
        return path.open("rb")
    except OSError:
        return None


def _current(file: IO[bytes] | None, path: Path) -> IO[bytes] | None:
    """The file that bears the name now."""
    if file is not None:
        try:
            same = path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except OSError:
            same = True
        if same:
            return file
        file.close()
    return _open(path)
