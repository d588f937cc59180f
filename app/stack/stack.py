"""All servers of a home: started together, known again by later commands, stopped together."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Final

from app.stack.addresses import Addresses, addresses_of
from app.stack.kept import Kept, is_free, make_kept, read_kept, with_storage, write_kept, write_private
from app.stack.lake_trino import LakeTrino, Tables
from app.stack.log_files import last_lines
from app.stack.policy_server import PolicyServer
from app.stack.postgres_server import PostgresServer
from app.stack.process import Process, recall, remember, start
from app.stack.server import Server
from app.stack.storage_server import WAREHOUSE, StorageServer, store_of
from townlake.catalog.files import LocalFiles
from townlake.catalog.lock import WriteLock
from townlake.domain.errors import HomeError, NotFound, SettingsError
from townlake.domain.location import location_of

NAMES: Final = ("postgres", "storage", "policy", "trino")
"""In the order in which they start: each needs those before it. Not every stack has all."""
_LOCK_PATIENCE_SECONDS: Final = 300
_POLL_SECONDS: Final = 0.3
_SECOND_LOOKS: Final = 3
_LOG_TAIL: Final = 8

Report = Callable[[str, str, float], None]
"""Called with a server's title, what happened to it, and how many seconds that took."""


class State(StrEnum):
    """How a server is."""

    RUNNING = "running"
    UNHEALTHY = "unhealthy"
    """Its process is there, and it does not do its work."""
    STOPPED = "stopped"


@dataclass(frozen=True)
class ServerStatus:
    """What is to be told of one server."""

    name: str
    state: State
    address: str
    pid: int | None = None
    since: datetime | None = None
    died: bool = False
    """It ended, and nobody stopped it."""


def has_table_files(home: Path) -> bool:
    """Whether tables lie in the files of a home itself."""
    return bool(LocalFiles(home / "warehouse").folders())


def silent(_title: str, _what: str, _seconds: float) -> None:
    """A report that nobody sees."""


