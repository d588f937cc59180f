"""`skipper serve` as a process of its own, over a real home, asked by HTTP."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.app.shop import Home

QUESTION = "order value by region"


class Served:
    """A running server."""

    def __init__(self, home: Home, port: int = 0, **environment: str) -> None:
        self.home = home
        self.child = home.start("serve", "--port", str(port), "--json", environment=environment)
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line, self.child.communicate(timeout=10)
        self.url = json.loads(line)["url"]
        self.port = int(self.url.rpartition(":")[2])
        self.http = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                if self.http.get("/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError("the server did not become ready")

    def ask(self, question: str = QUESTION, **more: Any) -> dict[str, Any]:
        """Ask and wait for the end."""
        response = self.http.post("/v1/runs", json={"question": question, **more})
        assert response.status_code == 201, response.text
        found: dict[str, Any] = response.json()
        return found

    def until_over(self, run_id: str, seconds: float = 60) -> dict[str, Any]:
        """The run, once nothing more happens to it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found: dict[str, Any] = self.http.get(f"/v1/runs/{run_id}").json()
            if found["status"] not in ("queued", "running"):
                return found
            time.sleep(0.05)
        raise AssertionError(f"still {found['status']} after {seconds} s")

    def kill(self) -> None:
        """As a power cut would."""
        self.child.kill()
        self.child.communicate(timeout=30)
        self.http.close()

    def stop(self) -> int:
        """As a person would, with Ctrl-C; gives the exit code."""
        self.child.send_signal(signal.SIGINT)
        self.child.communicate(timeout=30)
        self.http.close()
        return self.child.returncode


@contextmanager
def serving(home: Home, **environment: str) -> Iterator[Served]:
    """A server that is gone when it is left."""
    served = Served(home, **environment)
    try:
        yield served
    finally:
        if served.child.poll() is None:
            served.kill()


def events_of(text: str) -> list[dict[str, Any]]:
    """What a stream of events told."""
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
