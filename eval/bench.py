"""Print how fast the product is on this machine: a benchmark, never a timed test.

    python -m eval.bench [--home DIR]

Everything is measured from outside, on the commands that a person runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from eval.open_bench import ROOT, skipper

QUESTION = "monthly recurring revenue by region last quarter"
PACKAGES = ("duckdb", "sqlglot", "pyiceberg", "chromadb", "langgraph", "onnxruntime")


def child_cpu() -> float:
    """CPU seconds of all children that ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def help_cpu(home: Path, times: int = 5) -> float:
    """The least CPU of `skipper --help`, in seconds."""
    figures = []
    for _ in range(times):
        before = child_cpu()
        skipper(home, "--help")
        figures.append(child_cpu() - before)
    return min(figures)


def cold_ask(home: Path, times: int = 3) -> float:
    """Median wall seconds of one `skipper ask` in a new process."""
    figures = []
    for _ in range(times):
        started = time.perf_counter()
        skipper(home, "ask", QUESTION, "--json")
        figures.append(time.perf_counter() - started)
    return statistics.median(figures)


def warm_questions(home: Path, times: int = 30) -> tuple[float, float]:
    """A metric question in a warm conversation: median wall and mean CPU milliseconds of the asking process."""
    child = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "ask", "--json"],
        env=os.environ | {"SKIPPER_HOME": str(home)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child has no pipes")
    walls, cpus = [], []
    for number in range(times + 5):
        before, started = _cpu_of(child.pid), time.perf_counter()
        child.stdin.write(QUESTION + "\n")
        child.stdin.flush()
        json.loads(child.stdout.readline())
        if number >= 5:
            walls.append((time.perf_counter() - started) * 1000)
            cpus.append((_cpu_of(child.pid) - before) * 1000)
    child.stdin.close()
    child.wait()
    # The kernel counts CPU in ticks of 10 ms: a mean over many questions is finer than one tick.
    return statistics.median(walls), statistics.mean(cpus)


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def line(what: str, figure: str, aim: str) -> None:
    """Print one row."""
    print(f"{what:<58} {figure:>12}   aim {aim}", flush=True)  # noqa: T201


def main() -> None:
    """Print every figure with the machine and the versions."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--home", type=Path, help="a home that holds the demo lake already")
    arguments = parser.parse_args()
    cpu = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(cpu + ", " + ", ".join(f"{name} {version(name)}" for name in PACKAGES))  # noqa: T201
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch) / "home"
        if not (home / "state.db").exists():
            started = time.perf_counter()
            built = json.loads(skipper(home, "demo", "--json").stdout)
            line("demo lake, with reviews", f"{built['lake_seconds']:.1f} s", "60 s")
            line(
                "demo lake, with the first index (exports the embedder)", f"{time.perf_counter() - started:.1f} s", "-"
            )
        line("skipper --help, CPU", f"{help_cpu(home):.2f} s", "0.4 s")
        line("a cold `skipper ask`, metric, wall", f"{cold_ask(home):.2f} s", "3 s")
        wall, used = warm_questions(home)
        line("a metric question in a warm process, wall, median", f"{wall:.0f} ms", "150 ms")
        line("CPU of the asking process for it (engine apart), mean", f"{used:.0f} ms", "60 ms")
    for module in ("eval.bench_guard", "eval.bench_prompt", "eval.bench_columns"):
        print(f"\n{module}", flush=True)  # noqa: T201
        subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=False)  # noqa: S603 - our own program


if __name__ == "__main__":
    main()
