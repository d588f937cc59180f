"""Homes that several folders of tests share: made once a run, by the commands that a person would run."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.open_bench import load_databases, skipper
from tests.app.shop import Home
from tests.support.shared import ROOT, shared_path


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """What all workers of this run only read: the first that needs it makes it, and the others wait."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    with (base / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.fstat(lock.fileno()).st_size:
            make(base / name)
            lock.write("made")
    return base / name


@pytest.fixture(scope="session")
def embedder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported embedding model: 90 MB and ten seconds, so all homes share it."""

    def make(directory: Path) -> None:
        # In a process of its own: torch warns while it traces, and stays in memory.
        code = f"import pathlib, memory.export as e; e.export_embedder(pathlib.Path({str(directory)!r}))"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)

    return made_once(tmp_path_factory, "embedder", make)


@pytest.fixture(scope="session")
def shared_embedder(embedder_dir: Path) -> pytest.MonkeyPatch:
    """Set for the whole session, so that commands in processes of their own find the model too."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SKIPPER_EMBEDDER", str(embedder_dir))
    return patch


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, shared_embedder: pytest.MonkeyPatch) -> Path:
    """A home with the demo lake, indexed. Tests read it; one that writes makes its own."""

    def make(home: Path) -> None:
        done = skipper(home, "demo", "--json")
        assert done.returncode == 0, done.stdout + done.stderr

    return made_once(tmp_path_factory, "demo", make)


@pytest.fixture(scope="session")
def bench_home(tmp_path_factory: pytest.TempPathFactory, shared_embedder: pytest.MonkeyPatch) -> Path:
    """A home with all databases of the open benchmark, one schema each, open to everyone."""
    bench = shared_path("bench")
    home = tmp_path_factory.mktemp("bench") / "home"
    assert load_databases(bench, home, run=in_this_process) == []
    return home


def in_this_process(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the product, without the two seconds that a process takes to start."""
    done = Home(home).run(*arguments)
    return subprocess.CompletedProcess(arguments, done.code, done.out, done.err)
