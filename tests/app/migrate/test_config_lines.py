"""The lines that a move writes into the settings of a home: whole or not at all, beside what stands there."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from app.migrate.config_lines import grown_settings, read_config, with_settings, write_config
from app.settings import Settings
from app.stack.addresses import addresses_of
from app.stack.kept import make_kept
from townlake.domain.errors import SettingsError

WANTED = {"database": "postgresql://a:b@c/d", "engine": "trino"}


def test_the_settings_are_those_of_the_stack(tmp_path: Path) -> None:
    addresses = addresses_of(make_kept(), tmp_path / "trino.pem")
    grown = grown_settings(addresses, "trino")
    assert grown["trino_password"] == addresses.trino_password
    assert grown["engine"] == "trino"
    assert set(grown) <= set(Settings.model_fields)
    assert set(grown_settings(addresses, "duckdb")) == {"database", "catalog_database", "engine"}


@pytest.mark.parametrize("text", ["", "\n", "# mine\nuser = 'ada'", "user = 'ada' # me\n\n\n", 'engine = "trino"\n'])
def test_what_stands_there_is_kept(text: str) -> None:
    new = with_settings(text, WANTED)
    assert new.startswith(text.rstrip("\n"))
    assert tomllib.loads(new) == tomllib.loads(text) | WANTED
    assert with_settings(new, WANTED) == new


def test_any_text_is_written_as_toml() -> None:
    odd = {"database": 'a"b\\c\n\täöü', "engine": "trino"}
    assert tomllib.loads(with_settings("", odd)) == odd


def test_another_value_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"sets database, engine.*Remove those lines"):
        with_settings('engine = "duckdb"\ndatabase = "postgresql://x/y"\n', WANTED)
    with pytest.raises(SettingsError, match="or say --engine duckdb"):
        with_settings('engine = "duckdb"\n', WANTED)
    with pytest.raises(SettingsError, match="headings in brackets"):
        with_settings("[mine]\na = 1\n", WANTED)


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    assert read_config(config) == ("", {})
    config.write_text("user = 'ada'\n", encoding="utf-8")
    config.chmod(0o644)
    write_config(config, with_settings(read_config(config)[0], WANTED))
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert read_config(config)[1] == {"user": "ada", **WANTED}
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text("", encoding="utf-8")
    (tmp_path / "config.toml").symlink_to(tmp_path / "elsewhere.toml")
    write_config(tmp_path / "config.toml", "user = 'ada'\n")
    assert (tmp_path / "config.toml").is_symlink()
    assert read_config(tmp_path / "elsewhere.toml")[1] == {"user": "ada"}


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("no toml", encoding="utf-8")
    with pytest.raises(SettingsError, match="must be TOML"):
        read_config(tmp_path / "config.toml")
