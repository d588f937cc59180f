"""Homes that several folders of tests share: made once a session, by the commands that a person would run."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.open_bench import load_databases, skipper
from tests.support.shared import shared_path


@pytest.fixture(scope="session")
def embedder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported embedding model: 90 MB and ten seconds, so all homes share it."""
    from memory.export import export_embedder

    directory = tmp_path_factory.mktemp("models") / "embedder"
    export_embedder(directory)
    return directory


@pytest.fixture(scope="session")
def shared_embedder(embedder_dir: Path) -> pytest.MonkeyPatch:
    """Set for the whole session, so that commands in processes of their own find the model too."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SKIPPER_EMBEDDER", str(embedder_dir))
    return patch


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory, shared_embedder: pytest.MonkeyPatch) -> Path:
    """A home with the demo lake, indexed. Tests read it; one that writes makes its own."""
    home = tmp_path_factory.mktemp("demo") / "home"
    done = skipper(home, "demo", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture(scope="session")
def bench_home(tmp_path_factory: pytest.TempPathFactory, shared_embedder: pytest.MonkeyPatch) -> Path:
    """A home with all databases of the open benchmark, one schema each, open to everyone."""
    bench = shared_path("bench")
    home = tmp_path_factory.mktemp("bench") / "home"
    assert load_databases(bench, home) == []
    return home
