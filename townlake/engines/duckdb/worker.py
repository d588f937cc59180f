"""A process that runs statements, one at a time, and can be killed at any moment.

`python -m townlake.engines.duckdb.worker LIFELINE` speaks frames on its standard input and output.
It ends when its parent goes away, also when the parent was killed: the kernel then closes the
parent's end of the lifeline, a pipe that carries nothing.
"""

from __future__ import annotations

import fcntl
import os
import queue
import resource
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from townlake.engines.duckdb.failures import classify, without_values
from townlake.engines.duckdb.frames import Kind, pack, read_frame
from townlake.engines.duckdb.job import Failure, Job, Setup, to_json

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.engines.duckdb.session import Session

BATCH_ROWS: Final = 8_192
HEADROOM_BYTES: Final = 1024**3
"""Address space beyond the memory limit: stacks, allocator arenas, mapped files."""
MAX_DETAIL: Final = 4_000
"""Characters of DuckDB's own words; it may quote the whole statement."""


class Replies:
    """The way back to the engine."""

    job = 0
    """The number of the job that is answered."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, kind: Kind, payload: bytes | memoryview = b"") -> None:
        """Send one frame whole."""
        rest = memoryview(pack(kind, payload, self.job))
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


class Sessions:
    """Two databases: plans are made in one, and rows are read in the other.

    The views of a plan have the names of those that are read. In one database they would drive each other out, and to
    make a view over Iceberg again takes longer than to plan. The second one is opened once there is something to drive
    out, so that a command which runs one statement does not pay for it.

    Args:
        setup: what the worker may use.
    """

    def __init__(self, setup: Setup) -> None:
        from townlake.engines.duckdb.session import Session

        self._setup = setup
        self._reading = Session(setup)
        self._planning: Session | None = None
        self._has_read = False

    def of(self, job: Job) -> Session:
        """Where a job belongs, with its views and no others."""
        session = self._of_plans() if job.explain and self._has_read else self._reading
        self._has_read |= not job.explain
        session.offer(job.views)
        return session

    def interrupt(self) -> None:
        """Stop what runs; safe to call from another thread."""
        self._reading.interrupt()
        if self._planning is not None:
            self._planning.interrupt()

    def _of_plans(self) -> Session:
        from townlake.engines.duckdb.session import Session

        if self._planning is None:
            self._planning = Session(self._setup, plans_only=True)
        return self._planning


class ResultTooLarge(Exception):
    """More bytes than the caller may get."""


def main() -> None:
    """Set up, then run what comes until the parent goes away."""
    _end_with_parent(int(sys.argv[1]))
    requests = sys.stdin.buffer
    replies = Replies(os.dup(sys.stdout.fileno()))
    # Whatever a library prints must not land between two frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    first = read_frame(requests)
    if first is None or first.kind is not Kind.START:
        return
    sessions = _open(Setup.from_json(first.payload))
    jobs: queue.SimpleQueue[tuple[int, Job]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, sessions, jobs), daemon=True).start()
    replies.send(Kind.READY)
    while True:
        replies.job, job = jobs.get()
        failure = _run(sessions, job, replies)
        if failure is not None:
            replies.send(Kind.FAILED, to_json(failure))
            if failure.fatal:
                os._exit(1)


def _end_with_parent(lifeline: int) -> None:
    # A signal whose default is to end the process needs no thread of Python, all of which may wait for each other
    # or for DuckDB. PR_SET_PDEATHSIG would come already when the thread ends that started this process.
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def _open(setup: Setup) -> Sessions:
    threading.Thread(target=import_module, args=("pyarrow",), daemon=True).start()
    sessions = Sessions(setup)
    _limit_address_space(setup.memory_bytes)
    return sessions


def _limit_address_space(memory_bytes: int) -> None:
    mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    bound = mapped + memory_bytes + HEADROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _listen(requests: BinaryIO, sessions: Sessions, jobs: queue.SimpleQueue[tuple[int, Job]]) -> None:
    try:
        while (frame := read_frame(requests)) is not None:
            if frame.kind is Kind.RUN:
                jobs.put((frame.job, Job.from_json(frame.payload)))
            elif frame.kind is Kind.INTERRUPT:
                sessions.interrupt()
    finally:
        # Nobody would hear of the parent's end, or be able to stop a statement.
        os._exit(1)


def _run(sessions: Sessions, job: Job, replies: Replies) -> Failure | None:
    try:
        session = sessions.of(job)
        if job.explain:
            session.explain(job.sql)
            replies.send(Kind.DONE, b"whole")
        else:
            _send_rows(session.stream(job.sql, BATCH_ROWS), job, replies)
    except BrokenPipeError:
        os._exit(0)
    except BaseException as error:
        code, fatal = classify(type(error).__name__, str(error))
        words = without_values(str(error))[:MAX_DETAIL]
        return Failure(code=code, detail=f"{type(error).__name__}: {words}", fatal=fatal)
    return None


def _send_rows(reader: pa.RecordBatchReader, job: Job, replies: Replies) -> None:
    left, sent, truncated = job.rows, 0, False
    replies.send(Kind.SCHEMA, memoryview(reader.schema.serialize()))
    for batch in reader:
        if batch.num_rows > left:
            batch, truncated = batch.slice(0, left), True
        left -= batch.num_rows
        sent += batch.nbytes
        if sent > job.result_bytes:
            raise ResultTooLarge
        replies.send(Kind.ROWS, memoryview(batch.serialize()))
        if truncated:
            break
    replies.send(Kind.DONE, b"cut" if truncated else b"whole")


if __name__ == "__main__":
    main()
