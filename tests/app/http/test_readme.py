"""What the README says that a bot can do, as it stands there, against the demo lake."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.http.served import Served, serving
from tests.app.shop import Home
from tests.support.shared import ROOT

SECTION = re.search(
    r"^## Bots, pages and other agents\n(.*?)^## ", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S
)
assert SECTION is not None
EXAMPLES = re.findall(r"^```(\w+)\n(.*?)^```", SECTION[1], re.M | re.S)


@pytest.fixture(scope="module")
def served(demo: Home) -> Iterator[Served]:
    with serving(demo) as running:
        yield running


def run(language: str, text: str, port: int, work: Path) -> str:
    """What an example prints."""
    there = text.replace("localhost:8000", f"localhost:{port}")
    command = ["bash", "-euc", there] if language == "bash" else [sys.executable, "-c", there]
    done = subprocess.run(
        command,
        cwd=work,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_one_for_each_way() -> None:
    assert [language for language, _ in EXAMPLES] == ["bash", "python", "python", "python"]


def test_a_job_with_curl(served: Served, tmp_path: Path) -> None:
    said = run(*EXAMPLES[0], served.port, tmp_path)
    assert "region,mrr\r\n" in said or "region,mrr\n" in said
    assert '"verdict":"right"' in said


def test_a_job_with_the_python_client(served: Served, tmp_path: Path) -> None:
    assert "run.finished" in run(*EXAMPLES[1], served.port, tmp_path)
    assert (tmp_path / "customers.xlsx").read_bytes().startswith(b"PK")


def test_a_job_with_an_openai_client(served: Served, tmp_path: Path) -> None:
    assert "| EMEA |" in run(*EXAMPLES[2], served.port, tmp_path)


def test_a_job_with_an_mcp_client(served: Served, tmp_path: Path) -> None:
    said = run(*EXAMPLES[3], served.port, tmp_path)
    assert "billing.invoices" in said
    assert "EMEA" in said
