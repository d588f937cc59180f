"""Parse a suspicious text first where it can do no harm.

A parser in compiled code cannot be interrupted from within its own process. So a statement that
looks expensive is rehearsed in a warm child with a memory limit, and the child is killed when the time is up. If
it comes through, the parent may parse the same text: no tree crosses the border.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Final, cast

SECONDS: Final = 0.8
START_SECONDS: Final = 20.0


class Rehearsal:
    """One child process, started at the first need and replaced when it had to be killed."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def survives(self, sql: str) -> bool:
        """True when parsing and generating this text ends within the limits."""
        text = sql.encode("utf-8", "surrogatepass")
        with self._lock:
            child = self._ready_child()
            if child is None:
                return False
            pipe = cast("IO[bytes]", child.stdin)
            try:
                pipe.write(len(text).to_bytes(4, "big") + text)
                pipe.flush()
            except OSError:
                self._stop()
                return False
            answer = self._read(child, self._seconds)
            if not answer:
                self._stop()
            return answer == b"1"

    def close(self) -> None:
        """Stop the child."""
        with self._lock:
            self._stop()

    def _ready_child(self) -> subprocess.Popen[bytes] | None:
        """The living child; after a fork a new one, since two processes cannot share a pipe."""
        if self._child is not None and self._owner == os.getpid() and self._child.poll() is None:
            return self._child
        self._stop()
        script = str(Path(__file__).with_name("rehearsal_child.py"))
        self._owner = os.getpid()
        self._child = subprocess.Popen(  # noqa: S603 - our own script, no shell
            [sys.executable, "-I", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if self._read(self._child, START_SECONDS) != b"R":
            self._stop()
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):  # what is left in a broken pipe is of no use
                cast("IO[bytes]", pipe).close()

    @staticmethod
    def _read(child: subprocess.Popen[bytes], seconds: float) -> bytes:
        """One byte, or nothing when the time is up or the child is gone."""
        pipe = cast("IO[bytes]", child.stdout)
        ready, _, _ = select.select([pipe], [], [], seconds)
        return os.read(pipe.fileno(), 1) if ready else b""


REHEARSAL: Final = Rehearsal()
atexit.register(REHEARSAL.close)
