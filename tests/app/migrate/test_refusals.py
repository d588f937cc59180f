"""`skipper migrate` where nothing can be moved: what it says, and that it changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.exits import Exit
from app.migrate.plan import Stage, stage_of
from app.settings import Settings
from app.stack.addresses import Addresses, addresses_of
from app.stack.kept import Kept, make_kept, write_kept
from tests.app.shop import Home
from townlake.domain.errors import HomeError, SettingsError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@pytest.fixture
def kept(home: Home) -> Kept:
    kept = make_kept()
    (home.path / "stack").mkdir()
    write_kept(kept, home.path / "stack" / "stack.json")
    return kept


@pytest.fixture
def addresses(home: Home, kept: Kept) -> Addresses:
    return addresses_of(kept, home.path / "stack" / "trino.pem")


def test_a_stack_that_never_was(home: Home) -> None:
    done = home.run("migrate", "--to", "stack")
    assert done.code == Exit.FAILED
    assert "`skipper stack up` starts it" in done.err
    assert [path.name for path in home.path.iterdir()] == []


def test_a_stack_that_is_down(home: Home, kept: Kept) -> None:
    done = home.run("migrate", "--to", "stack")
    assert done.code == Exit.HOME
    assert "does not run: postgres, policy, trino" in done.err
    assert "does not run: postgres.\n" in home.run("migrate", "--to", "stack", "--engine", "duckdb").err
    assert [path.name for path in home.path.iterdir()] == ["stack"]


def test_settings_in_the_way(home: Home, addresses: Addresses) -> None:
    (home.path / "config.toml").write_text('engine = "duckdb"\n', encoding="utf-8")
    done = home.run("migrate", "--to", "stack", "--json")
    assert done.code == Exit.USAGE
    assert done.json["error"]["kind"] == "SettingsError"
    assert addresses.trino_password not in done.said


def test_settings_of_the_environment_are_told(home: Home, addresses: Addresses) -> None:
    done = home.run("migrate", "--to", "stack", SKIPPER_DATABASE=addresses.database)
    assert done.code == Exit.USAGE
    assert "Unset SKIPPER_DATABASE" in done.err


def test_another_place_is_refused(home: Home) -> None:
    assert home.run("migrate").code == Exit.USAGE
    assert home.run("migrate", "--to", "the moon").code == Exit.USAGE


def test_an_earlier_copy_is_in_the_way(home: Home, kept: Kept) -> None:
    (home.path / "state.db.migrated").write_bytes(b"")
    done = home.run("migrate", "--to", "stack")
    assert done.code == Exit.HOME
    assert "from an earlier move" in done.err


def test_the_stage_of_a_home(home: Home, addresses: Addresses) -> None:
    config, settings = home.path / "config.toml", Settings(home=home.path)
    assert stage_of(settings, config, addresses) is Stage.EMBEDDED
    stores = {"database": addresses.database, "catalog_database": addresses.catalog_database}
    config.write_text("".join(f'{name} = "{value}"\n' for name, value in stores.items()), encoding="utf-8")
    assert stage_of(settings, config, addresses) is Stage.MOVED
    (home.path / "state.db").write_bytes(b"never moved")
    with pytest.raises(HomeError, match=r"state\.db of the home was not moved"):
        stage_of(settings, config, addresses)
    (home.path / "state.db.migrated.new").write_bytes(b"")
    assert stage_of(settings, config, addresses) is Stage.SWITCHED
    config.write_text(f'database = "{addresses.database}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="names other databases"):
        stage_of(settings, config, addresses)
