"""Statements and files that are read while somebody waits: in threads of their own, and few for each caller.

Whoever verifies callers, tells events or answers `/health` uses other threads, so that slow statements hold up nobody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from app.http.problems import Refusal
from app.http.proof import CHECK_SECONDS, Proof

if TYPE_CHECKING:
    from fastapi import Request

    from townlake.domain.principal import Principal

T = TypeVar("T")
_MOST: Final = 16
_EACH: Final = 4


class Readings:
    """What is being read for callers of this process.

    Args:
        most: so much at a time.
        each: so much of it for one caller.
        check_seconds: whoever waited for longer is looked at again before they are told.
    """

    def __init__(self, most: int = _MOST, each: int = _EACH, check_seconds: float = CHECK_SECONDS) -> None:
        self._threads = CapacityLimiter(most)
        self._each = each
        self._check_seconds = check_seconds
        self._busy: Counter[tuple[str, str, str | None]] = Counter()

    async def read(self, caller: Principal, work: Callable[[], T]) -> T:
        """Do something that reads the lake for a caller.

        Raises:
            Refusal: with 429, when too much is being read for them already.
        """
        who = (caller.kind.value, caller.subject, caller.on_behalf_of)
        if self._busy[who] >= self._each:
            raise Refusal(
                429,
                f"{self._each} statements and looks of yours are running.",
                hint="Wait for one of them.",
                headers={"Retry-After": "2"},
            )
        self._busy[who] += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._threads)
        finally:
            self._busy[who] -= 1
            if not self._busy[who]:
                del self._busy[who]

    async def while_connected(
        self,
        request: Request,
        caller: Principal,
        work: Callable[[Event], T],
        forget: Callable[[T], object] = lambda made: None,
    ) -> T:
        """The same for somebody who stops it by hanging up.

        Args:
            request: the request.
            caller: who was verified.
            work: reads; told when to stop.
            forget: takes away what was made for somebody who is not to have it any more.

        Raises:
            Refusal: with 429, when too much is being read for them already; with 401, when they have no proof any more
                of who they are.
        """
        stop, proof = Event(), Proof(request, caller, self._check_seconds)

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            stop.set()

        watching = asyncio.create_task(watch())
        try:
            made = await self.read(caller, lambda: work(stop))
        finally:
            stop.set()
            watching.cancel()
        try:
            await proof.must_hold()
        except BaseException:
            forget(made)
            raise
        return made
