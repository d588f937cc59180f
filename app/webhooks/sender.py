"""Sends what is due, in threads of its own: several servers share the work, and nobody waits for a slow receiver."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event, Thread
from typing import TYPE_CHECKING, Final

from app.webhooks.sending import SECONDS, send
from app.webhooks.signature import SecretKey, signature

if TYPE_CHECKING:
    from app.webhooks.outbox import Job, Outbox
    from app.webhooks.targets import Targets

_LOG: Final = logging.getLogger(__name__)
_SLOTS: Final = 4
_PAUSE_SECONDS: Final = 1.0
_PRUNE_SECONDS: Final = 3_600.0


class Sender:
    """Works on the outbox from its start to its stop.

    Args:
        outbox: what is to be sent.
        targets: where it may go.
        key: from which secrets are made.
        seconds: for each try.
        announce: puts into the outbox what was only noted yet; gives whether there may be more.
    """

    def __init__(
        self,
        outbox: Outbox,
        targets: Targets,
        key: SecretKey,
        seconds: float = SECONDS,
        announce: Callable[[], bool] = lambda: False,
    ) -> None:
        self._outbox = outbox
        self._targets = targets
        self._key = key
        self._seconds = seconds
        self._announce = announce
        self._ending = Event()
        self._done = Event()
        self._free = BoundedSemaphore(_SLOTS)
        self._threads = ThreadPoolExecutor(max_workers=_SLOTS, thread_name_prefix="webhook")
        self._loop = Thread(target=self._work, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._loop.start()

    def stop(self) -> None:
        """Send nothing more. What is on its way is waited for; the rest is sent by the next server."""
        self._ending.set()
        self._done.set()
        self._loop.join()
        self._threads.shutdown(wait=True)

    def _work(self) -> None:
        pruned = time.monotonic()
        while not self._ending.is_set():
            self._done.clear()
            try:
                self._announce_all()
                while self._begin():
                    pass
                if time.monotonic() - pruned > _PRUNE_SECONDS:
                    pruned = time.monotonic()
                    self._outbox.prune()
            except Exception:
                _LOG.exception("The state database does not answer; the next try is in a second.")
            self._done.wait(_PAUSE_SECONDS)

    def _announce_all(self) -> None:
        """What cannot be announced holds up nothing that is to be sent."""
        try:
            while not self._ending.is_set() and self._announce():
                pass
        except Exception:
            _LOG.exception("What happened to reviews could not be announced; the next try is in a second.")

    def _begin(self) -> bool:
        """Begin to send what is due; whether there may be more."""
        free = 0
        while free < _SLOTS and self._free.acquire(blocking=False):
            free += 1
        jobs: tuple[Job, ...] = ()
        try:
            jobs = self._outbox.claim(free) if free and not self._ending.is_set() else ()
        finally:
            for _ in range(free - len(jobs)):
                self._free.release()
        for job in jobs:
            self._threads.submit(self._send, job)
        return bool(jobs)

    def _send(self, job: Job) -> None:
        try:
            moment = int(time.time())
            secrets = (self._key.secret(job.webhook_id, salt) for salt in job.salts)
            headers = {
                "webhook-id": job.id,
                "webhook-timestamp": str(moment),
                "webhook-signature": signature(secrets, job.id, moment, job.body),
            }
            self._outbox.settle(job, send(self._targets, job.url, headers, job.body, self._seconds))
        except Exception:
            _LOG.exception("What became of message %s could not be kept; it is sent again.", job.id)
        finally:
            self._free.release()
            self._done.set()
