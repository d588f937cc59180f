"""A small lake for every test of a command. A test may do to it whatever it likes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.shop import Home, open_shop, write_sources


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the shop was loaded from."""
    folder = tmp_path_factory.mktemp("shop") / "sources"
    write_sources(folder)
    return folder


@pytest.fixture(scope="session")
def pristine(
    tmp_path_factory: pytest.TempPathFactory, sources: Path, shared_embedder: pytest.MonkeyPatch
) -> tuple[Path, Path]:
    """(the home, a copy of it as it was made). Iceberg keeps whole paths, so only the first place works."""
    home = tmp_path_factory.mktemp("home") / "home"
    open_shop(Home(home), sources)
    kept = home.with_name("kept")
    shutil.copytree(home, kept)
    return home, kept


@pytest.fixture
def shop(pristine: tuple[Path, Path]) -> Iterator[Home]:
    """The shop as it was made; changes are undone."""
    home, kept = pristine
    yield Home(home)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(kept, home)


@pytest.fixture(scope="module")
def changing_shop(pristine: tuple[Path, Path]) -> Iterator[Home]:
    """The same for a whole module: what its tests change is undone after the last of them."""
    home, kept = pristine
    yield Home(home)
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(kept, home)


@pytest.fixture
def nowhere(tmp_path: Path, shared_embedder: pytest.MonkeyPatch) -> Home:
    """A home that is not there."""
    return Home(tmp_path / "none")


@pytest.fixture(scope="session")
def demo(demo_home: Path) -> Home:
    """The demo lake; for reading."""
    return Home(demo_home)
