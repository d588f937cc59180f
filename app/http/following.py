"""The events of a run as they come: from this process while it works on it, else as they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.concurrency import run_in_threadpool

from app.contract.events import Event, EventType
from app.http.problems import Refusal
from app.runs.telling import Told, answer_told
from townlake.domain.errors import SkipperError

if TYPE_CHECKING:
    from app.http.desk import Desk
    from app.http.proof import Proof
    from app.runs.feed import Live
    from townlake.domain.principal import Principal

PING_SECONDS: Final = 5.0
"""A silent connection is cut by many proxies after half a minute; and so often it is looked whether the caller still
may hear."""
_LOOK_SECONDS: Final = 0.25
"""How often a run that another server works on is looked at."""
_TRIES: Final = 60
_TRY_SECONDS: Final = 0.5
_NOTHING: Final = 2**53
"""Whoever has this event has all of them."""


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
    async for event in _Heard(desk, run_id, principal, live).events(after):
        yield event if isinstance(event, Event) or event is None else await again.whole(event.event)


async def until_over(
    desk: Desk, run_id: str, principal: Principal, live: Live | None, seconds: float, proof: Proof | None = None
) -> Live | None:
    """Wait for the end of a run, wherever it is worked on, for so many seconds at most.

    Returns:
        The run, where it ended in this process with just these rights.

    Raises:
        Refusal: whoever waits has no proof any more of who they are.
    """
    heard = _Heard(desk, run_id, principal, live)
    await _within(seconds, heard.events(_NOTHING), proof)
    live = heard.live
    return live if live is not None and live.over.is_set() and not live.is_broken_off else None


async def ended(
    live: Live,
    seconds: float,
    tell: Callable[[Event], Awaitable[None]] | None = None,
    proof: Proof | None = None,
) -> bool:
    """Wait until a run of this process has ended, for so many seconds at most.

    Args:
        live: the run.
        seconds: how long to wait.
        tell: is told of each event since the run was taken.
        proof: of whoever waits.

    Returns:
        Whether it has ended.

    Raises:
        Refusal: whoever waits has no proof any more of who they are.
    """
    await _within(seconds, listened(live, _NOTHING) if tell is None else _telling(live, tell), proof)
    return live.over.is_set()


async def _telling(live: Live, tell: Callable[[Event], Awaitable[None]]) -> AsyncIterator[None]:
    async for event in listened(live, _begins_after(live)):
        if event is not None:
            await tell(event)
        yield


def live_of(desk: Desk, run_id: str, principal: Principal) -> Live | None:
    """The run, while this process works on it with just the rights that its caller has now."""
    return _theirs(desk.runner.live(run_id), principal)


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


class _Kept(NamedTuple):
    """An event as it is kept: what quotes rows has none."""

    event: Event


class _Heard:
    """What is heard of a run, wherever it is worked on."""

    def __init__(self, desk: Desk, run_id: str, principal: Principal, live: Live | None) -> None:
        self._desk = desk
        self._run_id = run_id
        self._principal = principal
        self.live = _theirs(live, principal)
        """The run, while this process works on it, and after it has ended here."""

    async def events(self, after: int) -> AsyncIterator[Event | _Kept | None]:
        """The events after one, until it has ended or waits; None when there was nothing to tell for a while."""
        loop = asyncio.get_running_loop()
        told_at = loop.time()
        while True:
            if self.live is None or after < _begins_after(self.live):
                # Both at one moment: what is over tells nothing more.
                kept, is_over = await run_in_threadpool(self._desk.journal.look, self._run_id, after)
                for event in kept:
                    after, told_at = event.seq, loop.time()
                    yield _Kept(event)
                if is_over:
                    return
                self.live = live_of(self._desk, self._run_id, self._principal)
            if self.live is not None:
                async for told in listened(self.live, after):
                    after, told_at = after if told is None else told.seq, loop.time()
                    yield told
                if not self.live.is_broken_off:
                    return
                self.live = None
            await asyncio.sleep(_LOOK_SECONDS)
            if loop.time() - told_at > PING_SECONDS:
                told_at = loop.time()
                yield None


def _begins_after(live: Live) -> int:
    """The last event from before this process took the run."""
    return live.job.last_seq - len(live.job.told)


def _theirs(live: Live | None, principal: Principal) -> Live | None:
    return live if live is not None and live.job.principal == principal else None


async def _within(seconds: float, heard: AsyncIterator[object], proof: Proof | None) -> None:
    """Hear to the end, for so many seconds at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            async for _ in heard:
                if proof is not None:
                    await proof.must_hold()
    if proof is not None:
        await proof.must_hold()


class _Again:
    """What quotes rows is not kept: it is made again, once, from the same snapshots."""

    def __init__(self, desk: Desk, run_id: str, principal: Principal) -> None:
        self._desk = desk
        self._run_id = run_id
        self._principal = principal
        self._told: dict[int, dict[str, Any]] | None = None
        self._gone = ""

    async def whole(self, event: Event) -> Event:
        """The event, with what it quotes of rows."""
        if not event.type.quotes:
            return event
        if self._told is None:
            try:
                self._told = await self._read()
            except SkipperError as error:
                self._told, self._gone = {}, str(error)
        return event.model_copy(update={"data": self._told.get(event.seq, {"gone": self._gone})})

    async def _read(self) -> dict[int, dict[str, Any]]:
        """What is quoted, once the caller's other statements leave room for it."""
        for _ in range(_TRIES):
            try:
                return await self._desk.readings.read(self._principal, self._tell)
            except Refusal as refusal:
                if refusal.status != HTTPStatus.TOO_MANY_REQUESTS:
                    raise
            await asyncio.sleep(_TRY_SECONDS)
        return await self._desk.readings.read(self._principal, self._tell)

    def _tell(self) -> dict[int, dict[str, Any]]:
        kept = self._desk.journal.events(self._run_id)
        told = tuple(answer_told(self._desk.asker.rerun(self._run_id, self._principal)))
        return quoted(kept, told)


def quoted(kept: Sequence[Event], told: Sequence[Told]) -> dict[int, dict[str, Any]]:
    """What the events of a run quoted, by their number, made from its answer told anew.

    Only the last turn has an answer. There may be other rows now, since rights are those of now: where there are more,
    the last event has all that are left; where there are fewer, it has all of them anew.
    """
    began = max((event.seq for event in kept if event.type.begins), default=0)
    found: dict[int, dict[str, Any]] = {}
    for kind in (EventType.RESULT_ROWS, EventType.MESSAGE_DELTA):
        numbers = [event.seq for event in kept if event.type is kind and event.seq > began]
        data = [each for told_kind, each in told if told_kind is kind]
        found |= dict(zip(numbers, data, strict=False))
        if kind is EventType.RESULT_ROWS and numbers and len(data) > len(numbers):
            left = data[len(numbers) - 1 :]
            found[numbers[-1]] = {"first": left[0]["first"], "rows": [row for each in left for row in each["rows"]]}
        if kind is EventType.RESULT_ROWS and len(data) < len(numbers):
            every = [row for each in data for row in each["rows"]]
            found |= {number: {"first": len(every), "rows": []} for number in numbers[len(data) :]}
            found[numbers[-1]] = {"first": 0, "rows": every}
    return found


async def as_sse(events: AsyncIterator[Event | None]) -> AsyncIterator[str]:
    """The events as text/event-stream."""
    async for event in events:
        yield ": ping\n\n" if event is None else sse(event)


def sse(event: Event) -> str:
    """One event as text: its number, its type, and everything as JSON."""
    return f"id: {event.seq}\nevent: {event.type.value}\ndata: {event.model_dump_json()}\n\n"
