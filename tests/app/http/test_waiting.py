"""Whoever waits for an answer is told it only as long as what they sent proves who they are."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Timer
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from app.http.following import ended, until_over
from app.http.problems import Refusal
from app.http.proof import Proof
from app.http.readings import Readings
from app.runs.feed import Live
from tests.app.http.served import serving
from tests.app.http.test_streams import ANN, BOB, scope_of
from tests.app.http.test_streams import Proof as Sent
from tests.app.shop import Home
from tests.support.messages_api import Reply, messages_api

HARD = "who is late with paying?"


def running() -> Any:
    return Live(SimpleNamespace(principal=ANN, told=(), last_seq=0, run_id="0" * 16))  # type: ignore[arg-type]


def test_a_look_is_taken_every_few_seconds_and_no_more() -> None:
    sent = Sent()
    proof = Proof(Request(scope_of(sent)), ANN, seconds=0.05)

    async def test() -> None:
        assert await proof.holds()
        assert sent.asked == 0
        await asyncio.sleep(0.06)
        assert await proof.holds()
        assert await proof.holds()
        assert sent.asked == 1
        sent.principal = None
        await asyncio.sleep(0.06)
        assert not await proof.holds()
        # What was gone once is looked at again at once.
        assert not await proof.holds()
        assert sent.asked == 3

    asyncio.run(test())


@pytest.mark.parametrize("then", [None, BOB, ANN.model_copy(update={"groups": frozenset({"finance"})})])
@pytest.mark.parametrize("way", ["run", "chat"])
def test_waiting_ends_once_the_proof_is_gone(monkeypatch: pytest.MonkeyPatch, way: str, then: Any) -> None:
    monkeypatch.setattr("app.http.following.PING_SECONDS", 0.02)
    sent, live = Sent(), running()
    proof = Proof(Request(scope_of(sent)), ANN, seconds=0.03)

    async def wait() -> object:
        if way == "chat":
            return await ended(live, 60, proof=proof)
        desk: Any = SimpleNamespace()
        return await until_over(desk, "0" * 16, ANN, live, 60, proof)

    async def test() -> None:
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.2)
        assert not waiting.done()
        sent.principal = then
        with pytest.raises(Refusal) as refused:
            await asyncio.wait_for(waiting, 10)
        assert refused.value.status == 401
        assert "WWW-Authenticate" in refused.value.headers

    asyncio.run(test())


def test_the_end_is_not_told_to_whose_proof_went_meanwhile() -> None:
    sent, live = Sent(principal=None), running()
    proof = Proof(Request(scope_of(sent)), ANN, seconds=0.1)

    async def test() -> None:
        Timer(0.3, live.over.set).start()
        Timer(0.3, lambda: live.tell(())).start()
        with pytest.raises(Refusal):
            await ended(live, 60, proof=proof)

    asyncio.run(test())


@pytest.mark.parametrize("is_gone", [False, True])
def test_what_took_long_to_read_is_told_and_kept_only_with_the_proof(is_gone: bool) -> None:
    sent, forgotten = Sent(), list[str]()

    async def receive() -> Any:
        await asyncio.sleep(60)

    def work(stop: Event) -> str:
        sent.principal = None if is_gone else ANN
        time.sleep(0.1)
        return "rows"

    async def read() -> str:
        readings = Readings(check_seconds=0.05)
        return await readings.while_connected(Request(scope_of(sent), receive), ANN, work, forgotten.append)

    if is_gone:
        with pytest.raises(Refusal):
            asyncio.run(read())
    else:
        assert asyncio.run(read()) == "rows"
    assert forgotten == ["rows"] * is_gone


@pytest.mark.parametrize("way", ["run", "mcp"])
def test_a_key_that_is_revoked_meanwhile_is_told_no_answer(shop: Home, way: str) -> None:
    key = shop.ok("key", "create", "leaver", "--json").json
    bearer = {"authorization": f"Bearer {key['key']}"}
    empty = {"reading": "", "assumptions": [], "question": "", "options": []}
    written = json.dumps(empty | {"status": "sql", "sql": "SELECT region FROM shop.orders"})

    def slowly(body: object) -> Reply:
        shop.ok("key", "revoke", key["id"])
        time.sleep(6)
        return Reply(written)

    with messages_api(slowly) as api:
        model = {"SKIPPER_MODEL_API_KEY": "none", "SKIPPER_MODEL_BASE_URL": api.url}
        with serving(shop, **model) as served:
            if way == "run":
                told = served.http.post("/v1/runs", json={"question": HARD}, headers=bearer, timeout=60)
            else:
                call = {"name": "ask", "arguments": {"question": HARD}}
                asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
                more = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}
                told = served.http.post("/mcp", json=asked, headers=bearer | more, timeout=60)
    if way == "run":
        assert told.status_code == 401, told.text
    else:
        assert told.json()["result"]["isError"], told.text
    assert "ceased to prove" in told.text
    assert "region" not in told.text
    assert api.requests


def test_waits_of_one_caller_are_as_few_as_streams(shop: Home) -> None:
    is_tried = Event()

    def slowly(body: object) -> Reply:
        is_tried.wait(60)
        return Reply("{}")

    once = {"idempotency-key": "k"}
    with messages_api(slowly) as api, ThreadPoolExecutor() as threads:
        model = {"SKIPPER_MODEL_API_KEY": "none", "SKIPPER_MODEL_BASE_URL": api.url}
        with serving(shop, SKIPPER_HTTP_STREAMS_EACH="1", **model) as served:
            ask = partial(served.http.post, "/v1/runs", json={"question": HARD}, headers=once, timeout=90)
            waiting = threads.submit(ask)
            while not api.requests:
                time.sleep(0.05)
            refused = ask()
            told = ask(params={"wait": 0})
            is_tried.set()
            assert waiting.result().status_code == 201
            again = ask()
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert told.json()["run"]["status"] == "running"
    assert again.status_code == 201
