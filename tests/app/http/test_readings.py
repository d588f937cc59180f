"""Readings of one caller: some at once, a few that wait for a place, and no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event

import pytest

from app.http.problems import Refusal
from app.http.readings import Readings
from townlake.domain.principal import Principal

ANN, BOB = Principal(subject="ann"), Principal(subject="bob")
LONG = 60.0


@asynccontextmanager
async def busy(readings: Readings, count: int) -> AsyncIterator[Callable[[], None]]:
    """So many readings of Ann that end when told to."""
    end, begun = Event(), 0

    def work() -> None:
        nonlocal begun
        begun += 1
        end.wait(LONG)

    going = [asyncio.create_task(readings.read(ANN, work)) for _ in range(count)]
    try:
        while begun < count:
            await asyncio.sleep(0.01)
        yield end.set
    finally:
        end.set()
        await asyncio.gather(*going)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_one_more_waits_until_another_ends() -> None:
    async def main() -> None:
        readings = Readings(each=2, waiting=2, patience=LONG)
        async with busy(readings, 2) as end:
            order: list[int] = []
            more = [asyncio.create_task(readings.read(ANN, lambda n=n: order.append(n))) for n in (1, 2)]
            await settle()
            assert order == []
            assert await readings.read(BOB, lambda: "at once") == "at once"
            end()
            await asyncio.gather(*more)
            assert sorted(order) == [1, 2]
        assert readings._places == {}

    asyncio.run(main())


def test_who_waits_in_vain_and_who_finds_no_room_to_wait_are_refused() -> None:
    async def main() -> None:
        readings = Readings(each=1, waiting=1, patience=0.3)
        async with busy(readings, 1):
            began = time.monotonic()
            waits = asyncio.create_task(readings.read(ANN, lambda: None))
            await settle()
            with pytest.raises(Refusal) as at_once:
                await readings.read(ANN, lambda: None)
            assert not waits.done()
            with pytest.raises(Refusal) as later:
                await waits
            assert time.monotonic() - began >= 0.3
            assert (at_once.value.status, later.value.status) == (429, 429)
        assert await readings.read(ANN, lambda: "again") == "again"

    asyncio.run(main())


def test_who_hangs_up_while_waiting_makes_room() -> None:
    async def main() -> None:
        readings = Readings(each=1, waiting=1, patience=LONG)
        async with busy(readings, 1) as end:
            gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            ran: list[str] = []
            left = asyncio.create_task(readings.read(ANN, lambda: ran.append("left"), gone))
            await settle()
            gone.set_result(None)
            with pytest.raises(Refusal):
                await left
            stays = asyncio.create_task(readings.read(ANN, lambda: ran.append("stays")))
            await settle()
            end()
            await stays
            assert ran == ["stays"]

    asyncio.run(main())


def test_who_is_stopped_while_waiting_leaves_no_place_taken() -> None:
    async def main() -> None:
        readings = Readings(each=1, waiting=1, patience=LONG)
        async with busy(readings, 1):
            waits = asyncio.create_task(readings.read(ANN, lambda: None))
            await settle()
            waits.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waits
        assert await readings.read(ANN, lambda: "free") == "free"
        assert readings._places == {}

    asyncio.run(main())
