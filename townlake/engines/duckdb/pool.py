"""Workers that are kept warm, and replaced when one was killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Condition, Event
from typing import TYPE_CHECKING, Final

from townlake.domain.errors import Cancelled, EngineUnavailable
from townlake.engines.duckdb.job import Job, Setup
from townlake.engines.duckdb.process import Result, WorkerProcess

if TYPE_CHECKING:
    import pyarrow as pa

_LOOK_SECONDS: Final = 0.05


class Pool:
    """At most `size` workers that run statements, and one more, so that a plan need not wait for them.

    Nothing starts before it is needed, so that a command which runs no statement pays nothing.

    Args:
        setup: how each worker sets itself up.
        size: how many statements may run at the same time.
    """

    def __init__(self, setup: Setup, size: int) -> None:
        self._setup = setup
        self._size = size
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._changed = Condition()
        self._closed = False

    def warm(self) -> None:
        """Start one worker now, without waiting for it."""
        with self._changed:
            if not self._closed and not self._idle and not self._busy:
                # The first statement will tell what is wrong.
                with suppress(EngineUnavailable):
                    self._idle.append(WorkerProcess(self._setup))

    def run(
        self,
        job: Job,
        *,
        seconds: float,
        memory_bytes: int | None = None,
        query_id: str = "",
        cancelled: Event | None = None,
        sink: Callable[[pa.RecordBatch], None] | None = None,
    ) -> Result:
        """Run a job in a worker of its own. Waiting for one is part of its time.

        Args:
            job: what to run.
            seconds: how long it may take, with the wait for a worker.
            memory_bytes: how much memory it may use; any worker will do when it is None.
            query_id: what an error calls the query.
            cancelled: stops the job, or the wait for a worker.
            sink: is given the rows as they come, batch by batch.

        Raises:
            EngineUnavailable: no worker was free in time, or none could be started.
            EngineError, LimitExceeded, Cancelled: as `WorkerProcess.run` raises them.
        """
        most = self._size + 1 if job.explain else self._size
        deadline = time.monotonic() + seconds
        with self._worker(memory_bytes, most, deadline, cancelled) as worker:
            # A person reads it when it is up.
            left = max(0.001, round(deadline - time.monotonic(), 3))
            return worker.run(job, left, query_id, cancelled, sink)

    def close(self) -> None:
        """Kill every worker; a statement that runs fails."""
        with self._changed:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.kill()

    @contextmanager
    def _worker(
        self, memory_bytes: int | None, most: int, deadline: float, cancelled: Event | None
    ) -> Iterator[WorkerProcess]:
        worker = self._take(memory_bytes, most, deadline, cancelled)
        try:
            yield worker
        finally:
            self._give_back(worker)

    def _take(self, memory_bytes: int | None, most: int, deadline: float, cancelled: Event | None) -> WorkerProcess:
        with self._changed:
            while True:
                if self._closed:
                    raise EngineUnavailable("The embedded engine was closed.")
                if cancelled is not None and cancelled.is_set():
                    raise Cancelled("The statement was stopped.")
                if len(self._busy) < most:
                    worker = self._idle_or_new(memory_bytes)
                    self._busy.add(worker)
                    return worker
                if time.monotonic() >= deadline:
                    raise EngineUnavailable(
                        "Every worker of the embedded engine is busy.", hint="Try again in a moment."
                    )
                self._changed.wait(_LOOK_SECONDS)

    def _idle_or_new(self, memory_bytes: int | None) -> WorkerProcess:
        # The memory limit is locked inside a worker, so another limit needs another worker.
        for worker in self._idle[::-1]:
            if memory_bytes in {None, worker.setup.memory_bytes}:
                self._idle.remove(worker)
                if worker.alive:
                    return worker
                worker.kill()
        if len(self._idle) + len(self._busy) > self._size:
            self._idle.pop(0).kill()
        if memory_bytes is not None:
            # The next worker for a job that does not mind is then one that others can use.
            self._setup = replace(self._setup, memory_bytes=memory_bytes)
        return WorkerProcess(self._setup)

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._changed:
            self._busy.discard(worker)
            if self._closed or not worker.alive:
                worker.kill()
            else:
                self._idle.append(worker)
            self._changed.notify()
