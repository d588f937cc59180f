"""What many ask for at about the same time is done together, in one thread: one transaction in place of many."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final, Generic, TypeVar

from townlake.domain.errors import HomeError, SkipperError

A = TypeVar("A")
B = TypeVar("B")
_LOG: Final = logging.getLogger(__name__)


class Gathered(Generic[A, B]):
    """A thread that does what it is asked for. Whatever comes meanwhile waits, and is done together next.

    Args:
        work: does all of it. Gives for each what came of it; an error for those that were refused.
        name: of the thread.
    """

    def __init__(self, work: Callable[[Sequence[A]], Sequence[B | SkipperError]], name: str) -> None:
        self._work = work
        self._asked: SimpleQueue[tuple[A, Future[B]] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._lock = Lock()
        self._has_ended = False

    def start(self) -> None:
        """Begin. What was asked for before waits until now."""
        self._thread.start()

    def put(self, one: A) -> Future[B]:
        """Have something done. Cancelled before it is begun, it is not done."""
        asked: Future[B] = Future()
        with self._lock:
            if not self._has_ended:
                self._asked.put((one, asked))
                return asked
        asked.set_exception(HomeError("The server ends.", hint="Ask again in a moment."))
        return asked

    def close(self) -> None:
        """Do what was asked for, and then nothing more."""
        with self._lock:
            self._has_ended = True
            self._asked.put(None)
        self._thread.join()

    def _run(self) -> None:
        for batch in batches(self._asked):
            wanted = [(one, asked) for one, asked in batch if asked.set_running_or_notify_cancel()]
            if not wanted:
                continue
            try:
                done = self._work([one for one, _ in wanted])
            except Exception as error:
                if not isinstance(error, SkipperError):
                    _LOG.exception("It failed for %s at once.", len(wanted))
                for _, asked in wanted:
                    asked.set_exception(error)
                continue
            for (_, asked), came in zip(wanted, done, strict=True):
                if isinstance(came, SkipperError):
                    asked.set_exception(came)
                else:
                    asked.set_result(came)


def batches(queue: SimpleQueue[A | None]) -> Iterator[list[A]]:
    """What comes out of a queue, all that is there at a time, until None comes."""
    while (first := queue.get()) is not None:
        batch = [first]
        while not queue.empty():
            more = queue.get()
            if more is None:
                queue.put(None)
                break
            batch.append(more)
        yield batch
