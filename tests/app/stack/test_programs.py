"""Programs that are missing are told before anything is started, and with what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.stack.account import Account, open_way
from app.stack.postgres_install import find_postgres
from app.stack.trino_install import VERSION, is_installed
from app.stack.trino_login import make_certificate
from townlake.domain.errors import SettingsError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as somebody else")
NOBODY = Account("nobody", 65_534, 65_534)


def programs(directory: Path) -> Path:
    directory.mkdir(parents=True)
    for name in ("initdb", "postgres", "psql"):
        (directory / name).touch(0o755)
    return directory


def test_the_newest_postgresql_is_taken(tmp_path: Path) -> None:
    for version in ("9.6", "15", "16"):
        programs(tmp_path / version / "bin")
    (tmp_path / "17" / "bin").mkdir(parents=True)  # only its client programs are there
    assert find_postgres({}, tmp_path) == tmp_path / "16" / "bin"


def test_a_named_directory_wins(tmp_path: Path) -> None:
    programs(tmp_path / "16" / "bin")
    named = programs(tmp_path / "own")
    assert find_postgres({"SKIPPER_POSTGRES_BIN": str(named)}, tmp_path) == named
    with pytest.raises(SettingsError, match="does not hold"):
        find_postgres({"SKIPPER_POSTGRES_BIN": str(tmp_path)}, tmp_path)


def test_the_path_is_looked_at_last(tmp_path: Path) -> None:
    found = programs(tmp_path / "elsewhere")
    assert find_postgres({"PATH": str(found)}, tmp_path / "none") == found
    with pytest.raises(SettingsError) as caught:
        find_postgres({"PATH": str(tmp_path)}, tmp_path / "none")
    assert "apt install postgresql" in caught.value.hint


def test_a_java_without_keytool_is_told(tmp_path: Path) -> None:
    java = tmp_path / "jdk" / "bin" / "java"
    with pytest.raises(SettingsError, match="no keytool"):
        make_certificate(java, tmp_path / "keystore", tmp_path / "pem", "word")
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_that_is_there_stays(tmp_path: Path) -> None:
    for name in ("keystore", "pem"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    make_certificate(tmp_path / "none", tmp_path / "keystore", tmp_path / "pem", "word")
    assert (tmp_path / "pem").read_text(encoding="utf-8") == "pem"


@needs_root
def test_a_home_is_opened_for_one_group_and_to_pass_only(tmp_path: Path) -> None:
    place = Path(os.path.realpath(tmp_path))
    before = {path: path.stat().st_mode for path in place.parents}
    home = place / "home"
    (home / "stack").mkdir(parents=True)
    for path in (home, home / "stack"):
        path.chmod(0o700)
    with pytest.raises(SettingsError, match="may not pass through") as caught:
        open_way((home, home / "stack"), NOBODY)
    assert "chmod o+x" in caught.value.hint
    assert {path: path.stat().st_mode for path in place.parents} == before, "what is not ours is let alone"
    assert {(path.stat().st_mode & 0o777, path.stat().st_gid) for path in (home, home / "stack")} == {(0o710, 65_534)}


@needs_root
def test_a_group_keeps_its_rights(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(0o750)
    with pytest.raises(SettingsError):
        open_way((home,), NOBODY)
    assert (home.stat().st_mode & 0o777, home.stat().st_gid) == (0o750, 0)


def test_a_server_that_was_unpacked_with_fewer_plugins_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / f"trino-server-{VERSION}" / "lib").mkdir(parents=True)
    assert not is_installed(tmp_path, {})
