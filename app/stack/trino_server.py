"""One Trino server on the loopback interface, as a child process."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from app.stack.resource_groups import resource_groups
from app.stack.trino_probe import answers
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
class Issuer:
    """Whose JSON Web Tokens are believed."""

    name: str
    keys: str
    """The address of its public keys, or a file of them."""
    audience: str


@dataclass(frozen=True)
class Login:
    """Logins by HTTPS: over plain HTTP, Trino takes no password and no token, and then believes every name."""

    keystore: Path
    passwords: Path
    keystore_variable: str
    """The variable of the environment that has the password of the keystore."""
    secret_variable: str
    """The variable that has the secret by which the server knows itself."""
    issuer: Issuer | None = None
    """Who gives out tokens that are taken, too."""


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
    policy_url: str | None
    """Where `skipper policy` answers; None: everybody may do everything, which is for tests of the other fence."""
    groups: Mapping[str, frozenset[str]]
    """The members of each group."""
    heap_mb: int = 1500
    login: Login | None = None
    """How callers prove who they are; None: the server believes every name, and speaks plain HTTP."""
    groups_file: Path | None = None
    """A file of groups that others keep, instead of `groups`."""
    more_catalogs: Mapping[str, str] = field(default_factory=dict)
    """Further catalogs: the text of their files, as an operator wrote it."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{'http' if self.login is None else 'https'}://{HOST}:{self.port}"


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
        # It looks for plugins, and for the group provider, below the directory that it is started in.
        self._child = subprocess.Popen(  # noqa: S603 - the Java and the server that the settings name
            command_of(config), cwd=config.data, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT
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
        end = time.monotonic() + seconds
        while self._child is not None and self._child.poll() is None and time.monotonic() < end:
            if answers(self.config.url, statement, "ready"):
                return
            time.sleep(0.5)
        tail = self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_TAIL:]
        raise HomeError("Trino did not become ready: " + " / ".join(tail), hint=f"Its log is {self.log_path}.")


def command_of(config: TrinoConfig) -> tuple[str, ...]:
    """What starts a server whose configuration is written."""
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
    flags = (f"-Xmx{config.heap_mb}M", *_JVM, *(f"-D{key}={value}" for key, value in places.items()))
    return (str(config.java), *flags, "-cp", f"{config.root / 'lib'}/*", "io.trino.server.TrinoServer")


def write_configuration(config: TrinoConfig) -> None:
    """Write the files of `etc/`, and link the plugins beside them."""
    etc, url = config.data / "etc", config.policy_url
    groups = config.groups_file or etc / "groups.txt"
    files: dict[str, Mapping[str, str]] = {
        "config.properties": {
            "coordinator": "true",
            "node-scheduler.include-coordinator": "true",
            "discovery.uri": config.url,
            **_listening(config),
            "query.max-memory": f"{config.heap_mb // 2}MB",
            "query.max-memory-per-node": f"{config.heap_mb // 2}MB",
            "memory.heap-headroom-per-node": f"{config.heap_mb // 4}MB",
            "hide-inaccessible-columns": "true",
            **({} if url is None else {"event-listener.config-files": str(etc / "http-event-listener.properties")}),
        },
        **({} if url is None else {"http-event-listener.properties": event_listener(url)}),
        "log.properties": {"io.trino": "WARN"},
        "access-control.properties": {"access-control.name": "allow-all"} if url is None else access_control(url),
        "group-provider.properties": {"group-provider.name": "file", "file.group-file": str(groups)},
        "resource-groups.properties": {
            "resource-groups.configuration-manager": "file",
            "resource-groups.config-file": str(etc / "resource-groups.json"),
        },
        **_authenticator(config.login),
        **{f"catalog/{name}.properties": properties for name, properties in config.catalogs.items()},
    }
    (etc / "catalog").mkdir(parents=True, exist_ok=True)
    for path in (etc / "catalog").glob("*.properties"):
        # What was taken out since the last start must be gone.
        path.unlink()
    for name, text in config.more_catalogs.items():
        path = etc / "catalog" / f"{name}.properties"
        # A source's password is in it.
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    for name, properties in files.items():
        text = "".join(f"{key}={value}\n" for key, value in properties.items())
        (etc / name).write_text(text, encoding="utf-8")
    (etc / "resource-groups.json").write_text(json.dumps(resource_groups(), indent=2), encoding="utf-8")
    if config.groups_file is None:
        members = (f"{group}:{','.join(sorted(people))}\n" for group, people in sorted(config.groups.items()))
        groups.write_text("".join(members), encoding="utf-8")
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


def event_listener(url: str) -> dict[str, str]:
    """What makes Trino tell the policy service at this address of each statement that ended."""
    return {
        "event-listener.name": "http",
        "http-event-listener.log-completed": "true",
        "http-event-listener.connect-ingest-uri": f"{url}/trino/events",
        "http-event-listener.connect-retry-count": "10",
    }


def _listening(config: TrinoConfig) -> dict[str, str]:
    login = config.login
    if login is None:
        return {"http-server.http.port": str(config.port)}
    key = f"${{ENV:{login.keystore_variable}}}"
    return {
        "http-server.http.enabled": "false",
        "http-server.https.enabled": "true",
        "http-server.https.port": str(config.port),
        "http-server.https.keystore.path": str(login.keystore),
        "http-server.https.keystore.key": key,
        "http-server.authentication.type": "PASSWORD" if login.issuer is None else "PASSWORD,JWT",
        "internal-communication.shared-secret": f"${{ENV:{login.secret_variable}}}",
        "internal-communication.https.required": "true",
        # The server is a client of itself, and its certificate is signed by nobody else.
        "internal-communication.https.truststore.path": str(login.keystore),
        "internal-communication.https.truststore.key": key,
        **_tokens(login.issuer),
    }


def _tokens(issuer: Issuer | None) -> dict[str, str]:
    if issuer is None:
        return {}
    return {
        "http-server.authentication.jwt.key-file": issuer.keys,
        "http-server.authentication.jwt.required-issuer": issuer.name,
        "http-server.authentication.jwt.required-audience": issuer.audience,
    }


def _authenticator(login: Login | None) -> dict[str, Mapping[str, str]]:
    if login is None:
        return {}
    properties = {"password-authenticator.name": "file", "file.password-file": str(login.passwords)}
    return {"password-authenticator.properties": properties}