class Stack:
    """The servers of one home.

    Args:
        home: of the lake; it must be there.
        environment: where programs are found, and the settings that the policy service reads.
        tables: where the tables lie by the home's settings; in its own files when None. An object storage of the
            stack itself goes before.
    """

    def __init__(self, home: Path, environment: Mapping[str, str], tables: Tables | None = None) -> None:
        self.home = home
        self.directory = home / "stack"
        self._environment = environment
        self._given = tables

    @property
    def addresses(self) -> Addresses:
        """Where the servers answer, with passwords.

        Raises:
            NotFound: the stack was never started.
        """
        return addresses_of(self._kept, self._certificate)

    @property
    def shown_addresses(self) -> Addresses:
        """The same with stars instead of passwords."""
        return addresses_of(self._kept, self._certificate, hidden=True)

    @property
    def settings_file(self) -> Path:
        """The settings that make Skipper use these servers, with passwords, as a shell reads them."""
        return self.directory / "settings.env"

    def log(self, name: str) -> Path:
        """The log of a server since it was last started."""
        return self.directory / "logs" / f"{name}.log"

    @property
    def has_storage(self) -> bool:
        """Whether an object storage of its own holds the tables."""
        return self._kept.storage is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The servers that it has, in the order in which they start."""
        kept = read_kept(self._kept_path)
        return tuple(name for name in NAMES if name != "storage" or (kept is not None and kept.storage is not None))

    def up(self, report: Report = silent, *, storage: bool = False) -> list[str]:
        """Start what does not run, and give the names of it. What runs and does its work is left alone.

        Args:
            report: is told of each server.
            storage: the tables shall lie in an object storage of the stack; it stays so once it was.

        Raises:
            SettingsError: a program is missing; nothing was started.
            HomeError: a server did not start; whatever this call started is stopped again.
        """
        self._prepare()
        with self._lock().held():
            self._make_kept(storage=storage)
            for server in self._servers:
                if not self._runs(server):
                    self._install(server, report)
            started: list[Server] = []
            try:
                for server in self._servers:
                    # Only now: a server does not do its work while another one is down that it needs.
                    if self._does_its_work(server):
                        report(server.title, "runs already", 0)
                        continue
                    self._install(server, report)
                    self._stop_process(server)
                    started.append(server)
                    began = time.monotonic()
                    self._start(server)
                    report(server.title, "started", time.monotonic() - began)
            except BaseException:
                for server in reversed(started):
                    if self._stop_process(server):
                        report(server.title, "stopped again", 0)
                raise
            lines = (f"{name}={shlex.quote(value)}\n" for name, value in self.addresses.settings().items())
            write_private(self.settings_file, "".join(lines))
        return [server.name for server in started]

    def down(self, report: Report = silent, *, only: str | None = None) -> list[str]:
        """Stop what runs, last started first, or only one server, and give the names of it. Data stay."""
        if not self._was_started:
            return []
        stopped = []
        with self._lock().held():
            for server in reversed(self._servers):
                if only not in {None, server.name}:
                    continue
                began = time.monotonic()
                ended = self._stop_process(server)
                if ended:
                    stopped.append(server.name)
                    report(server.title, ended, time.monotonic() - began)
        return stopped

    def status(self) -> list[ServerStatus]:
        """How each server is now; nothing when the stack was never started."""
        return [self._status(server) for server in self._servers] if self._was_started else []

    def _status(self, server: Server) -> ServerStatus:
        process = recall(self._record(server))
        if process is None or not process.runs:
            return ServerStatus(server.name, State.STOPPED, server.address, died=process is not None)
        try:
            state = State.RUNNING if server.answers() else State.UNHEALTHY
        except SettingsError:  # without its programs nobody can ask it
            state = State.UNHEALTHY
        return ServerStatus(server.name, state, server.address, process.pid, process.since)

    @property
    def _was_started(self) -> bool:
        return read_kept(self._kept_path) is not None

    @property
    def _kept_path(self) -> Path:
        return self.directory / "stack.json"

    @property
    def _certificate(self) -> Path:
        return self.directory / "trino.pem"

    @cached_property
    def _kept(self) -> Kept:
        kept = read_kept(self._kept_path)
        if kept is None:
            raise NotFound("The stack of this home was never started.", hint="`skipper stack up` starts it.")
        return kept

    @cached_property
    def _servers(self) -> Sequence[Server]:
        kept, environment = self._kept, self._environment
        storage = kept.storage
        return (
            PostgresServer(self.home, self.directory, kept, environment),
            *(() if storage is None else (StorageServer(self.directory, storage, environment),)),
            PolicyServer(self.home, kept, environment, self.addresses.stores()),
            LakeTrino(self._tables, self.directory, kept, environment),
        )

    @property
    def _tables(self) -> Tables:
        storage = self._kept.storage
        if storage is not None:
            return Tables(WAREHOUSE, store_of(storage, storage.trino))
        return self._given or Tables(location_of(self.home.resolve() / "warehouse"))

    def _prepare(self) -> None:
        if not self.home.is_dir():
            raise HomeError(
                f"There is no lake in {str(self.home)!r}.",
                hint="`skipper demo` builds a demo lake, `skipper ingest files` loads your own; "
                "SKIPPER_HOME names another home.",
            )
        for name in ("", "logs", "processes", "catalogs"):
            (self.directory / name).mkdir(mode=0o700, exist_ok=True)

    def _make_kept(self, *, storage: bool) -> None:
        kept = read_kept(self._kept_path)
        if storage and (kept is None or kept.storage is None):
            self._must_be_without_tables()
        if kept is not None:
            if storage and kept.storage is None:
                # Trino learns of the storage when it starts.
                for name in NAMES:
                    process = recall(self.directory / "processes" / f"{name}.json")
                    if process is not None and process.runs:
                        raise HomeError(
                            "The stack of this home runs without an object storage.",
                            hint="`skipper stack down`, then `skipper stack up --s3`.",
                        )
                write_kept(with_storage(kept), self._kept_path)
            return
        if (self.directory / "postgres").exists():
            raise HomeError(
                f"{self._kept_path}, which holds the passwords of the stack, is gone, and its database is there.",
                hint=f"Take the file from a backup of the home. Or, to begin anew and lose what the database holds, "
                f"remove {self.directory / 'postgres'}.",
            )
        write_kept(with_storage(make_kept()) if storage else make_kept(), self._kept_path)

    def _must_be_without_tables(self) -> None:
        if self._given is not None:
            raise SettingsError(
                f"The settings of this home name the place of the tables already: {self._given.warehouse}.",
                hint="Run `skipper stack up` without --s3, or remove `warehouse` from the settings.",
            )
        if has_table_files(self.home):
            raise HomeError(
                "This home has tables in its own files, and Iceberg's tables cannot change their place.",
                hint="Name a new home with SKIPPER_HOME, run `skipper stack up --s3` there, and load the data again.",
            )

    def _lock(self) -> WriteLock:
        return WriteLock(self.directory / "lock", _LOCK_PATIENCE_SECONDS)

    def _record(self, server: Server) -> Path:
        return self.directory / "processes" / f"{server.name}.json"

    def _install(self, server: Server, report: Report) -> None:
        server.install(lambda what: report(server.title, what, 0))

    def _runs(self, server: Server) -> bool:
        process = recall(self._record(server))
        return process is not None and process.runs

    def _does_its_work(self, server: Server) -> bool:
        # A busy machine may let it miss one question.
        for _ in range(_SECOND_LOOKS):
            if not self._runs(server):
                return False
            if server.answers():
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _start(self, server: Server) -> None:
        if not is_free(server.port):
            raise HomeError(
                f"Port {server.port} of this machine, which is {server.title}'s in this stack, is taken by another "
                "program.",
                hint=f"Stop that program, or write another port into {self._kept_path} while the stack is down.",
            )
        launch = server.launch()
        process = start(launch, self.log(server.name))
        remember(process, self._record(server))
        end = time.monotonic() + server.patience_seconds
        while not server.answers():
            if not process.runs or time.monotonic() >= end:
                raise self._failed(server, process)
            time.sleep(_POLL_SECONDS)
        server.set_up()

    def _failed(self, server: Server, process: Process) -> HomeError:
        what = "was not ready in time" if process.runs else "ended as soon as it was started"
        said = "\n".join(f"    {line}" for line in last_lines(self.log(server.name), _LOG_TAIL)) or "    nothing"
        return HomeError(
            f"{server.title} {what}. The last it said:\n{said}",
            hint=f"`skipper stack logs {server.name}` shows more. What was started with it is stopped again.",
        )

    def _stop_process(self, server: Server) -> str:
        """Stop what is written down of a server; tells how it ended, or nothing when it did not run."""
        path = self._record(server)
        process, ended = recall(path), ""
        if process is not None and process.runs:
            by_itself = process.stop(server.stop_signal, server.grace_seconds)
            ended = "stopped" if by_itself else f"killed after {server.grace_seconds:.0f} seconds"
        path.unlink(missing_ok=True)
        return ended
