"""Processes as an operating system sees them: what they started, and when they have come so far."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.app.shop import Home
from tests.support.shared import ROOT


def wait_until(is_so: Callable[[], bool], child: subprocess.Popen[str] | None = None, seconds: float = 60) -> None:
    """Wait for something to be so; fails when it does not come, or when the process ends before."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        if child is not None and child.poll() is not None:
            raise AssertionError(f"it ended before: {child.communicate()}")
        time.sleep(0.01)


def descendants(pid: int) -> set[int]:
    """The processes below a process."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = {int(child) for child in task.read_text(encoding="ascii").split()}
        except OSError:
            continue
        found |= children.union(*map(descendants, children))
    return found


def gone(pids: set[int]) -> bool:
    """True when none of the processes runs any more."""
    return not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, home: Home, *arguments: str, columns: int = 80, **environment: str | None) -> None:
        self._master, slave = pty.openpty()
        os.set_blocking(self._master, False)
        # The keys of a terminal send signals only to those whose own terminal it is.
        own = partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0)
        given = {"TERM": "xterm-256color", "COLUMNS": str(columns)} | environment
        self.child = home.start(*arguments, stdin=slave, stdout=slave, stderr=slave, environment=given, preexec_fn=own)
        os.close(slave)
        self.shown = ""
        self._seen = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
        os.close(self._master)

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        os.write(self._master, text.encode())

    def expect(self, text: str, seconds: float = 60) -> str:
        """Wait until the terminal shows a text after the last one; gives all that came up to its end."""
        deadline = time.monotonic() + seconds
        while (found := self.shown.find(text, self._seen)) < 0:
            assert time.monotonic() < deadline, self.shown
            if not self._read():
                raise AssertionError(f"{text!r} did not come: {self.shown[self._seen :]}")
        came = self.shown[self._seen : found + len(text)]
        self._seen = found + len(text)
        return came

    def end(self) -> int:
        """Wait for the end; gives the exit code."""
        while self._read():
            pass
        return self.child.wait(timeout=60)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 60)[0]:
            return False
        try:
            self.shown += os.read(self._master, 65_536).decode("utf-8", "replace")
        except OSError:
            return False
        return True


@contextmanager
def started(home: Home, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A running command, which is dead in the end."""
    child = home.start(*arguments)
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


def in_own_mounts(script: str, home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program after `script` has changed what is mounted, seen by it alone; `$H` is the home."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("this machine lets nobody mount anything of their own")
    command = f'{script} && exec "$PYTHON" -m app.cli.main "$@"'
    variables = home.variables() | {"H": str(home.path), "PYTHON": sys.executable}
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", command, "sh", *arguments],
        env=variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
