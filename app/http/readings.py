"""Statements and files that are read while somebody waits: in threads of their own, and few for each caller.

Whoever verifies callers, tells events or answers `/health` uses other threads, so that slow statements hold up nobody.
Who has as many as they may waits a little for a place: one that hung up is noticed only after the next one has asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
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
Who = tuple[str, str, str | None]
_MOST: Final = 16
_EACH: Final = 4
_WAITING: Final = 4
_PATIENCE_SECONDS: Final = 5.0


@dataclass(slots=True)
class _Places:
    """The places of one caller."""

    taken: int = 0
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    """Who waits for one, the longest first."""


class Readings:
    """What is being read for callers of this process. Used from one event loop.

    Args:
        most: readings at once, for everybody.
        each: readings at once, for one caller.
        waiting: readings of one caller that wait for a place; one more is refused at once.
        patience: how long each waits, in seconds.
        check_seconds: whoever waited for longer is looked at again before they are told.
    """

    def __init__(
        self,
        most: int = _MOST,
        each: int = _EACH,
        waiting: int = _WAITING,
        patience: float = _PATIENCE_SECONDS,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self._threads = CapacityLimiter(most)
        self._each = each
        self._waiting = waiting
        self._patience = patience
        self._check_seconds = check_seconds
        self._places: dict[Who, _Places] = {}

    async def read(self, caller: Principal, work: Callable[[], T], hung_up: asyncio.Future[None] | None = None) -> T:
        """Do something that reads the lake for a caller.

        Args:
            caller: for whom.
            work: what to do, in a thread.
            hung_up: done when nobody waits for it any more; then it waits for no place either.

        Raises:
            Refusal: with 429, when too much is being read for them already, and nothing of it ends soon.
        """
        who = (caller.kind.value, caller.subject, caller.on_behalf_of)
        places = self._places.setdefault(who, _Places())
        try:
            await self._take(places, hung_up)
            try:
                return await anyio.to_thread.run_sync(work, limiter=self._threads)
            finally:
                _leave(places)
        finally:
            if not places.taken and not places.waiting:
                self._places.pop(who, None)

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
            Refusal: with 429, when too much is being read for them already, and nothing of it ends soon; with 401, when
                they have no proof any more of who they are.
        """
        stop, proof = Event(), Proof(request, caller, self._check_seconds)

        async def watch() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            stop.set()

        watching = asyncio.create_task(watch())
        try:
            made = await self.read(caller, lambda: work(stop), watching)
        finally:
            stop.set()
            watching.cancel()
        try:
            await proof.must_hold()
        except BaseException:
            forget(made)
            raise
        return made

    async def _take(self, places: _Places, hung_up: asyncio.Future[None] | None) -> None:
        if places.taken < self._each and not places.waiting:
            places.taken += 1
            return
        if len(places.waiting) >= self._waiting:
            raise self._refusal()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        places.waiting.append(turn)
        ends = {turn} if hung_up is None else {turn, hung_up}
        try:
            await asyncio.wait(ends, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if turn.done():
                _leave(places)
            raise
        finally:
            if turn in places.waiting:
                places.waiting.remove(turn)
        if not turn.done():
            raise self._refusal()

    def _refusal(self) -> Refusal:
        return Refusal(
            429,
            f"{self._each} statements and looks of yours are running.",
            hint="Wait for one of them.",
            headers={"Retry-After": "2"},
        )


def _leave(places: _Places) -> None:
    """Give a place to whoever has waited longest for it, or free it."""
    if places.waiting:
        places.waiting.pop(0).set_result(None)
    else:
        places.taken -= 1
