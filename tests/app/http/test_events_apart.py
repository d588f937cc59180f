"""Events that wait for the disk keep no decision waiting."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any, cast

from app.http.policy import EVENTS, PolicyService
from app.version import program_version
from townlake.governance.trino_events import TrinoEvents
from townlake.governance.trino_policy import TrinoPolicy

BATCH = json.dumps(
    {"input": {"context": {"identity": {"user": "a"}}, "action": {"operation": "FilterTables"}}}
).encode()


class Held:
    """Takes no event before it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.at_once = 0
        self.most = 0

    def unreadable(self, _size: int) -> str:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.go.wait(30)
        self.at_once -= 1
        return "written"


async def ask(service: PolicyService, path: str, body: bytes = b"", method: str = "POST") -> Any:
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await service({"type": "http", "method": method, "path": path}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def nobody() -> TrinoPolicy:
    return TrinoPolicy(cast("Any", None), cast("Any", None))


def test_a_decision_is_made_while_events_wait() -> None:
    async def body(held: Held) -> None:
        service = PolicyService(nobody, lambda: "7", cast("TrinoEvents", held))
        told = [asyncio.create_task(ask(service, EVENTS, b"no event")) for _ in range(100)]
        await asyncio.sleep(0.1)
        try:
            assert await asyncio.wait_for(ask(service, "/trino/batch", BATCH), 10) == (200, {"result": []})
        finally:
            held.go.set()
        assert await asyncio.gather(*told) == [(200, {"written": "written"})] * 100

    held = Held()
    asyncio.run(body(held))
    assert held.most == 1


def test_health_tells_the_version_of_the_program() -> None:
    service = PolicyService(nobody, lambda: "7")
    told = asyncio.run(ask(service, "/health", method="GET"))
    assert told == (200, {"policy_version": "7", "program": program_version()})
