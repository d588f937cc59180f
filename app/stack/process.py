"""Child processes that outlive the command that starts them, and are known again by a later one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.stack.account import Account

_POLL_SECONDS: Final = 0.05
_STATE, _START_TIME = 0, 19
"""Places in what `/proc/<pid>/stat` tells behind the name of the program."""
_ZOMBIE: Final = "Z"
_children: Final[dict[int, subprocess.Popen[bytes]]] = {}
"""What this very process started: nobody else can take notice of their ends, and until then they stay as zombies."""


@dataclass(frozen=True)
class Launch:
    """How a process is started."""

    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    account: Account | None = None
    """Whom it runs as; None: whoever starts it."""


@dataclass(frozen=True)
class Process:
    """A process, told apart from a later one that got its number."""

    pid: int
    mark: str
    """When it began, in a form that only serves to be compared; empty where the system does not tell."""
    since: datetime

    @property
    def runs(self) -> bool:
        """Whether it is still there."""
        return _mark(self.pid) == self.mark

    def stop(self, number: signal.Signals, grace_seconds: float) -> bool:
        """Send a signal, wait until it is gone, and kill it after the grace. Tells whether it went by itself."""
        self._send(number)
        if self._ends_within(grace_seconds):
            return True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._ends_within(grace_seconds)
        return False

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self.runs:
                os.kill(self.pid, number)

    def _ends_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self.runs:
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL_SECONDS)
        return True


def start(launch: Launch, log: Path) -> Process:
    """Start a process in a session of its own; what it says goes to the log, and an earlier log is kept beside it."""
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    account = launch.account
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as said:
        child = subprocess.Popen(  # noqa: S603 - programs that the settings name
            launch.command,
            cwd=launch.directory,
            env=launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            # Ctrl-C at the terminal is meant for the command, not for its servers.
            start_new_session=True,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else (),
        )
    _children[child.pid] = child
    return Process(child.pid, _mark(child.pid) or "", datetime.now(UTC))


def remember(process: Process, path: Path) -> None:
    """Write down a process, so that a later command finds it."""
    record = {"pid": process.pid, "mark": process.mark, "since": process.since.isoformat()}
    path.write_text(json.dumps(record), encoding="utf-8")


def recall(path: Path) -> Process | None:
    """The process that was written down, whether it still runs or not; None when there is none."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Process(int(record["pid"]), str(record["mark"]), datetime.fromisoformat(record["since"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def wait_for_burial(pid: int, seconds: float) -> None:
    """Wait while a process has ended and its number is still held: some systems take their time to notice an end."""
    end = time.monotonic() + seconds
    while (told := _stat(pid)) and told[_STATE] == _ZOMBIE and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)


def _mark(pid: int) -> str | None:
    """When a process began; None when there is no such process, empty where the system does not tell."""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
        return None
    told = _stat(pid)
    if not told:
        return _mark_without_proc(pid)
    return None if told[_STATE] in {_ZOMBIE, "X"} else f"{_boot()}:{told[_START_TIME]}"


def _stat(pid: int) -> list[str]:
    """What the system tells of a process; nothing when there is none, or it does not tell."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    # The name of the program stands in brackets, and may hold blanks and brackets itself.
    return text.rpartition(")")[2].split()


def _mark_without_proc(pid: int) -> str | None:
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""


def _boot() -> str:
    """Which start of the machine this is: process numbers and start times begin anew with each."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
