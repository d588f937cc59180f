"""The files of the tables in S3-compatible object storage. Only lakes that have one import this module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from townlake.domain.errors import StorageUnavailable
from townlake.domain.location import key_of, s3_location_of

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, S3FileSystem

_CONNECT_SECONDS: Final = 5.0
_REQUEST_SECONDS: Final = 30.0
_ERROR: Final = re.compile(r"AWS Error ([A-Z_]+)")
_OURS: Final = re.compile(r"-[0-9a-f]{32}$")
"""The end of the name of each table's folder, in Skipper and in Trino."""
_SILENT: Final = frozenset({"NETWORK_CONNECTION", "REQUEST_TIMEOUT"})
_UNDELETED: Final = "errors when deleting objects"
_REFUSED: Final = frozenset(
    {
        "DELETE",
        "ACCESS_DENIED",
        "INVALID_ACCESS_KEY_ID",
        "SIGNATURE_DOES_NOT_MATCH",
        "INVALID_SIGNATURE",
        "INVALID_CLIENT_TOKEN_ID",
        "MISSING_AUTHENTICATION_TOKEN",
        "UNRECOGNIZED_CLIENT",
    }
)


@dataclass(frozen=True)
class S3Store:
    """How an object storage is reached."""

    endpoint: str | None = None
    """Its address, as `https://host:port`; None: AWS."""
    region: str = "us-east-1"
    access_key: str | None = None
    """None: whatever identity this machine has."""
    secret_key: str | None = field(default=None, repr=False)
    path_style: bool = True
    """The bucket stands in the path of an address, not in the name of the host."""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"at {self.endpoint}" if self.endpoint else f"of AWS in {self.region}"


