"""What runs of this process tell, for those who listen while it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Flag
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.ask.answer import Answer
    from app.contract.events import Event
    from app.runs.journal import Job


class Live:
    """A run that this process works on. It holds rows, so it lives as long as somebody holds it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.cancelled = Flag()
        """Set to stop it, by its caller or by a server that ends."""
        self.is_given_up = False
        """Whether it was its caller who stopped it."""
        self.is_broken_off = False
        """Whether what it told could not be kept."""
        self.answer: Answer | None = None
        self._events: list[Event] = list(job.told)
        self._listeners: set[Callable[[], object]] = set()
        self._lock = Lock()
        self.over = Flag()

    def tell(self, events: Sequence[Event]) -> None:
        """Pass events on to everybody who listens."""
        with self._lock:
            self._events.extend(events)
            listeners = tuple(self._listeners)
        if any(event.type.ends for event in events):
            self.over.set()
        for listener in listeners:
            listener()

    def break_off(self) -> None:
        """Stop it, and tell everybody that nothing more comes from this process."""
        self.is_broken_off = True
        self.cancelled.set()
        self.over.set()
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def since(self, seq: int) -> tuple[Event, ...]:
        """The events after one."""
        with self._lock:
            return tuple(event for event in self._events if event.seq > seq)

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Be called, in any thread, after each news; gives what ends it."""
        with self._lock:
            self._listeners.add(listener)

        def stop() -> None:
            with self._lock:
                self._listeners.discard(listener)

        return stop


class Feed:
    """The runs that this process works on now."""

    def __init__(self) -> None:
        self._lives: dict[str, Live] = {}
        self._coming: set[str] = set()
        self._lock = Lock()

    @contextmanager
    def coming(self, *run_ids: str) -> Iterator[None]:
        """Know of runs before they are written down, so that nobody takes them for forgotten ones."""
        with self._lock:
            self._coming.update(run_ids)
        try:
            yield
        finally:
            with self._lock:
                self._coming.difference_update(run_ids)

    @property
    def known(self) -> frozenset[str]:
        """The runs that this process works on, and those that come."""
        with self._lock:
            return frozenset((*self._lives, *self._coming))

    def add(self, live: Live) -> Live:
        """A run has begun; gives the one of its name that is there already."""
        with self._lock:
            return self._lives.setdefault(live.job.run_id, live)

    def remove(self, live: Live) -> None:
        """A run has ended. Who listens to it holds it until they have heard everything."""
        with self._lock:
            if self._lives.get(live.job.run_id) is live:
                del self._lives[live.job.run_id]

    def get(self, run_id: str) -> Live | None:
        """The run, while this process works on it."""
        with self._lock:
            return self._lives.get(run_id)

    def all(self) -> tuple[Live, ...]:
        """All of them."""
        with self._lock:
            return tuple(self._lives.values())
