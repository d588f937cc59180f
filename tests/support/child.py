"""A server for tests as a child process: started, waited for within a bound, and gone when it is left."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_GRACE_SECONDS = 15


@contextmanager
def running(
    command: Sequence[str], work: Path, ready: Callable[[], bool], seconds: float = 60
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ready; what it says goes to `server.log` in its directory.

    Raises:
        RuntimeError: it ended, or was not ready in time; the message has the end of its log.
    """
    path = work / "server.log"
    with path.open("wb") as log:
        child = subprocess.Popen(command, cwd=work, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(child, ready, seconds, path)
            yield child
        finally:
            child.terminate()
            try:
                child.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait(child: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float, log: Path) -> None:
    end = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < end:
        if ready():
            return
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
    raise RuntimeError(f"{log.parent.name} did not become ready: {' / '.join(said)}")


def made_once(place: Path, make: Callable[[Path], None]) -> Path:
    """A directory that is made by the first who needs it, and is whole or not there.

    Args:
        place: the directory.
        make: makes it, given a directory beside it that is empty.
    """
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
        try:
            make(work)
            work.rename(place)
        except OSError:
            if not place.is_dir():  # else another process was faster
                raise
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return place
