"""Building, taking over, noticing damage."""

from pathlib import Path

import pytest

from memory.indexer import build, manifest_of
from memory.published import pointed
from memory.search import Memory
from tests.memory.lake import TABLES, WHOLE, WordModel, table
from townlake.domain.errors import HomeError


def current(root: Path) -> Path:
    name = pointed(root)
    assert name is not None
    return root / name


def test_only_new_texts_are_embedded_again(tmp_path: Path) -> None:
    first = build(tmp_path, embedder=WordModel(), tables=TABLES)
    assert first.embedded > 0
    model = WordModel()
    second = build(tmp_path, embedder=model, tables=[*TABLES, table("crm.notes", "body")])
    assert (second.embedded, sorted(model.embedded)) == (2, ["crm notes", "notes body"])


def test_another_model_takes_nothing_over(tmp_path: Path) -> None:
    first = build(tmp_path, embedder=WordModel(), tables=TABLES)
    assert build(tmp_path, embedder=WordModel("other"), tables=TABLES).embedded == first.embedded


def test_the_index_says_what_it_was_made_from(tmp_path: Path) -> None:
    assert manifest_of(tmp_path) is None
    build(tmp_path, embedder=WordModel(), tables=TABLES, version="catalog 7")
    manifest = manifest_of(tmp_path)
    assert manifest is not None
    assert (manifest.version, manifest.embedder) == ("catalog 7", "words")


def test_an_open_memory_follows_to_the_next_version(tmp_path: Path) -> None:
    build(tmp_path, embedder=WordModel(), tables=TABLES, version="1")
    memory = Memory.open(tmp_path, WordModel())
    more = [*TABLES, table("crm.surveys", "satisfaction")]
    build(tmp_path, embedder=WordModel(), tables=more, version="2")
    found = memory.search("satisfaction surveys", WHOLE.whole(more))
    assert memory.version == "2"
    assert found.preferred is not None
    assert found.preferred.table.name == "surveys"
    memory.close()


def test_an_empty_lake_can_be_indexed(tmp_path: Path) -> None:
    build(tmp_path, embedder=WordModel(), tables=[])
    memory = Memory.open(tmp_path, WordModel())
    assert memory.search("anything", WHOLE).tables == ()
    memory.close()


def test_no_index_is_said_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="skipper index"):
        Memory.open(tmp_path, WordModel())


@pytest.mark.parametrize("name", ["manifest.json", "documents.db", "vectors.npy"])
@pytest.mark.parametrize("content", [None, b"", b"garbage"])
def test_damage_is_noticed_and_a_build_mends_it(tmp_path: Path, name: str, content: bytes | None) -> None:
    build(tmp_path, embedder=WordModel(), tables=TABLES)
    path = current(tmp_path) / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(HomeError, match="skipper index"):
        Memory.open(tmp_path, WordModel())
    build(tmp_path, embedder=WordModel(), tables=TABLES)
    Memory.open(tmp_path, WordModel()).close()


def test_damage_of_the_same_size_is_noticed_too(tmp_path: Path) -> None:
    build(tmp_path, embedder=WordModel(), tables=TABLES)
    path = current(tmp_path) / "documents.db"
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(HomeError, match="skipper index"):
        Memory.open(tmp_path, WordModel())


def test_a_damaged_graph_is_noticed_by_who_needs_it(tmp_path: Path) -> None:
    build(tmp_path, embedder=WordModel(), tables=TABLES)
    for path in (current(tmp_path) / "chroma").rglob("*"):
        if path.is_file():
            path.write_bytes(b"garbage")
    memory = Memory.open(tmp_path, WordModel())
    with pytest.raises(HomeError, match="skipper index"):
        memory.search("invoices", WHOLE)
    memory.close()


def test_an_index_of_another_model_is_refused(tmp_path: Path) -> None:
    build(tmp_path, embedder=WordModel(), tables=TABLES)
    with pytest.raises(HomeError, match="another embedding model"):
        Memory.open(tmp_path, WordModel("other"))
