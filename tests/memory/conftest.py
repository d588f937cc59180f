from collections.abc import Iterator
from pathlib import Path

import pytest

from memory.indexer import build
from memory.search import Memory
from tests.memory.lake import KNOWLEDGE, TABLES, WordModel


@pytest.fixture(scope="session")
def index_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("memory") / "index"
    build(path, embedder=WordModel(), tables=TABLES, knowledge=KNOWLEDGE, version="v1")
    return path


@pytest.fixture
def memory(index_path: Path) -> Iterator[Memory]:
    opened = Memory.open(index_path, WordModel())
    yield opened
    opened.close()
