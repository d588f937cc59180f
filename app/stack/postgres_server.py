"""PostgreSQL as a server of the stack: a cluster below the home, two databases, two roles."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from app.stack.account import Account, open_way, server_account
from app.stack.kept import Kept, write_private
from app.stack.postgres_install import find_postgres
from app.stack.postgres_roles import CATALOG_DATABASE, OWNER, as_owner, as_superuser
from app.stack.process import Launch, wait_for_burial
from app.stack.server import plain_environment
from app.stack.trino_server import HOST
from townlake.domain.errors import HomeError

_BURIAL_SECONDS: Final = 20
_SUPERUSER: Final = "postgres"


class PostgresServer:
    """Holds what the lake knows, and where its tables are."""

    name = "postgres"
    title = "PostgreSQL"
    # Fast: open transactions are rolled back, and what was committed is kept.
    stop_signal = signal.SIGINT
    grace_seconds = 60.0
    patience_seconds = 60.0

    def __init__(self, home: Path, directory: Path, kept: Kept, environment: Mapping[str, str]) -> None:
        self._home = home
        self._directory = directory
        self._kept = kept
        self._environment = environment
        self.port = kept.ports.postgres
        self.address = f"{HOST}:{self.port}"

    @property
    def cluster(self) -> Path:
        """Where its data lie."""
        return self._directory / "postgres"

    @cached_property
    def _programs(self) -> Path:
        return find_postgres(self._environment)

    @cached_property
    def _account(self) -> Account | None:
        return server_account()

    def install(self, say: Callable[[str], None]) -> None:
        """Find its programs, and whom it can run as."""
        _ = self._programs
        if self._account is not None:
            open_way((self._home, self._directory), self._account)

    def launch(self) -> Launch:
        """Make the cluster when there is none."""
        if not self.cluster.exists():
            self._make_cluster()
        self._let_the_last_one_go()
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            # Paths of sockets may have 107 bytes only, and a home may lie deep.
            "unix_socket_directories": "",
            "timezone": "UTC",
        }
        given = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        command = (str(self._programs / "postgres"), "-D", str(self.cluster), *given)
        return Launch(command, self.cluster, plain_environment(self._environment), self._account)

    def answers(self) -> bool:
        """Whether it takes a statement."""
        return self._psql("SELECT 1;", _SUPERUSER, "postgres", self._kept.passwords.postgres) is None

    def set_up(self) -> None:
        """Make roles, databases and the two tables of the catalog, where they are missing."""
        passwords = self._kept.passwords
        databases, catalog = as_superuser(passwords.skipper, passwords.trino)
        self._do(databases, _SUPERUSER, "postgres", passwords.postgres)
        self._do(catalog, _SUPERUSER, CATALOG_DATABASE, passwords.postgres)
        self._do(as_owner(), OWNER, CATALOG_DATABASE, passwords.skipper)

    def _let_the_last_one_go(self) -> None:
        """Of a server that was killed: the next one refuses to start while that number is still held."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            return
        wait_for_burial(pid, _BURIAL_SECONDS)

    def _make_cluster(self) -> None:
        # Under another name until it is whole: half a cluster looks like one.
        new, word = self.cluster.with_name("postgres.new"), self._directory / "postgres.password"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        try:
            write_private(word, self._kept.passwords.postgres + "\n")
            if self._account is not None:
                for path in (new, word):
                    shutil.chown(path, self._account.uid, self._account.gid)
            self._initdb(new, word)
        finally:
            word.unlink(missing_ok=True)
        new.replace(self.cluster)

    def _initdb(self, cluster: Path, word: Path) -> None:
        done = subprocess.run(  # noqa: S603 - the program that the settings name
            [
                self._programs / "initdb",
                f"--pgdata={cluster}",
                f"--username={_SUPERUSER}",
                f"--pwfile={word}",
                "--auth=scram-sha-256",
                "--locale=C",
                "--encoding=UTF8",
                "--data-checksums",
            ],
            cwd="/",
            env=plain_environment(self._environment),
            user=None if self._account is None else self._account.uid,
            group=None if self._account is None else self._account.gid,
            extra_groups=None if self._account is None else (),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["it said nothing"]
            raise HomeError(
                f"PostgreSQL could not make its data directory: {said[0]}",
                hint=f"Check the disk and the rights of {self._directory}; the programs are {self._programs}.",
            )

    def _do(self, sql: str, user: str, database: str, password: str) -> None:
        fault = self._psql(sql, user, database, password)
        if fault is not None:
            raise HomeError(
                f"PostgreSQL could not be set up as {user}: {fault}",
                hint="`skipper stack logs postgres` tells more. The passwords stand in stack.json beside its data; a "
                "stack.json of another stack does not fit.",
            )

    def _psql(self, sql: str, user: str, database: str, password: str) -> str | None:
        """Run statements; None, or the first line of what went wrong."""
        options = ("--no-psqlrc", "--quiet", "--tuples-only", "--set=ON_ERROR_STOP=1", "--no-password")
        where = (f"--host={HOST}", f"--port={self.port}", f"--username={user}", f"--dbname={database}")
        environment = plain_environment(self._environment) | {"PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5"}
        done = subprocess.run(  # noqa: S603 - the program that the settings name
            [self._programs / "psql", *options, *where],
            # By standard input: everybody on this machine can read command lines.
            input=sql,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it said nothing"])[0]
