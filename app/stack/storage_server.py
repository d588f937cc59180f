"""SeaweedFS as a server of the stack: one bucket, behind a key, on the loopback interface."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from app.stack.kept import Key, Storage, write_private
from app.stack.process import Launch
from app.stack.server import plain_environment, responds
from app.stack.storage_certificate import make_certificate, security
from app.stack.storage_install import find_openssl, find_weed
from app.stack.trino_server import HOST
from townlake.catalog.s3_files import S3Files, S3Store
from townlake.domain.errors import StorageUnavailable

BUCKET: Final = "lake"
WAREHOUSE: Final = f"s3://{BUCKET}/tables"


class StorageServer:
    """Holds the files of the tables.

    Args:
        directory: of the stack.
        storage: ports and key.
        environment: where programs are found.
    """

    name = "storage"
    title = "The object storage"
    stop_signal = signal.SIGTERM
    grace_seconds = 30.0
    patience_seconds = 60.0

    def __init__(self, directory: Path, storage: Storage, environment: Mapping[str, str]) -> None:
        self._directory = directory / "storage"
        self._storage = storage
        self._environment = environment
        self.port = storage.ports.s3
        self.address = f"http://{HOST}:{self.port}"

    @cached_property
    def _weed(self) -> Path:
        return find_weed(self._environment)

    @cached_property
    def _openssl(self) -> Path:
        return find_openssl(self._environment)

    def install(self, say: Callable[[str], None]) -> None:
        """Find its programs."""
        _ = self._weed, self._openssl

    def launch(self) -> Launch:
        """Write its certificate, and what makes its inner ports ask for it."""
        for path in (self._directory, self._directory / "data"):
            path.mkdir(mode=0o700, exist_ok=True)
        make_certificate(self._openssl, self._directory)
        write_private(self._directory / "security.toml", security(self._directory))
        write_private(self._directory / "keys.json", keys(self._storage))
        # Started in its directory, where it looks for security.toml first.
        return Launch(self._command(), self._directory, plain_environment(self._environment))

    def answers(self) -> bool:
        """Whether an object can be written, read and deleted; a new one gets its bucket."""
        if not responds(f"{self.address}/healthz"):
            return False
        try:
            # It takes the key a little before it finds what it holds.
            self._files.make_bucket()
            self._files.try_out()
        except (StorageUnavailable, OSError):
            return False
        return True

    def set_up(self) -> None:
        """Nothing is missing in it."""

    @property
    def _files(self) -> S3Files:
        return S3Files(WAREHOUSE, store_of(self._storage, self._storage.skipper))

    def _command(self) -> tuple[str, ...]:
        ports = self._storage.ports
        options = {
            "dir": "data",
            "ip": HOST,
            "ip.bind": HOST,
            "master.telemetry": "false",
            "webdav": "false",
            "admin.ui": "false",
            # A file: everybody on this machine can read command lines.
            "s3.config": "keys.json",
            "s3.iam": "false",
            "s3.autoCreateBucket": "false",
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            # Paths of sockets may have 107 bytes only; these are below the directory that it is started in.
            "s3.localSocket": "s3.sock",
            "filer.localSocket": "filer.sock",
            "master.volumeSizeLimitMB": "1024",
            "s3.port": ports.s3,
            "s3.port.grpc": ports.s3_inner,
            "master.port": ports.master,
            "master.port.grpc": ports.master_inner,
            "volume.port": ports.volume,
            "volume.port.grpc": ports.volume_inner,
            "filer.port": ports.filer,
            "filer.port.grpc": ports.filer_inner,
            "admin.port": ports.admin,
        }
        return (str(self._weed), "mini", *(f"-{name}={value}" for name, value in options.items()))


def store_of(storage: Storage, key: Key) -> S3Store:
    """How a client with this key reaches it."""
    return S3Store(endpoint=f"http://{HOST}:{storage.ports.s3}", access_key=key.name, secret_key=key.secret)


def keys(storage: Storage) -> str:
    """Who may do what, as SeaweedFS reads it."""
    may = {"skipper": (storage.skipper, ["Admin"]), "trino": (storage.trino, [f"Read:{BUCKET}", f"List:{BUCKET}"])}
    identities = [
        {"name": who, "credentials": [{"accessKey": key.name, "secretKey": key.secret}], "actions": actions}
        for who, (key, actions) in may.items()
    ]
    return json.dumps({"identities": identities}, indent=2) + "\n"
