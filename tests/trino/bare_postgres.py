"""The PostgreSQL of a stack alone: what is moved needs no Trino to be compared."""

from __future__ import annotations

import os
import time
from pathlib import Path

from app.stack.kept import make_kept, read_kept, write_kept
from app.stack.postgres_server import PostgresServer
from app.stack.process import remember, start


def start_postgres(home: Path) -> None:
    """Start it as `skipper stack up` would, so that the other commands of the stack know it."""
    directory = home / "stack"
    for path in (directory, directory / "logs", directory / "processes"):
        path.mkdir(mode=0o700, exist_ok=True)
    if read_kept(directory / "stack.json") is None:
        write_kept(make_kept(), directory / "stack.json")
    kept = read_kept(directory / "stack.json")
    assert kept is not None
    server = PostgresServer(home, directory, kept, os.environ)
    server.install(lambda _: None)
    remember(start(server.launch(), directory / "logs" / "postgres.log"), directory / "processes" / "postgres.json")
    end = time.monotonic() + 60
    while not server.answers():
        assert time.monotonic() < end, (directory / "logs" / "postgres.log").read_text(encoding="utf-8")
        time.sleep(0.1)
    server.set_up()
