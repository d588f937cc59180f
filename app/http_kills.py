"""Kill a server again and again in the midst of its work, and print what became of what it had acknowledged.

    python -m app.http_kills [--kills 50]

Questions, some of them in threads, are asked of a demo lake of its own; the server is killed at any moment and started
again. A request that got no answer is sent again under its key. In the end every run that was acknowledged, or begun
under a key, must have come to its end once, with its events numbered without a gap, and the audit must be whole.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx

from app.http_bench import quantiles, say
from eval.open_bench import ROOT, skipper

_QUESTIONS: Final = (
    "monthly recurring revenue by region last quarter",
    "monthly recurring revenue last month",
    "top 5 customers by invoiced revenue this year",
)
_AT_ONCE: Final = 6
_LATEST_SECONDS: Final = 1.5
_FREE: Final = {"SKIPPER_HTTP_REQUESTS_PER_MINUTE": "1000000", "SKIPPER_HTTP_RUNS_EACH": "1000"}
_START_SECONDS: Final = 120.0
_END_SECONDS: Final = 60.0


@dataclass
class Asked:
    """A question that was sent, under a key of its own."""

    body: dict[str, Any]
    key: str = field(default_factory=lambda: uuid4().hex)
    run_id: str | None = None
    """The run, once it was acknowledged."""


@dataclass
class Outcome:
    """What was found."""

    asked: list[Asked] = field(default_factory=list)
    kills: int = 0
    in_midst: int = 0
    """Runs that were acknowledged and not over when their server was killed."""
    seconds: list[float] = field(default_factory=list)
    """From the next server's being ready until such a run was over."""
    faults: list[str] = field(default_factory=list)


class Server:
    """A server that can be killed."""

    def __init__(self, home: Path, variables: Mapping[str, str]) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "app.cli.main", "serve", "--port", "0", "--json"],
            env={**variables, "SKIPPER_HOME": str(home), **_FREE},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None  # noqa: S101
        self.http = httpx.Client(base_url=json.loads(self._child.stdout.readline())["url"], timeout=60, trust_env=False)
        end = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if time.monotonic() > end:
                raise SystemExit("The server did not become ready.")
            time.sleep(0.02)
        self.ready_at = time.monotonic()

    def _is_ready(self) -> bool:
        try:
            return self.http.get("/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """As a power cut would."""
        self._child.kill()
        self._child.communicate()
        self.http.close()

    def stop(self) -> None:
        """As an operator would."""
        self._child.terminate()
        self._child.communicate()
        self.http.close()

    def ask(self, asked: Asked) -> None:
        """Send a question; whether it was acknowledged, `run_id` says."""
        try:
            answer = self.http.post(
                "/v1/runs", json=asked.body, params={"wait": 0}, headers={"idempotency-key": asked.key}
            )
        except httpx.TransportError:
            return
        if answer.status_code == httpx.codes.CREATED:
            asked.run_id = answer.json()["run"]["run_id"]

    def run(self, run_id: str) -> dict[str, Any]:
        """A run."""
        found: dict[str, Any] = self.http.get(f"/v1/runs/{run_id}").json()
        return found

    def events(self, run_id: str) -> list[dict[str, Any]]:
        """All that it told."""
        text = self.http.get(f"/v1/runs/{run_id}/events").text
        return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


def kill_again_and_again(
    home: Path,
    kills: int,
    questions: Sequence[str] = _QUESTIONS,
    seed: int = 1,
    variables: Mapping[str, str] = os.environ,
) -> Outcome:
    """Kill a server so many times in the midst of its work.

    Args:
        home: of its lake.
        kills: how often.
        questions: that its lake answers without a model.
        seed: of the moments.
        variables: the environment of the servers.
    """
    chance, found = random.Random(seed), Outcome()  # noqa: S311 - when to kill is no secret
    open_runs: list[Asked] = []
    for _ in range(kills):
        server = Server(home, variables)
        _until_over(server, open_runs, found)
        sent = [_question(chance, questions, number) for number in range(_AT_ONCE)]
        found.asked += sent
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for asked in sent:
                threads.submit(server.ask, asked)
            time.sleep(chance.random() * _LATEST_SECONDS)
            server.kill()
        found.kills += 1
        open_runs = sent
    server = Server(home, variables)
    try:
        _until_over(server, open_runs, found)
        _judge(server, home, found)
    finally:
        server.stop()
    return found


def _question(chance: random.Random, questions: Sequence[str], number: int) -> Asked:
    thread = f"thread-{number}" if number % 2 else None
    return Asked({"question": chance.choice(questions), "thread": thread})


def _until_over(server: Server, asked: list[Asked], found: Outcome) -> None:
    waiting = {each.run_id for each in asked if each.run_id is not None}
    for each in asked:
        if each.run_id is None:
            server.ask(each)
            if each.run_id is None:
                found.faults.append(f"a request under the key {each.key} was not taken")
    first = True
    while waiting and time.monotonic() - server.ready_at < _END_SECONDS:
        for run_id in tuple(waiting):
            if server.run(run_id)["status"] in ("queued", "running"):
                continue
            waiting.discard(run_id)
            if not first:
                found.in_midst += 1
                found.seconds.append(time.monotonic() - server.ready_at)
        first = False
        time.sleep(0.05)
    found.faults += [f"the run {run_id} did not come to its end" for run_id in waiting]


def _judge(server: Server, home: Path, found: Outcome) -> None:
    ids = [each.run_id for each in found.asked if each.run_id is not None]
    if len(set(ids)) != len(found.asked):
        found.faults.append(f"{len(found.asked)} keys began {len(set(ids))} runs")
    for run_id in ids:
        if (status := server.run(run_id)["status"]) not in ("answered", "no_rows"):
            found.faults.append(f"the run {run_id} is {status}")
        told = server.events(run_id)
        if [event["seq"] for event in told] != list(range(1, len(told) + 1)):
            found.faults.append(f"the events of {run_id} have gaps")
        if sum(event["type"] in ("run.finished", "run.failed") for event in told) != 1:
            found.faults.append(f"the run {run_id} did not end once")
    known, cursor = set(), None
    while True:
        page = server.http.get("/v1/runs", params={"limit": 200} | ({"cursor": cursor} if cursor else {})).json()
        known |= {run["run_id"] for run in page["runs"]}
        if (cursor := page["next_cursor"]) is None:
            break
    if known != set(ids):
        found.faults.append(f"there are {len(known)} runs of {len(ids)} that were asked for")
    checked = skipper(home, "audit", "verify")
    if checked.returncode:
        found.faults.append(f"the audit is not whole: {checked.stderr.strip()}")


def main() -> None:
    """Print what was found; leaves with 1 when something was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="skipper_kills_") as place:
        home = Path(place) / "home"
        made = skipper(home, "demo", "--json")
        if made.returncode:
            sys.exit(made.stderr)
        found = kill_again_and_again(home, options.kills)
    say("kills, questions", f"{found.kills}, {len(found.asked)}")
    say("runs in the midst of which a server was killed", str(found.in_midst))
    if found.seconds:
        say("from ready until they were over: p50, p95, longest", quantiles(found.seconds))
    say("lost, told twice or with gaps, audit broken", str(len(found.faults)))
    sys.exit("\n".join(found.faults) or None)


if __name__ == "__main__":
    main()