class S3Files:
    """Files below a prefix of one bucket. Safe for several threads.

    Args:
        warehouse: `s3://bucket/prefix`, or a bucket alone.
        store: how it is reached.
    """

    def __init__(self, warehouse: str, store: S3Store) -> None:
        self._warehouse = warehouse
        self._store = store

    @property
    def warehouse(self) -> str:
        """The location that all tables lie below."""
        return self._warehouse

    @property
    def properties(self) -> Mapping[str, str]:
        """PyIceberg's names for the same store; they are kept in no table."""
        store = self._store
        found = {
            "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
            "s3.endpoint": store.endpoint,
            "s3.region": store.region,
            "s3.access-key-id": store.access_key,
            "s3.secret-access-key": store.secret_key,
            "s3.connect-timeout": f"{_CONNECT_SECONDS}",
            "s3.request-timeout": f"{_REQUEST_SECONDS}",
            "s3.force-virtual-addressing": str(not store.path_style),
        }
        return {name: value for name, value in found.items() if value is not None}

    def read(self, location: str) -> bytes:
        """A whole object."""
        with self._reported(), self._system.open_input_file(key_of(location)) as file:
            return bytes(file.read())

    def end(self, location: str, count: int) -> tuple[bytes, int]:
        """The last bytes of an object, and its size."""
        with self._reported(), self._system.open_input_file(key_of(location)) as file:
            size = int(file.size())
            return bytes(file.read_at(min(count, size), max(size - count, 0))), size

    def folder_of(self, metadata: str) -> str:
        """The folder of a table: above `metadata`."""
        return metadata.rsplit("/", 2)[0]

    def folders(self) -> tuple[str, ...]:
        """Every folder that Skipper or Trino made for a table. Others may keep their own things in the same bucket."""
        namespaces = (info.path for info in self._infos(key_of(self._warehouse)) if not info.is_file)
        found = (info.path for namespace in namespaces for info in self._infos(namespace) if not info.is_file)
        return tuple(sorted(s3_location_of(key) for key in found if _OURS.search(key)))

    def listed(self, folder: str) -> tuple[str, ...]:
        """All objects below a folder."""
        found = (info.path for info in self._infos(key_of(folder), recursive=True) if info.is_file)
        return tuple(sorted(map(s3_location_of, found)))

    def remove(self, folder: str) -> None:
        """Delete all objects of a folder of the warehouse. The place above it may keep an empty object as its mark."""
        odd = {"", ".", ".."} & set(key_of(folder).split("/"))
        if folder.startswith(f"{self._warehouse}/") and not odd:
            try:
                with self._reported():
                    self._system.delete_dir(key_of(folder))
            except FileNotFoundError:
                return
            except StorageUnavailable:
                # A catalog service may have deleted them already, and let nobody make the mark of an empty folder.
                if self.listed(folder):
                    raise

    def fault(self, error: BaseException) -> StorageUnavailable | None:
        """What an error means; None when it is about one object only, or not about the store at all."""
        if isinstance(error, FileNotFoundError):
            try:
                return None if self._has_bucket() else self._no_bucket()
            except OSError as other:
                return self.fault(other)
        told = _ERROR.search(str(error))
        code = told[1] if told else "DELETE" if _UNDELETED in str(error) else None
        if code is None:
            return None
        name = self._store.name
        if code in _SILENT:
            return StorageUnavailable(
                f"The object storage {name} does not answer.",
                hint="Start it, or correct the setting `s3_endpoint`; `skipper doctor` tells when it answers.",
            )
        if code in _REFUSED:
            return StorageUnavailable(
                f"The object storage {name} refuses the key, or what was asked of it ({code}).",
                hint="Check `s3_access_key` and `s3_secret_key`, and that they may read, write, list and delete below "
                f"{self._warehouse}.",
            )
        if code == "NO_SUCH_BUCKET":
            return self._no_bucket()
        return StorageUnavailable(
            f"The object storage {name} failed ({code}).", hint="Look at its log, then run `skipper doctor`."
        )

    def must_answer(self) -> None:
        """Make sure that the bucket is there and the key is taken."""
        with self._reported():
            there = self._has_bucket()
        if not there:
            raise self._no_bucket()

    def make_bucket(self) -> None:
        """Make the bucket where it is missing.

        Raises:
            StorageUnavailable: the store does not do it.
        """
        with self._reported():
            if not self._has_bucket():
                self._opened(makes_buckets=True).create_dir(key_of(self._warehouse).split("/", 1)[0])

    def try_out(self) -> None:
        """Write, read, list and delete a small object beside the tables."""
        self.must_answer()
        folder = f"{key_of(self._warehouse)}/_doctor-{uuid4().hex}"
        with self._reported():
            with self._system.open_output_stream(f"{folder}/probe") as file:
                file.write(b"x")
            try:
                self._infos(folder)
                self.read(f"{folder}/probe")
            finally:
                self._system.delete_dir(folder)

    def _infos(self, key: str, *, recursive: bool = False) -> list[FileInfo]:
        from pyarrow.fs import FileSelector

        with self._reported():
            return list(self._system.get_file_info(FileSelector(key, allow_not_found=True, recursive=recursive)))

    def _has_bucket(self) -> bool:
        from pyarrow.fs import FileType

        bucket = key_of(self._warehouse).split("/", 1)[0]
        return bool(self._system.get_file_info(bucket).type != FileType.NotFound)

    def _no_bucket(self) -> StorageUnavailable:
        bucket = key_of(self._warehouse).split("/", 1)[0]
        return StorageUnavailable(
            f"The object storage {self._store.name} has no bucket {bucket!r}.",
            hint="Make it, or correct the setting `warehouse`.",
        )

    @cached_property
    def _system(self) -> S3FileSystem:
        return self._opened()

    def _opened(self, *, makes_buckets: bool = False) -> S3FileSystem:
        from pyarrow.fs import S3FileSystem

        store = self._store
        scheme, _, host = (store.endpoint or "https://").partition("://")
        return S3FileSystem(
            access_key=store.access_key,
            secret_key=store.secret_key,
            region=store.region,
            scheme=scheme,
            endpoint_override=host or None,
            force_virtual_addressing=not store.path_style,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_REQUEST_SECONDS,
            allow_bucket_creation=makes_buckets,
        )

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            fault = self.fault(error)
            if fault is None:
                raise
            raise fault from error
