"""One worker process, as the engine holds it."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, BinaryIO, Final

import townlake
from townlake.domain.errors import Cancelled, EngineError, EngineUnavailable, LimitExceeded
from townlake.engines.duckdb.frames import HEADER, Frame, Kind, pack
from townlake.engines.duckdb.job import Failure, Job, Setup, to_json
from townlake.engines.failures import failure, out_of_memory, out_of_time, too_large

if TYPE_CHECKING:
    import pyarrow as pa

START_SECONDS: Final = 30.0
GRACE_SECONDS: Final = 0.5
"""At most so much of the time of a statement is kept for its end: it is interrupted then, and killed when it is up."""
MAX_REPLY_BYTES: Final = 2**20
"""Of a message that holds no rows."""
_ANY_SIZE: Final = 2**32
_LOOK_SECONDS: Final = 0.02
_KINDS: Final = frozenset(Kind)
_ROOT: Final = str(Path(next(iter(townlake.__path__))).parent)


class WorkerGone(Exception):
    """The process ended; `status` is its exit status as `Popen.returncode` gives it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"worker ended with status {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Result:
    """What a job gave."""

    table: pa.Table | None
    """The rows; none of them where they were taken one batch at a time; None when the job has no result."""
    truncated: bool


class WorkerProcess:
    """A process of its own session, with nothing of the environment, and only three pipes open.

    Its standard error goes nowhere: DuckDB quotes values there.

    Raises:
        EngineUnavailable: the process cannot be started.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._buffer = bytearray()
        self._ready = False
        self._job = 0
        try:
            self._process, self._lifeline = _start()
        except OSError as error:
            raise _not_started() from error
        try:
            self._send(Kind.START, to_json(setup))
        except WorkerGone as error:
            self.kill()
            raise _not_started() from error

    @property
    def pid(self) -> int:
        """The process id, for an operator."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """False when the process has ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and whatever it started, at once."""
        # Once it was waited for, its id may belong to somebody else.
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._lifeline):
            if pipe is not None:
                pipe.close()

    def run(
        self,
        job: Job,
        seconds: float,
        query_id: str,
        cancelled: Event | None,
        sink: Callable[[pa.RecordBatch], None] | None = None,
    ) -> Result:
        """Run one job to its end, its limit, or its cancellation.

        Args:
            job: what to run.
            seconds: how long it may take, with what `sink` takes of it.
            query_id: what an error calls the query.
            cancelled: stops the job.
            sink: is given the rows as they come, batch by batch; what it raises ends the job.

        After an error the worker may be dead: look at `alive`. One that was left in the middle of a job always is.

        Raises:
            EngineError: the statement failed, or the process crashed.
            LimitExceeded: time, memory or result bytes ran out.
            Cancelled: `cancelled` was set.
        """
        deadline = time.monotonic() + seconds - _grace(seconds)
        try:
            self._await_ready(cancelled)
            self._job += 1
            self._send(Kind.RUN, to_json(job), deadline)
            outcome = self._collect(job, deadline, cancelled, sink)
        except TimeoutError:
            self._stop(_grace(seconds))
            raise out_of_time(seconds) from None
        except Cancelled:
            self._stop(GRACE_SECONDS)
            raise
        except WorkerGone as gone:
            raise _crashed(gone.status, query_id) from None
        except BaseException:
            # Whatever it still sends belongs to this job and to nobody else.
            self.kill()
            raise
        if isinstance(outcome, Failure):
            raise failure(outcome.code, query_id=query_id, detail=outcome.detail)
        return outcome

    def _collect(
        self,
        job: Job,
        deadline: float,
        cancelled: Event | None,
        sink: Callable[[pa.RecordBatch], None] | None,
    ) -> Result | Failure:
        schema: pa.Schema | None = None
        batches: list[pa.RecordBatch] = []
        take = sink or batches.append
        # The worker counts too; it is the statement's side of the fence.
        left = 2 * job.result_bytes + MAX_REPLY_BYTES
        while True:
            kind, _, payload = self._receive(deadline, cancelled, left)
            if kind is Kind.SCHEMA:
                schema = _schema(payload)
            elif kind is Kind.ROWS and schema is not None:
                left -= len(payload)
                take(_batch(payload, schema))
            elif kind is Kind.DONE:
                table = None if schema is None else _table(batches, schema)
                return Result(table, truncated=payload == b"cut")
            elif kind is Kind.FAILED:
                failure = Failure.from_json(payload)
                if failure.fatal:
                    self.kill()
                return failure

    def _await_ready(self, cancelled: Event | None) -> None:
        if self._ready:
            return
        try:
            ready = self._receive(time.monotonic() + START_SECONDS, cancelled).kind is Kind.READY
        except (TimeoutError, WorkerGone):
            ready = False
        if not ready:
            raise _not_started()
        self._ready = True

    def _stop(self, seconds: float) -> None:
        """Bring the job to its end; a worker that does not take leave of it in time is killed."""
        deadline = time.monotonic() + seconds
        try:
            self._send(Kind.INTERRUPT, deadline=deadline)
            # Rows that are still on their way are let go.
            while self._receive(deadline, None, _ANY_SIZE).kind not in {Kind.DONE, Kind.FAILED}:
                pass
        except Exception:  # what ended the job is what is told
            self.kill()
        except BaseException:
            self.kill()
            raise

    def _send(self, kind: Kind, payload: bytes = b"", deadline: float | None = None) -> None:
        """Send one message whole; a worker that has read only a part of it is killed.

        Raises:
            TimeoutError: the worker does not read.
        """
        until = time.monotonic() + START_SECONDS if deadline is None else deadline
        pipe, rest = self._process.stdin, memoryview(pack(kind, payload, self._job))
        if pipe is None or pipe.closed:
            raise WorkerGone(self._process.wait())
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(pipe, selectors.EVENT_WRITE)
                while rest:
                    if not selector.select(max(until - time.monotonic(), 0)):
                        self.kill()
                        raise TimeoutError
                    # Not blocking: it takes what the pipe has room for.
                    rest = rest[os.write(pipe.fileno(), rest) :]
        except TimeoutError:
            raise
        except OSError:
            raise WorkerGone(self._process.wait()) from None

    def _receive(self, deadline: float, cancelled: Event | None, most: int = 0) -> Frame:
        while True:
            if len(self._buffer) >= HEADER.size:
                kind, job, length = HEADER.unpack_from(self._buffer)
                if job != self._job or kind not in _KINDS:
                    raise EngineError("A worker of the embedded engine answered out of turn.", hint="Try again.")
                if length > (most if kind == Kind.ROWS else MAX_REPLY_BYTES):
                    raise too_large()
                end = HEADER.size + length
                if len(self._buffer) >= end:
                    payload = bytes(self._buffer[HEADER.size : end])
                    del self._buffer[:end]
                    return Frame(Kind(kind), job, payload)
            self._fill(deadline, cancelled)

    def _fill(self, deadline: float, cancelled: Event | None) -> None:
        pipe = self._process.stdout
        if pipe is None or pipe.closed:
            raise WorkerGone(self._process.wait())
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                if cancelled is not None and cancelled.is_set():
                    raise Cancelled("The statement was stopped.")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                if selector.select(left if cancelled is None else min(left, _LOOK_SECONDS)):
                    break
        piece = os.read(pipe.fileno(), 2**20)
        if not piece:
            raise WorkerGone(self._process.wait())
        self._buffer += piece


def _start() -> tuple[subprocess.Popen[bytes], BinaryIO]:
    """The process, and our end of its lifeline: when it closes, however we end, the process ends."""
    theirs, ours = os.pipe()
    lifeline = os.fdopen(ours, "wb", buffering=0)
    try:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-s", "-m", "townlake.engines.duckdb.worker", str(theirs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={"PYTHONPATH": _ROOT, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            start_new_session=True,
            umask=0o077,
            pass_fds=(theirs,),
        )
    except BaseException:
        lifeline.close()
        raise
    finally:
        os.close(theirs)
    if process.stdin is not None:
        os.set_blocking(process.stdin.fileno(), False)
    return process, lifeline


def _grace(seconds: float) -> float:
    return min(GRACE_SECONDS, seconds / 4)


def _not_started() -> EngineUnavailable:
    return EngineUnavailable("A worker of the embedded engine did not start.", hint="Run `skipper doctor`.")


def _schema(payload: bytes) -> pa.Schema:
    import pyarrow as pa

    return pa.ipc.read_schema(pa.py_buffer(payload))


def _batch(payload: bytes, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.ipc.read_record_batch(pa.py_buffer(payload), schema)


def _table(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches(batches, schema)


def _crashed(status: int, query_id: str) -> EngineError | LimitExceeded:
    # The kernel's out-of-memory killer sends SIGKILL; an allocation that fails under RLIMIT_AS aborts.
    if status in {-signal.SIGKILL, -signal.SIGABRT}:
        return out_of_memory()
    return EngineError(
        "The process that ran the statement ended before its result.",
        code="REMOTE_TASK_ERROR",
        query_id=query_id,
        detail=f"worker ended with status {status}",
        hint="Try again; if it happens again, the statement meets a fault of the engine: write it another way.",
    )
