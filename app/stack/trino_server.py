"""One Trino server on the loopback interface, as a child process."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from townlake.domain.errors import HomeError

HOST: Final = "127.0.0.1"
_LOG_TAIL: Final = 5
# The launcher of this version knows no Java 25, so the flags stand here.
_JVM: Final = (
    "-server",
    "-XX:+UseG1GC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+EnableDynamicAgentLoading",
    "-Djdk.attach.allowAttachSelf=true",
    "-Dfile.encoding=UTF-8",
    "--add-modules=jdk.incubator.vector",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)


@dataclass(frozen=True)
class TrinoConfig:
    """What a server is started with: its place, its port, and files of properties by their name below `etc/`."""

    root: Path
    """The unpacked server."""
    java: Path
    data: Path
    """Where its configuration, its log and its data lie."""
    port: int
    catalogs: Mapping[str, Mapping[str, str]]
    policy_url: str
    """Where `skipper policy` answers."""
    groups: Mapping[str, frozenset[str]]
    """The members of each group."""
    heap_mb: int = 1500


class TrinoServer:
    """Starts when it is entered and stops when it is left."""

    def __init__(self, config: TrinoConfig) -> None:
        self.config = config
        self._child: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def log_path(self) -> Path:
        """What the server said."""
        return self.config.data / "server.log"

    def __enter__(self) -> TrinoServer:
        """Write the configuration and start the process; it is ready when a statement is answered."""
        config = self.config
        write_configuration(config)
        self._log = self.log_path.open("wb")
        etc = config.data / "etc"
        places = {
            "node.environment": "skipper",
            "node.id": f"skipper-{config.port}",
            "node.data-dir": config.data,
            "node.bind-ip": HOST,
            "node.internal-address": HOST,
            "config": etc / "config.properties",
            "catalog.config-dir": etc / "catalog",
            "log.levels-file": etc / "log.properties",
            "access-control.config-files": etc / "access-control.properties",
        }
        command = [str(config.java), f"-Xmx{config.heap_mb}M", *_JVM, *(f"-D{k}={v}" for k, v in places.items())]
        command += ["-cp", f"{config.root / 'lib'}/*", "io.trino.server.TrinoServer"]
        # It looks for plugins, and for the group provider, below the directory that it is started in.
        self._child = subprocess.Popen(  # noqa: S603 - the Java and the server that the settings name
            command, cwd=config.data, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT
        )
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the process, and wait until it is gone."""
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._log is not None:
            self._log.close()

    def wait_until_ready(self, statement: str = "SELECT 1", seconds: float = 120) -> None:
        """Until a statement is answered: directly after the start, a server takes statements and then fails them.

        Args:
            statement: one that reads a catalog waits for that catalog, too: its nodes come a little later.
            seconds: how long to wait.

        Raises:
            HomeError: it ended, or was not ready in time; the message has the end of its log.
        """
        from trino.dbapi import Connection
        from trino.exceptions import Error

        end = time.monotonic() + seconds
        while self._child is not None and self._child.poll() is None and time.monotonic() < end:
            try:
                connection: Any = Connection(host=HOST, port=self.config.port, user="ready", request_timeout=10)
                if connection.cursor().execute(statement).fetchall():
                    return
            except (Error, OSError):
                time.sleep(0.5)
        tail = self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_TAIL:]
        raise HomeError("Trino did not become ready: " + " / ".join(tail), hint=f"Its log is {self.log_path}.")


def write_configuration(config: TrinoConfig) -> None:
    """Write the files of `etc/`, and link the plugins beside them."""
    etc, url = config.data / "etc", config.policy_url
    files: dict[str, Mapping[str, str]] = {
        "config.properties": {
            "coordinator": "true",
            "node-scheduler.include-coordinator": "true",
            "http-server.http.port": str(config.port),
            "discovery.uri": f"http://{HOST}:{config.port}",
            "query.max-memory": f"{config.heap_mb // 2}MB",
            "query.max-memory-per-node": f"{config.heap_mb // 2}MB",
            "memory.heap-headroom-per-node": f"{config.heap_mb // 4}MB",
            "hide-inaccessible-columns": "true",
        },
        "log.properties": {"io.trino": "WARN"},
        "access-control.properties": access_control(url),
        "group-provider.properties": {"group-provider.name": "file", "file.group-file": str(etc / "groups.txt")},
        **{f"catalog/{name}.properties": properties for name, properties in config.catalogs.items()},
    }
    (etc / "catalog").mkdir(parents=True, exist_ok=True)
    for name, properties in files.items():
        text = "".join(f"{key}={value}\n" for key, value in properties.items())
        (etc / name).write_text(text, encoding="utf-8")
    members = (f"{group}:{','.join(sorted(people))}\n" for group, people in sorted(config.groups.items()))
    (etc / "groups.txt").write_text("".join(members), encoding="utf-8")
    plugins = config.data / "plugin"
    if not plugins.exists():
        plugins.symlink_to(config.root / "plugin")


def access_control(url: str) -> dict[str, str]:
    """What makes Trino ask the policy service at this address."""
    return {
        "access-control.name": "opa",
        "opa.policy.uri": f"{url}/trino/allow",
        "opa.policy.batched-uri": f"{url}/trino/batch",
        "opa.policy.row-filters-uri": f"{url}/trino/row-filters",
        "opa.policy.batch-column-masking-uri": f"{url}/trino/column-masks",
    }
