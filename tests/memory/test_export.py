"""The exported model is the original."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from memory.embedder import MODEL_FILE, Embedder
from memory.export import export_embedder
from tests.support.shared import ROOT
from townlake.domain.errors import HomeError


@pytest.mark.slow
def test_meaning_survives_the_export(embedder_dir: Path) -> None:
    embedder = Embedder.open(embedder_dir)
    vectors = embedder.embed(["monthly salary", "what employees earn", "firewall events", ""])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1
    # A text's vector does not depend on what it was embedded with.
    assert np.allclose(embedder.embed_one("monthly salary"), vectors[0], atol=1e-5)
    assert {"employee", "salary"} <= embedder.vocabulary()


@pytest.mark.slow
def test_an_export_is_made_once(embedder_dir: Path) -> None:
    before = (embedder_dir / MODEL_FILE).stat().st_mtime_ns
    assert export_embedder(embedder_dir) == Embedder.open(embedder_dir).digest
    assert (embedder_dir / MODEL_FILE).stat().st_mtime_ns == before


@pytest.mark.slow
def test_answering_imports_nothing_heavy(embedder_dir: Path) -> None:
    code = (
        "import sys, pathlib; from memory.embedder import Embedder; import memory.search, memory.value_index\n"
        f"Embedder.open(pathlib.Path({str(embedder_dir)!r})).embed_one('x')\n"
        "print({'torch', 'sentence_transformers', 'transformers', 'chromadb'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "set()"


def test_no_export_and_half_an_export_are_said_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="skipper index"):
        Embedder.open(tmp_path)
    (tmp_path / MODEL_FILE).write_bytes(b"half")
    with pytest.raises(HomeError, match="skipper index"):
        Embedder.open(tmp_path)
