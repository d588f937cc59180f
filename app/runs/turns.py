"""Whose turn it is: so many runs at a time, and at most half of them of one person while others could come."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from app.runs.feed import Live


class Turns:
    """Threads that work on runs, and the queues before them, one for each person."""

    def __init__(self, slots: int, work: Callable[[Live], None]) -> None:
        self._slots = slots
        self._each = max(1, slots // 2)
        self._work = work
        self._waiting: OrderedDict[Hashable, deque[Live]] = OrderedDict()
        self._busy: Counter[Hashable] = Counter()
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="run")

    def put(self, person: Hashable, live: Live) -> None:
        """Have a run worked on when its turn has come."""
        with self._lock:
            self._waiting.setdefault(person, deque()).append(live)
            self._begin()

    def drop(self, live: Live) -> bool:
        """Take a run out of its queue; False when it is worked on already."""
        with self._lock:
            for person, queue in self._waiting.items():
                if live in queue:
                    queue.remove(live)
                    if not queue:
                        del self._waiting[person]
                    return True
        return False

    def close(self) -> None:
        """Begin nothing more, and wait for what is worked on."""
        with self._lock:
            self._waiting.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _begin(self) -> None:
        while self._busy.total() < self._slots:
            person = next((each for each in self._waiting if self._busy[each] < self._each), None)
            if person is None:
                return
            queue = self._waiting.pop(person)
            live = queue.popleft()
            if queue:
                # To the end of the line of people.
                self._waiting[person] = queue
            self._busy[person] += 1
            self._threads.submit(self._done, person, live)

    def _done(self, person: Hashable, live: Live) -> None:
        try:
            self._work(live)
        finally:
            with self._lock:
                self._busy[person] -= 1
                if not self._busy[person]:
                    del self._busy[person]
                self._begin()
