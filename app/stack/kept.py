"""What a stack keeps for as long as its home lives: ports and passwords, made once. Its file is its owner's alone."""

from __future__ import annotations

import os
import random
import secrets
import socket
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.stack.trino_server import HOST
from townlake.domain.errors import HomeError

_PORTS: Final = range(20_000, 32_000)
"""Below those that systems give to outgoing connections, so that a port is still free when a server starts again."""
_TRIES: Final = 200
WORKERS_OFFSET: Final = 10_000
"""SeaweedFS looks for its own maintenance so far above the port `admin`, whatever else it is told."""


class Ports(BaseModel):
    """Where the servers listen, on the loopback interface."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    postgres: int
    policy: int
    trino: int


class StoragePorts(BaseModel):
    """Where the parts of the object storage listen. All but `s3` are for the parts themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin: int
    s3: int
    s3_inner: int
    master: int
    master_inner: int
    volume: int
    volume_inner: int
    filer: int
    filer_inner: int

    @property
    def all(self) -> frozenset[int]:
        """Every port that it listens at."""
        return frozenset({*self.model_dump().values(), self.admin + WORKERS_OFFSET})


class Key(BaseModel):
    """Whom the object storage lets in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    secret: str = Field(repr=False)


class Storage(BaseModel):
    """The object storage of a stack that has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ports: StoragePorts
    skipper: Key
    """May do everything."""
    trino: Key
    """May read."""


class Passwords(BaseModel):
    """What the servers are entered with. Never printed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    postgres: str = Field(repr=False)
    """Of the superuser of the database server."""
    skipper: str = Field(repr=False)
    """Of the role that owns the databases."""
    trino: str = Field(repr=False)
    """Of the role by which Trino reads the catalog."""
    trino_login: str = Field(repr=False)
    """Of Skipper at Trino."""
    trino_keystore: str = Field(repr=False)
    trino_internal: str = Field(repr=False)
    """By which Trino knows itself."""


class Kept(BaseModel):
    """Ports and passwords of one stack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    ports: Ports
    passwords: Passwords
    storage: Storage | None = None
    """None: the tables lie in files of the home, or where its settings say."""


def make_kept() -> Kept:
    """New ports that are free now, and new passwords."""
    return Kept(
        ports=Ports(**_free_ports(Ports, ())),
        passwords=Passwords(**{name: secrets.token_urlsafe(32) for name in Passwords.model_fields}),
    )


def with_storage(kept: Kept) -> Kept:
    """The same with an object storage: new ports that are free now, and a new key."""
    if kept.storage is not None:
        return kept
    storage = Storage(
        ports=_storage_ports(kept.ports.model_dump().values()),
        skipper=_key(),
        trino=_key(),
    )
    return kept.model_copy(update={"storage": storage})


def write_kept(kept: Kept, path: Path) -> None:
    """Write the file, whole or not at all."""
    new = path.with_name(path.name + ".new")
    write_private(new, kept.model_dump_json(indent=2) + "\n")
    new.replace(path)


def read_kept(path: Path) -> Kept | None:
    """What was kept; None when this stack was never started.

    Raises:
        HomeError: the file is there, and cannot be read.
    """
    try:
        return Kept.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise HomeError(
            f"{path}, which holds the ports and passwords of the stack, cannot be read: {type(error).__name__}.",
            hint="Check its rights, or take it from a backup of the home; without it nothing can log in.",
        ) from None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first moment on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as tried:
        # As servers do: connections that are just ending do not count.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


def _key() -> Key:
    return Key(name=secrets.token_hex(10), secret=secrets.token_urlsafe(32))


def _storage_ports(taken: Iterable[int]) -> StoragePorts:
    taken = set(taken)
    for _ in range(_TRIES):
        ports = StoragePorts(**_free_ports(StoragePorts, taken))
        workers = ports.admin + WORKERS_OFFSET
        if workers in _PORTS and workers not in taken and is_free(workers) and len(ports.all) > len(ports.model_dump()):
            return ports
    raise _no_port()


def _free_ports(kind: type[BaseModel], taken: Iterable[int]) -> dict[str, int]:
    """A free port for each field."""
    names, ports, others = tuple(kind.model_fields), set[int](), set(taken)
    while len(ports) < len(names):
        ports.add(_free_port(ports | others))
    return dict(zip(names, sorted(ports), strict=True))


def _free_port(taken: Collection[int]) -> int:
    choose = random.SystemRandom().choice
    for _ in range(_TRIES):
        port = choose(_PORTS)
        if port not in taken and is_free(port):
            return port
    raise _no_port()


def _no_port() -> HomeError:
    return HomeError("No free port was found on this machine.", hint="Stop what listens on so many of them.")
