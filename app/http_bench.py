"""Print how a server does on this machine: a benchmark, never a timed test.

    python -m app.http_bench [--streams 50] [--seconds 60]

Seconds until it is ready, many streams at once, questions a second with the CPU time of each, and memory before and
after. The questions are covered by a metric of the demo lake, so no model takes part.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx

from eval.open_bench import ROOT, skipper

_QUESTION: Final = {"question": "monthly recurring revenue by region last quarter"}
_STREAM: Final = {"accept": "text/event-stream"}
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_FREE: Final = {
    "SKIPPER_HTTP_REQUESTS_PER_MINUTE": "1000000",
    "SKIPPER_HTTP_RUNS_EACH": "1000",
    "SKIPPER_HTTP_STREAMS_EACH": "1000",
}


def say(name: str, figure: str) -> None:
    """One line of the report."""
    print(f"{name:<58}{figure}", flush=True)  # noqa: T201


def family(pid: int) -> list[int]:
    """A process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its children, those that ended included."""
    total = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / _TICKS


def megabytes(pid: int) -> int:
    """Memory of the server's own process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * _PAGE // 2**20


async def one_stream(http: httpx.AsyncClient) -> tuple[float, float]:
    """Seconds until the first event and until the last."""
    began, first = time.perf_counter(), 0.0
    async with http.stream("POST", "/v1/runs", json=_QUESTION, headers=_STREAM) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: ") and not first:
                first = time.perf_counter() - began
    return first, time.perf_counter() - began


async def one_answer(http: httpx.AsyncClient) -> tuple[float, float]:
    """Seconds until a question was answered, twice."""
    began = time.perf_counter()
    response = await http.post("/v1/runs", json=_QUESTION)
    if response.json()["run"]["status"] != "answered":
        raise SystemExit(response.text)
    took = time.perf_counter() - began
    return took, took


async def many(url: str, at_a_time: int, seconds: float, *, streamed: bool) -> list[tuple[float, float]]:
    """So many clients, each asking again and again."""
    end, found = time.monotonic() + seconds, []
    limits = httpx.Limits(max_connections=at_a_time)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, trust_env=False) as http:

        async def client() -> None:
            while time.monotonic() < end:
                found.append(await (one_stream(http) if streamed else one_answer(http)))

        await asyncio.gather(*(client() for _ in range(at_a_time)))
    return found


def quantiles(values: list[float]) -> str:
    """p50, p95 and the longest, in milliseconds."""
    values = sorted(values)
    p50, p95 = values[len(values) // 2], values[int(len(values) * 0.95)]
    return f"{p50 * 1000:.0f}, {p95 * 1000:.0f}, {values[-1] * 1000:.0f} ms"


def main() -> None:
    """Serve a demo lake of its own, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60, help="how long each part asks")
    options = parser.parse_args()
    told = f"Python {platform.python_version()}, fastapi {version('fastapi')}, uvicorn {version('uvicorn')}"
    say("versions", f"{told}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="skipper_bench_") as place:
        home = Path(place) / "home"
        made = skipper(home, "demo", "--json")
        if made.returncode:
            sys.exit(made.stderr)
        _measure(home, options.streams, options.seconds)


def _measure(home: Path, streams: int, seconds: float) -> None:
    port, began = 18_437, time.perf_counter()
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "app.cli.main", "serve", "--port", str(port)],
        env={**os.environ, "SKIPPER_HOME": str(home), **_FREE},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                if httpx.get(f"{url}/ready", trust_env=False).status_code == httpx.codes.OK:
                    break
            except httpx.TransportError:
                time.sleep(0.02)
        say("start to ready", f"{time.perf_counter() - began:.2f} s")
        asyncio.run(many(url, 2, 5, streamed=False))
        before = megabytes(server.pid)
        found = asyncio.run(many(url, streams, seconds, streamed=True))
        say(f"{streams} streams at once, first event: p50, p95, longest", quantiles([first for first, _ in found]))
        say(f"{streams} streams at once, whole: p50, p95, longest", quantiles([whole for _, whole in found]))
        used, began = cpu_seconds(server.pid), time.perf_counter()
        asked = asyncio.run(many(url, 4, seconds, streamed=False))
        rate = len(asked) / (time.perf_counter() - began)
        each = (cpu_seconds(server.pid) - used) / len(asked)
        say("a metric question, 4 clients: a second, CPU of each", f"{rate:.1f}, {each * 1000:.0f} ms")
        say("a metric question, 4 clients: p50, p95, longest", quantiles([whole for _, whole in asked]))
        after = megabytes(server.pid)
        say("memory before and after", f"{before} MB, {after} MB, over {len(found) + len(asked)} questions")
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
