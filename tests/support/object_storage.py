"""A real SeaweedFS for tests, as a stack starts it."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.stack.kept import Storage, make_kept, with_storage
from app.stack.process import Process, start
from app.stack.storage_server import BUCKET, StorageServer, store_of
from tests.trino.grown import free_port
from townlake.catalog.rest_service import RestAddress, RestService
from townlake.catalog.s3_files import S3Files, S3Store
from townlake.domain.errors import HomeError, SettingsError

TABLE_BUCKET = "iceberg-tables"


@dataclass
class ObjectStorage:
    """The server, and what it is entered with."""

    directory: Path
    storage: Storage
    catalog_port: int = 0
    """Where it also serves an Iceberg REST catalog; 0: nowhere."""
    process: Process = field(init=False)

    def start(self) -> None:
        """Start it, and wait until it takes the key."""
        server, log = StorageServer(self.directory, self.storage, os.environ), self.directory / "storage.log"
        launch = server.launch()
        if self.catalog_port:
            more = (f"-s3.port.iceberg={self.catalog_port}", f"-tableBucket={TABLE_BUCKET}")
            launch = replace(launch, command=(*launch.command, *more))
        self.process, end = start(launch, log), time.monotonic() + 60
        while not (server.answers() and self._lists()):
            assert self.process.runs, log.read_text(encoding="utf-8")
            assert time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.1)

    def _lists(self) -> bool:
        """The bucket of the catalog is made a moment after the storage takes the key."""
        if not self.catalog_port:
            return True
        try:
            return RestService(self.catalog).get("/namespaces") is not None
        except HomeError:
            return False

    def kill(self) -> None:
        """End it at once."""
        self.process.stop(signal.SIGKILL, 10)

    @property
    def store(self) -> S3Store:
        """How Skipper reaches it."""
        return store_of(self.storage, self.storage.skipper)

    @property
    def catalog(self) -> RestAddress:
        """The catalog service."""
        credential = f"{self.storage.skipper.name}:{self.storage.skipper.secret}"
        return RestAddress(f"http://127.0.0.1:{self.catalog_port}", credential, f"s3://{TABLE_BUCKET}")

    def settings(self, prefix: str) -> dict[str, str]:
        """The variables that make a home keep its tables below a prefix of it."""
        return {
            "SKIPPER_WAREHOUSE": f"s3://{BUCKET}/{prefix}",
            "SKIPPER_S3_ENDPOINT": str(self.store.endpoint),
            "SKIPPER_S3_ACCESS_KEY": self.storage.skipper.name,
            "SKIPPER_S3_SECRET_KEY": self.storage.skipper.secret,
        }

    def files(self, prefix: str) -> S3Files:
        """What lies below a prefix."""
        return S3Files(f"s3://{BUCKET}/{prefix}", self.store)


@contextmanager
def object_storage(*, catalog: bool = False) -> Iterator[ObjectStorage]:
    """A storage of its own, with a catalog service or without; skipped with the reason where programs are missing."""
    storage = with_storage(make_kept()).storage
    assert storage is not None
    with tempfile.TemporaryDirectory(prefix="skipper_s3_") as place:
        found = ObjectStorage(Path(place), storage, free_port() if catalog else 0)
        try:
            StorageServer(found.directory, storage, os.environ).install(lambda _: None)
        except SettingsError as error:
            pytest.skip(f"{error.message} {error.hint}")
        found.start()
        try:
            yield found
        finally:
            found.process.stop(signal.SIGTERM, 20)
