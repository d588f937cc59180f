"""Find the open development data beside the project, or skip with a reason."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shared_path(*parts: str) -> Path:
    """A path below the shared data folder; skips the test, saying so, when it is not there."""
    path = Path(os.environ.get("SKIPPER_SHARED", ROOT.parent / "shared")).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the open data folder {'/'.join(parts)} is not beside the project; set SKIPPER_SHARED to read it")
    return path
