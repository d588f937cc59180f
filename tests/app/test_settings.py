"""Settings come from the environment and the home's own file, in forms that people write."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import load_settings
from townlake.domain.errors import SettingsError


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIPPER_HOME", str(tmp_path))


def test_groups_are_names_with_commas_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKIPPER_GROUPS", "security, finance,")
    assert load_settings().groups == {"security", "finance"}


def test_the_homes_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text('groups = ["sales"]\nworkers = 3\n')
    assert (load_settings().groups, load_settings().workers) == ({"sales"}, 3)
    monkeypatch.setenv("SKIPPER_WORKERS", "1")
    assert load_settings().workers == 1


@pytest.mark.parametrize("text", ["workers = 0\n", "wrokers = 2\n", "workers 2\n"])
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"workers|wrokers|config\.toml"):
        load_settings()


def test_a_key_comes_from_a_file_and_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    (tmp_path / "key").write_text("sk-very-secret\n")
    monkeypatch.setenv("SKIPPER_MODEL_API_KEY_FILE", str(tmp_path / "key"))
    key = load_settings().api_key()
    assert key is not None
    assert key.get_secret_value() == "sk-very-secret"
    assert "very-secret" not in repr(key) + str(load_settings())


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setenv("SKIPPER_MODEL_API_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingsError, match="key file"):
        load_settings().api_key()
