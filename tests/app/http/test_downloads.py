"""Files of results do not stay."""

from __future__ import annotations

import os
from pathlib import Path

from app.http.downloads import forget_lost


def test_what_a_server_that_died_was_sending_is_forgotten_and_what_is_being_sent_is_not(tmp_path: Path) -> None:
    old, new, other = tmp_path / "download-a", tmp_path / "download-b", tmp_path / "warehouse"
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "rows.csv").write_text("secret")
    for folder in (old, other):
        os.utime(folder, (0, 0))
    forget_lost(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["download-b", "warehouse"]
