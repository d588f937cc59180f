"""Directories that are written once, published whole, and never changed again.

A root holds numbered versions and a pointer to the current one. A version is filled where nobody looks, then the
pointer is replaced in one step. Readers hold a shared lock on what they read, so that nothing is removed below them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from townlake.domain.errors import HomeError

_POINTER: Final = "CURRENT"
_LOCK: Final = ".lock"


class Lease:
    """A version that stays on the disk for as long as this object does."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.release = weakref.finalize(self, os.close, descriptor)
        """Allow the version to be removed; may be called again."""


def pointed(root: Path) -> str | None:
    """The name of the current version, or None when nothing was published."""
    try:
        name = (root / _POINTER).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return name if name and "/" not in name and not name.startswith(".") else None


def lease(root: Path) -> Lease | None:
    """Take hold of the current version; None when there is none.

    Between reading the pointer and locking, a newer version may be published and the old one removed: then the
    pointer is read again.
    """
    for _ in range(10):
        name = pointed(root)
        if name is None:
            return None
        try:
            descriptor = os.open(root / name / _LOCK, os.O_RDONLY)
        except OSError:
            if pointed(root) == name:
                return None
            continue
        held = Lease(root / name, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if (root / name / _LOCK).exists():
            return held
        held.release()
    return None


@contextmanager
def publishing(root: Path) -> Iterator[Path]:
    """A new, empty directory to fill; when the block ends without an error, it is the current version.

    One process publishes at a time, others wait. After an error nothing has changed.

    Raises:
        HomeError: the root cannot be written, or the disk is full.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with (root / _LOCK).open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = root / f"{_number(root) + 1:06d}-{uuid.uuid4().hex[:8]}"
            made.mkdir()
            try:
                (made / _LOCK).touch()
                yield made
                _flush(made)
                _point(root, made.name)
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)
                raise
            _remove_others(root, made.name)
    except OSError as error:
        raise HomeError(
            f"{str(root)!r} cannot be written.", hint="Check the space on the disk and its rights; nothing was lost."
        ) from error


def _number(root: Path) -> int:
    numbers = [int(path.name.split("-")[0]) for path in root.glob("[0-9]*-*") if path.name.split("-")[0].isdigit()]
    return max(numbers, default=0)


def _flush(directory: Path) -> None:
    for path in (*directory.rglob("*"), directory):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _point(root: Path, name: str) -> None:
    draft = root / f".{_POINTER}-{name}"
    with draft.open("w", encoding="ascii") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(root / _POINTER)


def _remove_others(root: Path, keep: str) -> None:
    """Remove versions that nobody reads, those left by a killed process included."""
    for path in root.glob("[0-9]*-*"):
        if path.name == keep or not path.is_dir():
            continue
        try:
            with (path / _LOCK).open(encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                (path / _LOCK).unlink()
        except BlockingIOError:
            continue
        except OSError:
            pass
        shutil.rmtree(path, ignore_errors=True)
