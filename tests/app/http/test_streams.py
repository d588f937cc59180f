"""Streams are few for each caller, and last for as long as their reader reads, and may."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from threading import Thread
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import Request

from app.http.identity.identity import Identity
from app.http.problems import Refusal
from app.http.server import Server
from app.http.streams import EventStream, Streams
from townlake.domain.principal import Principal

ANN, BOB = Principal(subject="ann"), Principal(subject="bob")


@dataclass
class Proof:
    """A way of identity that proves somebody until it is taken away."""

    principal: Principal | None = ANN
    asked: int = field(default=0)

    def identify(self, _request: Request) -> Identity | None:
        self.asked += 1
        if self.principal is None:
            raise Refusal(401, "The key was revoked.")
        return Identity(self.principal)


async def ticking() -> AsyncIterator[str]:
    while True:
        await asyncio.sleep(0.01)
        yield ": ping\n\n"


async def few() -> AsyncIterator[str]:
    yield "data: 1\n\n"
    yield "data: 2\n\n"


def scope_of(proof: Proof) -> dict[str, Any]:
    app = SimpleNamespace(state=SimpleNamespace(desk=SimpleNamespace(callers=(proof,))))
    return {"type": "http", "method": "GET", "headers": [], "app": app, "asgi": {"spec_version": "2.3"}}


def stream_of(streams: Streams, proof: Proof, pieces: AsyncIterator[str]) -> EventStream:
    return EventStream(streams, streams.take(ANN), Request(scope_of(proof)), ANN, pieces)


async def told(stream: EventStream, proof: Proof, wait: Callable[[], Any] | None = None) -> tuple[str, bool]:
    """What a reader got, and whether the answer was complete."""
    got: list[bytes] = []
    is_whole = False

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal is_whole
        if wait is not None and message["type"] == "http.response.body":
            await wait()
        got.append(message.get("body", b""))
        is_whole = message["type"] == "http.response.body" and not message.get("more_body")

    async with asyncio.timeout(10):
        await stream(scope_of(proof), receive, send)
    return b"".join(got).decode(), is_whole


def test_it_is_told_to_its_end() -> None:
    proof, streams = Proof(), Streams(1)

    async def test() -> None:
        assert await told(stream_of(streams, proof, few()), proof) == ("data: 1\n\ndata: 2\n\n", True)
        assert streams.take(ANN)

    asyncio.run(test())


def test_one_caller_has_so_many_and_others_have_theirs() -> None:
    streams = Streams(2)
    first, _ = streams.take(ANN), streams.take(ANN)
    with pytest.raises(Refusal) as refused:
        streams.take(ANN)
    assert refused.value.status == 429
    assert int(refused.value.headers["Retry-After"]) >= 1
    streams.take(BOB)
    first()
    first()
    streams.take(ANN)
    with pytest.raises(Refusal):
        streams.take(ANN)


@pytest.mark.parametrize("then", [None, BOB, ANN.model_copy(update={"groups": frozenset({"finance"})})])
def test_it_ends_once_the_proof_is_gone_or_stands_for_something_else(then: Principal | None) -> None:
    proof, streams = Proof(), Streams(1, check_seconds=0.03)

    async def test() -> None:
        stream = asyncio.create_task(told(stream_of(streams, proof, ticking()), proof))
        await asyncio.sleep(0.2)
        assert not stream.done()
        assert proof.asked >= 2
        proof.principal = then
        _, is_whole = await stream
        assert is_whole
        assert streams.take(ANN)

    asyncio.run(test())


def test_a_reader_who_reads_nothing_is_let_go() -> None:
    proof, streams = Proof(), Streams(1, read_seconds=0.05)

    async def test() -> None:
        _, is_whole = await told(stream_of(streams, proof, ticking()), proof, lambda: asyncio.sleep(60))
        assert not is_whole
        assert streams.take(ANN)

    asyncio.run(test())


def test_a_server_that_ends_tells_readers_to_come_again_and_does_not_wait_for_them() -> None:
    proof, streams = Proof(), Streams(1)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await stream_of(streams, proof, ticking())(scope, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=20)
    server = Server(config, streams)
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.stream("GET", url, timeout=10, trust_env=False) as response:
        pieces = response.iter_text()
        got = next(pieces)
        began = time.monotonic()
        server.should_exit = True
        got += "".join(pieces)
    thread.join(20)
    assert not thread.is_alive()
    assert time.monotonic() - began < 5
    assert got.endswith("retry: 1000\n\n")
