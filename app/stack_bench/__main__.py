"""Print how a whole stack does on this machine: a benchmark, never a timed test.

    python -m app.stack_bench [--scale sf1] [--minutes 5] [--callers 20] [--kills 3]

Seconds until the stack is ready, a metric question from end to end, decisions of the policy service, what Skipper adds
to Trino's own client over queries of TPC-H, many callers at once, and what happens when servers are killed.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.settings import load_settings
from app.stack.stack import Stack
from app.stack_bench.decisions import decisions
from app.stack_bench.soak import killed, soak
from app.stack_bench.tpch import make_tables, queries
from app.workspace import Workspace
from eval.open_bench import skipper
from townlake.domain.principal import Principal

QUESTION = "monthly recurring revenue by region last quarter"
_TIMES = 3


def say(name: str, figure: str) -> None:
    """One line of the report."""
    print(f"{name:<58}{figure}", flush=True)  # noqa: T201


def question(home: Path, times: int = 7) -> float:
    """Median seconds of one `skipper ask` in a new process."""
    took = []
    for _ in range(times):
        took.append(_timed(lambda: skipper(home, "ask", QUESTION, "--json")))
    return statistics.median(took)


def overhead(workspace: Workspace) -> tuple[float, float]:
    """Seconds of all queries by Trino's own client and through Skipper: the best of three, taken in turns."""
    who = Principal(subject="evaluator")
    user = workspace.identities.identify(who)

    def bare(sql: str) -> None:
        with workspace.coordinator.cursor(user) as cursor:
            cursor.execute(sql).fetchall()

    def whole(sql: str) -> None:
        verdict = workspace.lake.check(sql, who, runs_next=True)
        if not verdict.passed:
            raise SystemExit(f"refused: {verdict.findings}")
        workspace.lake.run(verdict)

    mine = theirs = 0.0
    for name, sql in queries().items():
        runs = [(_timed(bare, sql), _timed(whole, sql)) for _ in range(_TIMES)]
        least = min(one for one, _ in runs), min(other for _, other in runs)
        say(f"  {name}: Trino's client, Skipper", f"{least[0]:.2f} s, {least[1]:.2f} s")
        theirs, mine = theirs + least[0], mine + least[1]
    return theirs, mine


def _timed(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def main() -> None:
    """Start a stack in a home of its own, and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scale", default="sf1", help="schema of Trino's connector `tpch`")
    parser.add_argument("--minutes", type=float, default=5, help="how long the callers ask")
    parser.add_argument("--callers", type=int, default=20)
    parser.add_argument("--kills", type=int, default=3, help="how often each server is killed")
    parser.add_argument("--servers", nargs="*", default=["trino", "policy", "postgres"], help="which are killed")
    options = parser.parse_args()
    told = f"Python {platform.python_version()}, trino client {version('trino')}, {os.cpu_count()} cores"
    say("versions", told)
    with tempfile.TemporaryDirectory(prefix="skipper_bench_") as place:
        Path(place).chmod(0o711)
        home = Path(place) / "home"
        home.mkdir(mode=0o700)
        stack = Stack(home, os.environ)
        try:
            say("stack up for the first time", f"{_timed(stack.up):.1f} s")
            stack.down()
            say("stack up again", f"{_timed(stack.up):.1f} s")
            os.environ |= stack.addresses.settings() | {"SKIPPER_HOME": str(home)}
            _measure(home, stack, options)
        finally:
            stack.down()


def _measure(home: Path, stack: Stack, options: Any) -> None:
    made = skipper(home, "demo", "--json")
    if made.returncode:
        sys.exit(made.stderr)
    say("metric question from end to end, p50", f"{question(home):.2f} s")
    say("policy: decisions a second, p50, p95", decisions(stack.addresses.policy_url))
    say(f"TPC-H {options.scale} written as Iceberg", f"{_timed(make_tables, home, stack, options.scale):.0f} s")
    with Workspace(load_settings()) as workspace:
        theirs, mine = overhead(workspace)
        say("TPC-H: Trino's client, Skipper, ratio", f"{theirs:.1f} s, {mine:.1f} s, {mine / theirs:.3f}")
        say(
            f"{options.callers} callers, {options.minutes:g} minutes", soak(workspace, options.callers, options.minutes)
        )
    for name in options.servers:
        say(f"{name} killed {options.kills} times in the middle", killed(stack, name, options.kills))


if __name__ == "__main__":
    main()
