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


KEYS = {"ANTHROPIC_API_KEY": "sk-ant", "OPENAI_API_KEY": "sk-open"}


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"model": "claude-sonnet-5-5"}, "sk-ant"),
        ({"model": "gpt-4o"}, "sk-open"),
        ({"model": "o3-mini"}, "sk-open"),
        ({"model": "gemini-3-pro"}, None),
        ({"model": "own-model"}, "sk-ant"),
        ({"model": "own-model", "model_class": "my_models:Chat"}, None),
        ({"model": "gpt-4o", "model_base_url": "http://gateway"}, "sk-open"),
        ({"model": "gpt-4o", "model_api_key": "sk-mine"}, "sk-mine"),
        ({"model": "claude-sonnet-5-5", "model_api_key": None}, None),
    ],
)
def test_the_key_of_one_provider_is_never_sent_to_another(
    settings: dict[str, str | None], key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SKIPPER_MODEL_API_KEY", "ANTHROPIC_BASE_URL", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    found = load_settings(**settings).api_key()
    assert (found.get_secret_value() if found else None) == key


def test_an_empty_key_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    assert load_settings().api_key() is None


def test_the_address_of_one_provider_is_not_that_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://claude")
    assert load_settings().model_base_url == "http://claude"
    assert load_settings(model_base_url="http://mine").model_base_url == "http://mine"
    assert load_settings(model="gpt-4o").model_base_url is None
    assert load_settings(model_class="langchain_openai:ChatOpenAI").model_base_url is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"CATALOG_URI": "https://catalog.example"}, "needs warehouse"),
        ({"CATALOG_URI": "catalog.example", "WAREHOUSE": "s3://lake"}, "must be an address"),
        ({"CATALOG_URI": "https://me:hush@catalog.example", "WAREHOUSE": "s3://lake"}, "without a login"),
        (
            {"CATALOG_URI": "http://catalog.example", "WAREHOUSE": "s3://lake", "CATALOG_CREDENTIAL": "id:hush"},
            "in the clear",
        ),
        (
            {
                "CATALOG_URI": "https://catalog.example",
                "WAREHOUSE": "s3://lake",
                "CATALOG_DATABASE": "postgresql://u:hush@db.example/lake",
            },
            "two catalogs",
        ),
    ],
)
def test_a_catalog_service_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], says: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"SKIPPER_{name}", value)
    with pytest.raises(SettingsError, match=says) as refused:
        load_settings()
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("s3://lake/tables/", "s3://lake/tables"),
        ("s3://lake", "s3://lake"),
        ("/srv/my lake", "file:///srv/my lake"),
        ("file:///srv/lake", "file:///srv/lake"),
    ],
)
def test_the_place_of_the_tables_is_a_directory_or_a_bucket(
    monkeypatch: pytest.MonkeyPatch, text: str, location: str
) -> None:
    monkeypatch.setenv("SKIPPER_WAREHOUSE", text)
    assert load_settings().warehouse == location


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WAREHOUSE", "s3://"),
        ("WAREHOUSE", "s3://Lake/tables"),
        ("WAREHOUSE", "s3://lake/../other"),
        ("WAREHOUSE", "s3://lake//tables"),
        ("WAREHOUSE", "s3://lake/tables?x=1"),
        ("WAREHOUSE", "gs://lake/tables"),
        ("WAREHOUSE", ""),
        ("S3_ENDPOINT", "s3.example:9000"),
        ("S3_ENDPOINT", "https://s3.example/bucket"),
        ("S3_ENDPOINT", "https://key:secret@s3.example"),
        ("S3_SECRET_KEY", "alone-and-secret"),
    ],
)
def test_a_place_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(f"SKIPPER_{name}", text)
    with pytest.raises(SettingsError, match=r"warehouse|s3_") as refused:
        load_settings()
    assert "secret@" not in str(refused.value)
    assert "alone-and-secret" not in str(refused.value)
