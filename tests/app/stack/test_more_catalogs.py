"""Catalogs that an operator gives to the Trino of a stack."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.stack.kept import write_private
from app.stack.more_catalogs import read_catalogs
from app.stack.trino_server import TrinoConfig, write_configuration
from townlake.domain.errors import SettingsError

TEXT = "# a comment\nconnector.name=postgresql\nconnection-password=hush\n"


def test_each_file_is_a_catalog_by_its_name(tmp_path: Path) -> None:
    assert read_catalogs(tmp_path / "none") == {}
    for name in ("crm.properties", "b2.properties", "notes.txt"):
        write_private(tmp_path / name, TEXT)
    assert read_catalogs(tmp_path) == {"b2": TEXT, "crm": TEXT}


@pytest.mark.parametrize("name", ["lake", "system", "Crm", "my-crm", "1st", ""])
def test_a_name_that_is_taken_or_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    write_private(tmp_path / f"{name}.properties", TEXT)
    if not name:
        # `.properties` is a hidden file without a name.
        (tmp_path / "x y.properties").write_text(TEXT, encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be a catalog") as refused:
        read_catalogs(tmp_path)
    assert "hush" not in str(refused.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crm.properties"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="read by others") as refused:
        read_catalogs(tmp_path)
    assert "chmod 600" in refused.value.hint


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    write_private(tmp_path / "crm.properties", "")
    (tmp_path / "crm.properties").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_catalogs(tmp_path)


def test_trino_has_them_as_they_are_written_and_no_longer_than_they_are_there(tmp_path: Path) -> None:
    (tmp_path / "server" / "plugin").mkdir(parents=True)

    def write(more: dict[str, str]) -> list[str]:
        config = TrinoConfig(
            root=tmp_path / "server",
            java=tmp_path / "java",
            data=tmp_path / "data",
            port=4711,
            catalogs={"lake": {"connector.name": "tpch"}},
            policy_url=None,
            groups={},
            more_catalogs=more,
        )
        write_configuration(config)
        return sorted(path.stem for path in (config.data / "etc" / "catalog").iterdir())

    assert write({"crm": TEXT}) == ["crm", "lake"]
    path = tmp_path / "data" / "etc" / "catalog" / "crm.properties"
    assert path.read_text(encoding="utf-8") == TEXT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert write({}) == ["lake"]
