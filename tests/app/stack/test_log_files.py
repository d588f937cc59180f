"""Logs: their ends, and what is added to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.stack.log_files import follow, last_lines


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, ["c"]), (2, ["b", "c"]), (9, ["a", "b", "c"])])
def test_the_end_of_a_log(tmp_path: Path, count: int, expected: list[str]) -> None:
    (tmp_path / "log").write_bytes(b"a\nb\nc\n")
    assert last_lines(tmp_path / "log", count) == expected


def test_a_log_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "log", 5) == []


@pytest.mark.timeout(20)
def test_what_is_added_is_followed_also_into_a_new_log(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n", encoding="utf-8")
    said = follow({"one": path, "none": tmp_path / "none"})
    (tmp_path / "none").write_text("new\n", encoding="utf-8")
    assert next(said) == ("none", "new")
    with path.open("a", encoding="utf-8") as log:
        log.write("first\nhalf")
    assert next(said) == ("one", "first")
    with path.open("a", encoding="utf-8") as log:
        log.write(" done\n")
    assert next(said) == ("one", "half done")
    path.replace(tmp_path / "log.1")
    path.write_text("again\n", encoding="utf-8")
    assert next(said) == ("one", "again")
    said.close()  # type: ignore[attr-defined]
