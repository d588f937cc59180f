"""Print how a server does on this machine: a benchmark, never a timed test.

    python -m app.http_bench [--streams 50] [--seconds 60] [--soak 3600]

Seconds until it is ready, many streams at once, questions a second with the CPU time of each, and memory before and
after. First the questions are covered by a metric of the demo lake, so no model takes part. Then half of them are not,
and a scripted model answers at once: what is told is the time of Skipper, and none of a model's.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx

from app.scripted_model import scripted_model
from eval.open_bench import ROOT, skipper

_QUESTION: Final = {"question": "monthly recurring revenue by region last quarter"}
_ASKED: Final = {
    "metric": _QUESTION,
    "model": {"question": "how are our customers spread over the countries where they live?"},
}
_DRAFT: Final = {
    "reading": "",
    "status": "sql",
    "sql": "SELECT country, count(*) AS customers FROM crm.accounts GROUP BY country ORDER BY country",
    "assumptions": [],
    "question": "",
    "options": [],
}
_STREAM: Final = (
    b"POST /v1/runs HTTP/1.1\r\nhost: 127.0.0.1:%d\r\naccept: text/event-stream\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
)
_CLIENTS: Final = 4
_PARTS: Final = 12
_PORT: Final = 18_437
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_FREE: Final = {
    "SKIPPER_HTTP_REQUESTS_PER_MINUTE": "1000000",
    "SKIPPER_HTTP_RUNS_EACH": "1000",
    "SKIPPER_HTTP_STREAMS_EACH": "1000",
}


def say(name: str, figure: str) -> None:
    """One line of the report."""
    print(f"{name:<66}{figure}", flush=True)  # noqa: T201


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


async def one_stream() -> tuple[float, float]:
    """Seconds until the first event and until the last, by a plain connection: a client's own work is no server's."""
    began, first = time.perf_counter(), 0.0
    body = json.dumps(_QUESTION).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", _PORT)
    writer.write(_STREAM % (_PORT, len(body)) + body)
    while line := await reader.readline():
        if line.startswith(b"data: ") and not first:
            first = time.perf_counter() - began
    writer.close()
    return first, time.perf_counter() - began


async def one_answer(http: httpx.AsyncClient, path: str) -> float:
    """Seconds until a question was answered in this way; anything else ends the bench."""
    began = time.perf_counter()
    response = await http.post("/v1/runs", json=_ASKED[path])
    found = response.json()
    if found["run"]["status"] != "answered" or found["answer"]["path"] != path:
        raise SystemExit(response.text)
    return time.perf_counter() - began


@asynccontextmanager
async def clients(url: str, at_a_time: int) -> AsyncIterator[httpx.AsyncClient]:
    """Connections for so many."""
    limits = httpx.Limits(max_connections=at_a_time)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, trust_env=False) as http:
        yield http


async def many_streams(at_a_time: int, seconds: float) -> list[tuple[float, float]]:
    """So many clients, each following one question after another."""
    end, found = time.monotonic() + seconds, []

    async def client() -> None:
        while time.monotonic() < end:
            found.append(await one_stream())

    await asyncio.gather(*(client() for _ in range(at_a_time)))
    return found


async def many_answers(url: str, at_a_time: int, seconds: float, *paths: str) -> dict[str, list[float]]:
    """So many clients, each asking now for one way, now for the next; the times of each way."""
    end = time.monotonic() + seconds
    found: dict[str, list[float]] = {path: [] for path in paths}
    async with clients(url, at_a_time) as http:

        async def client(first: int) -> None:
            turns = itertools.cycle(paths[first:] + paths[:first])
            while time.monotonic() < end:
                path = next(turns)
                found[path].append(await one_answer(http, path))

        await asyncio.gather(*(client(n % len(paths)) for n in range(at_a_time)))
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
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="ask for so long, and tell the memory only")
    options = parser.parse_args()
    told = f"Python {platform.python_version()}, fastapi {version('fastapi')}, uvicorn {version('uvicorn')}"
    say("versions", f"{told}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="skipper_bench_") as place:
        home = Path(place) / "home"
        made = skipper(home, "demo", "--json")
        if made.returncode:
            sys.exit(made.stderr)
        with scripted_model(json.dumps(_DRAFT)) as model:
            if options.soak:
                _soak(home, model, options.soak)
                return
            _measure_metrics(home, options.streams, options.seconds)
            _measure_half(home, model, options.seconds)


@contextmanager
def _served(home: Path, **variables: str) -> Iterator[tuple[str, int]]:
    """A server that is ready: its address and its process."""
    url = f"http://127.0.0.1:{_PORT}"
    server = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "app.cli.main", "serve", "--port", str(_PORT)],
        env={**os.environ, "SKIPPER_HOME": str(home), **_FREE, **variables},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _is_ready(url):
            if server.poll() is not None:
                raise SystemExit("The server ended before it was ready.")
            time.sleep(0.02)
        yield url, server.pid
    finally:
        server.terminate()
        server.wait(30)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _measure_metrics(home: Path, streams: int, seconds: float) -> None:
    began = time.perf_counter()
    with _served(home) as (url, pid):
        say("start to ready, with the CPU of it", f"{time.perf_counter() - began:.2f} s, {cpu_seconds(pid):.2f} s")
        asyncio.run(many_answers(url, 2, 5, "metric"))
        before = megabytes(pid)
        found = asyncio.run(many_streams(streams, seconds))
        say(f"{streams} streams at once, first event: p50, p95, longest", quantiles([first for first, _ in found]))
        say(f"{streams} streams at once, whole: p50, p95, longest", quantiles([whole for _, whole in found]))
        asked = _measure_answers("a metric question, 4 clients", url, pid, seconds, "metric")
        say("memory before and after", f"{before} MB, {megabytes(pid)} MB, over {len(found) + asked} questions")


def _measure_half(home: Path, model: str, seconds: float) -> None:
    with _served(home, ANTHROPIC_API_KEY="none", ANTHROPIC_BASE_URL=model) as (url, pid):
        asyncio.run(many_answers(url, 2, 5, "metric", "model"))
        _measure_answers("written by a scripted model, 4 clients", url, pid, seconds, "model")
        _measure_answers("half by a metric, half by it, 4 clients", url, pid, seconds, "metric", "model")


def _soak(home: Path, model: str, seconds: float) -> None:
    with _served(home, ANTHROPIC_API_KEY="none", ANTHROPIC_BASE_URL=model) as (url, pid):
        asked = 0
        for part in range(_PARTS + 1):
            say(f"memory after {seconds * part / _PARTS:.0f} s, {asked} questions", f"{megabytes(pid)} MB")
            if part < _PARTS:
                found = asyncio.run(many_answers(url, _CLIENTS, seconds / _PARTS, "metric", "model"))
                asked += sum(map(len, found.values()))


def _measure_answers(name: str, url: str, pid: int, seconds: float, *paths: str) -> int:
    """Measure four clients, and tell how many questions were answered."""
    used, began = cpu_seconds(pid), time.perf_counter()
    found = asyncio.run(many_answers(url, _CLIENTS, seconds, *paths))
    took, asked = time.perf_counter() - began, sum(map(len, found.values()))
    say(f"{name}: a second, CPU of each", f"{asked / took:.1f}, {(cpu_seconds(pid) - used) / asked * 1000:.0f} ms")
    for path, times in found.items():
        say(f"  by a {path}: a second, p50, p95, longest", f"{len(times) / took:.1f}, {quantiles(times)}")
    return asked


if __name__ == "__main__":
    main()
