"""Versions are whole or absent, and stay while somebody reads them."""

from pathlib import Path

import pytest

from memory.published import lease, pointed, publishing
from townlake.domain.errors import HomeError


def publish(root: Path, text: str) -> None:
    with publishing(root) as made:
        (made / "data").write_text(text)


def read(root: Path) -> str:
    held = lease(root)
    assert held is not None
    try:
        return (held.path / "data").read_text()
    finally:
        held.release()


def versions(root: Path) -> int:
    return len(list(root.glob("0*")))


def test_nothing_is_there_before_the_first_version(tmp_path: Path) -> None:
    assert lease(tmp_path) is None
    assert lease(tmp_path / "missing") is None


def test_a_version_replaces_the_one_before(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    publish(tmp_path, "two")
    assert read(tmp_path) == "two"
    assert versions(tmp_path) == 1


def test_an_error_leaves_the_version_before(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    with pytest.raises(ZeroDivisionError), publishing(tmp_path) as made:
        (made / "data").write_text(str(1 // 0))
    assert read(tmp_path) == "one"
    assert versions(tmp_path) == 1


def test_what_somebody_reads_is_kept_until_they_let_go(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    held = lease(tmp_path)
    assert held is not None
    publish(tmp_path, "two")
    assert (held.path / "data").read_text() == "one"
    held.release()
    publish(tmp_path, "three")
    assert versions(tmp_path) == 1


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    left = tmp_path / "000007-dead"
    left.mkdir()
    (left / "data").write_text("half")
    publish(tmp_path, "two")
    assert not left.exists()
    assert pointed(tmp_path) is not None
    assert read(tmp_path) == "two"


def test_a_pointer_that_leads_elsewhere_is_no_pointer(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("../outside")
    assert lease(tmp_path) is None


def test_a_root_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="cannot be written"), publishing(tmp_path / "file"):
        pass
