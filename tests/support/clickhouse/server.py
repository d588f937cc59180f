"""Installs a ClickHouse and starts it."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.child import made_once, running
from tests.trino.grown import free_port

_HERE = Path(__file__).parent
_PINS = _HERE / "requirements.txt"
_INSTALL_SECONDS = 300


@dataclass(frozen=True)
class ClickHouse:
    """A server that answers."""

    port: int

    def run(self, sql: str) -> str:
        """The answer to a statement, as tabbed lines.

        Raises:
            RuntimeError: what the engine says of a statement that failed.
        """
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", sql.encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - our own server
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(error.read().decode()) from None


def install_clickhouse(cache: Path) -> Path:
    """The Python that has chdb, in an environment that is made once: 940 MB, twenty seconds.

    Raises:
        RuntimeError: it cannot be installed here.
    """
    version = _PINS.read_text(encoding="utf-8").splitlines()[0].replace("==", "-")

    def make(work: Path) -> None:
        for command in (
            (sys.executable, "-m", "venv", str(work)),
            (
                str(work / "bin" / "python"),
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "-r",
                str(_PINS),
            ),
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
            if done.returncode != 0:
                said = done.stderr.strip().splitlines() or ["nothing"]
                raise RuntimeError(f"chdb, the engine of ClickHouse, cannot be installed: {said[-1]}")

    return made_once(cache / f"{version}-python{sys.version_info[0]}.{sys.version_info[1]}", make) / "bin" / "python"


@contextmanager
def clickhouse_server(cache: Path, work: Path) -> Iterator[ClickHouse]:
    """A server with nothing in it, or a skipped test where none can be had."""
    try:
        python = install_clickhouse(cache)
    except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"There is no ClickHouse to test with: {error}")
    found = ClickHouse(free_port())
    command = (str(python), str(_HERE / "front.py"), str(found.port), str(work / "data"))
    with running(command, work, lambda: _answers(found)):
        yield found


def _answers(server: ClickHouse) -> bool:
    try:
        return server.run("SELECT 1") == "1\n"
    except OSError:
        return False
