"""The files of the tables: read, listed and deleted. Here for the file system; `s3_files.py` has object storage."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from townlake.domain.errors import HomeError, StorageUnavailable
from townlake.domain.location import location_of, path_of

_PROBE: Final = ".doctor"


class Files(Protocol):
    """The place of a lake's tables. Files are named by their locations, as Iceberg's metadata holds them."""

    @property
    def warehouse(self) -> str:
        """The location that all tables lie below, without a slash at its end."""
        ...

    @property
    def properties(self) -> Mapping[str, str]:
        """What PyIceberg must know to reach the same files; may hold a secret."""
        ...

    def read(self, location: str) -> bytes:
        """A whole file.

        Raises:
            FileNotFoundError: it is not there.
            OSError: it cannot be read.
            StorageUnavailable: no file can be read.
        """
        ...

    def end(self, location: str, count: int) -> tuple[bytes, int]:
        """The last bytes of a file, and its size in bytes; raises what `read` raises."""
        ...

    def folder_of(self, metadata: str) -> str:
        """The folder of a table, by the location of one of its metadata files."""
        ...

    def folders(self) -> tuple[str, ...]:
        """Every folder that a table could have, two levels below the warehouse."""
        ...

    def listed(self, folder: str) -> tuple[str, ...]:
        """All files below a folder."""
        ...

    def remove(self, folder: str) -> None:
        """Delete a folder with all that is in it; one that does not lie below the warehouse stays.

        Raises:
            StorageUnavailable: the storage does not do it.
        """
        ...

    def fault(self, error: BaseException) -> StorageUnavailable | None:
        """What an error of another library over these files means; None when it is about one file only."""
        ...

    def must_answer(self) -> None:
        """Make sure that the place can be reached.

        Raises:
            StorageUnavailable: it cannot.
        """
        ...

    def try_out(self) -> None:
        """Write, read, list and delete a small file.

        Raises:
            HomeError: something of that does not work.
        """
        ...


class LocalFiles:
    """Files below a directory of this machine, or one that every machine mounts under the same path."""

    def __init__(self, root: Path) -> None:
        if set("?#") & set(str(root)):
            raise HomeError("The path of the tables must not hold `?` or `#`.", hint="Choose another directory.")
        self._root = root

    @property
    def warehouse(self) -> str:
        """The location of the directory."""
        return location_of(self._root)

    @property
    def properties(self) -> Mapping[str, str]:
        """Nothing: PyIceberg knows local files."""
        return {}

    def read(self, location: str) -> bytes:
        """A whole file."""
        return path_of(location).read_bytes()

    def end(self, location: str, count: int) -> tuple[bytes, int]:
        """The last bytes of a file, and its size."""
        with path_of(location).open("rb") as file:
            file.seek(-count, 2)
            return file.read(), file.tell()

    def folder_of(self, metadata: str) -> str:
        """The folder of a table. A home may be reached through links, so links are followed."""
        return location_of(path_of(metadata).parent.parent.resolve())

    def folders(self) -> tuple[str, ...]:
        """Every folder that a table could have."""
        found = (path.resolve() for path in self._root.glob("*/*") if path.is_dir())
        return tuple(sorted(map(location_of, found)))

    def listed(self, folder: str) -> tuple[str, ...]:
        """All files below a folder."""
        return tuple(sorted(location_of(path) for path in path_of(folder).rglob("*") if path.is_file()))

    def remove(self, folder: str) -> None:
        """Delete a folder of the warehouse; what cannot be deleted is found by `folders`."""
        path, root = path_of(folder).resolve(), self._root.resolve()
        if path.is_relative_to(root) and path != root:
            shutil.rmtree(path, ignore_errors=True)

    def fault(self, error: BaseException) -> StorageUnavailable | None:
        """None: a disk fails one file at a time."""
        return None

    def must_answer(self) -> None:
        """A directory that is not there yet is made by the first table."""

    def try_out(self) -> None:
        """Write, read and delete a small file."""
        probe = self._root / _PROBE
        try:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe.write_bytes(b"x")
            probe.read_bytes()
            probe.unlink()
        except OSError as error:
            raise HomeError(
                f"The directory of the tables, {self._root}, cannot be used: {error.strerror}.",
                hint="Check its rights and the disk, or what the setting `warehouse` says.",
            ) from error
