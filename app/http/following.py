"""The events of a run as they come: from this process while it works on it, else as they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool

from app.contract.events import Event, EventType
from app.runs.telling import answer_told
from townlake.domain.errors import SkipperError

if TYPE_CHECKING:
    from app.http.desk import Desk
    from app.runs.feed import Live
    from townlake.domain.principal import Principal

PING_SECONDS: Final = 15.0
"""A silent connection is cut by many proxies after half a minute or a minute."""
_LOOK_SECONDS: Final = 0.25
"""How often a run that another server works on is looked at."""


async def follow(
    desk: Desk, run_id: str, principal: Principal, after: int = 0, live: Live | None = None
) -> AsyncIterator[Event | None]:
    """The events of a run after one, until it has ended or waits; None when there was nothing to tell for a while.

    Args:
        desk: where runs are.
        run_id: a run of this very caller: whoever calls this has looked.
        principal: the caller. What quotes rows is made again with their rights of now.
        after: the last event that they have.
        live: the run, when it has just been taken.
    """
    again = _Again(desk, run_id, principal)
    while True:
        if live is None:
            kept = await run_in_threadpool(desk.journal.events, run_id, after)
            for event in await again.whole(kept):
                after = event.seq
                yield event
            live = live_of(desk, run_id, principal)
        if live is not None:
            async for told in listened(live, after):
                after = after if told is None else told.seq
                yield told
            live = None
            if not await _is_over(desk, run_id, principal):
                await asyncio.sleep(_LOOK_SECONDS)
            elif not await run_in_threadpool(desk.journal.events, run_id, after):
                return
        elif await _is_over(desk, run_id, principal):
            if not await run_in_threadpool(desk.journal.events, run_id, after):
                return
        else:
            await asyncio.sleep(_LOOK_SECONDS)


def live_of(desk: Desk, run_id: str, principal: Principal) -> Live | None:
    """The run, while this process works on it with just the rights that its caller has now."""
    live = desk.runner.live(run_id)
    return live if live is not None and live.job.principal == principal else None


async def until_over(desk: Desk, run_id: str, principal: Principal, live: Live | None, seconds: float) -> Live | None:
    """Wait for the end of a run, wherever it is worked on, for so many seconds at most.

    Returns:
        The run, where it ended in this process with just these rights.
    """
    end = asyncio.get_running_loop().time() + seconds
    while (left := end - asyncio.get_running_loop().time()) > 0:
        if live is not None and live.job.principal == principal:
            if await ended(live, left) and not live.is_broken_off:
                return live
            live = None
        elif await _is_over(desk, run_id, principal):
            return None
        else:
            await asyncio.sleep(min(left, _LOOK_SECONDS))
            live = live_of(desk, run_id, principal)
    return live if live is not None and live.over.is_set() and not live.is_broken_off else None


async def _is_over(desk: Desk, run_id: str, principal: Principal) -> bool:
    return (await run_in_threadpool(desk.journal.get, run_id, principal)).status.is_over


async def listened(live: Live, after: int) -> AsyncIterator[Event | None]:
    """The events of a run of this process after one, until it ends; None when there was nothing to tell for a while."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    stop = live.listen(lambda: loop.call_soon_threadsafe(news.set))
    try:
        while True:
            is_over = live.over.is_set()
            news.clear()
            for event in live.since(after):
                after = event.seq
                yield event
            if is_over:
                return
            try:
                await asyncio.wait_for(news.wait(), PING_SECONDS)
            except TimeoutError:
                yield None
    finally:
        stop()


class _Again:
    """What quotes rows is not kept: it is made again, once, from the same snapshots."""

    def __init__(self, desk: Desk, run_id: str, principal: Principal) -> None:
        self._desk = desk
        self._run_id = run_id
        self._principal = principal
        self._told: dict[EventType, Iterator[dict[str, Any]]] | None = None
        self._gone = ""

    async def whole(self, events: Sequence[Event]) -> list[Event]:
        """The events, with what quotes rows."""
        if any(event.type.quotes for event in events) and self._told is None:
            try:
                self._told = await self._desk.readings.read(self._principal, self._tell)
            except SkipperError as error:
                self._told, self._gone = {}, str(error)
        return [self._with_data(event) if event.type.quotes else event for event in events]

    def _tell(self) -> dict[EventType, Iterator[dict[str, Any]]]:
        try:
            told = tuple(answer_told(self._desk.asker.rerun(self._run_id, self._principal)))
        except SkipperError as error:
            self._gone = str(error)
            told = ()
        kinds = (EventType.RESULT_ROWS, EventType.MESSAGE_DELTA)
        return {kind: iter([data for each, data in told if each is kind]) for kind in kinds}

    def _with_data(self, event: Event) -> Event:
        found = next((self._told or {}).get(event.type, iter(())), None)
        return event.model_copy(update={"data": found if found is not None else {"gone": self._gone}})


async def ended(live: Live, seconds: float) -> bool:
    """Wait until a run of this process has ended, for so many seconds at most; gives whether it has."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    stop = live.listen(lambda: loop.call_soon_threadsafe(news.set))
    try:
        async with asyncio.timeout(seconds):
            while not live.over.is_set():
                await news.wait()
                news.clear()
    except TimeoutError:
        return live.over.is_set()
    finally:
        stop()
    return True


async def as_sse(events: AsyncIterator[Event | None]) -> AsyncIterator[str]:
    """The events as text/event-stream."""
    async for event in events:
        yield ": ping\n\n" if event is None else sse(event)


def sse(event: Event) -> str:
    """One event as text: its number, its type, and everything as JSON."""
    return f"id: {event.seq}\nevent: {event.type.value}\ndata: {event.model_dump_json()}\n\n"
