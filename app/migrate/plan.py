"""What stands in the way of a move, found before anything is touched."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.migrate.config_lines import grown_settings, read_config, with_settings
from app.migrate.old_files import CATALOG_FILE, STATE_FILE, draft_path, is_emptied, must_have_room
from app.stack.addresses import Addresses
from app.stack.stack import has_table_files
from townlake.domain.errors import HomeError, SettingsError

if TYPE_CHECKING:
    from app.settings import Settings
    from app.stack.stack import Stack


class Stage(StrEnum):
    """How far a home has come."""

    EMBEDDED = "embedded"
    SWITCHED = "switched"
    """The settings are written, and the old files are not put aside yet: a move was killed."""
    MOVED = "moved"


def files_of(home: Path) -> tuple[Path, Path]:
    """(state, catalog) of an embedded home."""
    return home / STATE_FILE, home / CATALOG_FILE


def stage_of(settings: Settings, config: Path, addresses: Addresses) -> Stage:
    """How far this home has come on its way to this stack.

    Raises:
        SettingsError: its settings name other stores, or the settings of the environment hide its own.
        HomeError: its settings name the stack, and what its files hold was never moved there.
    """
    if settings.catalog_uri is not None:
        raise SettingsError(
            "The catalog of this home is an Iceberg REST service, and a stack has a catalog of its own.",
            hint="Load the data again in another home, where `catalog_uri` is not set.",
        )
    _, has = read_config(config)
    wanted = grown_settings(addresses, "duckdb")
    if {has.get(name) for name in ("database", "catalog_database")} == {None}:
        if settings.database is not None or settings.catalog_database is not None:
            raise SettingsError(
                "By the environment, state or catalog of this home lie in PostgreSQL, and its own files are unused.",
                hint="Unset SKIPPER_DATABASE and SKIPPER_CATALOG_DATABASE, which settings.env of the stack sets, and "
                "run the same command again.",
            )
        return Stage.EMBEDDED
    if any(has.get(name) != wanted[name] for name in ("database", "catalog_database")):
        raise SettingsError(
            "config.toml of the home names other databases than those of its stack.",
            hint="Remove `database` and `catalog_database` there when the embedded lake shall be moved.",
        )
    return _stage_of_files(files_of(settings.home))


def _stage_of_files(files: tuple[Path, ...]) -> Stage:
    left = [file for file in files if file.exists() and not is_emptied(file)]
    if not left:
        return Stage.SWITCHED if any(draft_path(file).exists() for file in files) else Stage.MOVED
    never = [file.name for file in left if not draft_path(file).exists()]
    if never:
        raise HomeError(
            f"config.toml of the home names the stack already, and {' and '.join(never)} of the home was not moved.",
            hint="Remove `database` and `catalog_database` from config.toml to move what the home holds.",
        )
    return Stage.SWITCHED


def config_after(config: Path, addresses: Addresses, engine: str) -> str:
    """The home's own settings as they will be.

    Raises:
        SettingsError: one of them is there with another value.
    """
    text, _ = read_config(config)
    return with_settings(text, grown_settings(addresses, engine))


def must_be_ready(home: Path, stack: Stack, engine: str) -> None:
    """Refuse while the servers are down, or while an earlier move's copies are in the way.

    Raises:
        HomeError: it says what to do.
    """
    for file in files_of(home):
        must_have_room(file)
    if stack.has_storage and has_table_files(home):
        raise HomeError(
            "The stack of this home keeps tables in object storage, and this home has tables in its own files.",
            hint="Iceberg's tables cannot change their place: make a stack without --s3 in another home, or drop them, "
            "migrate, and load the data again. Nothing was changed.",
        )
    needed = {"postgres", "policy", "trino"} if engine == "trino" else {"postgres"}
    down = [server.name for server in stack.status() if server.name in needed and server.state != "running"]
    if down:
        raise HomeError(
            f"The stack of this home does not run: {', '.join(down)}.",
            hint="`skipper stack up` starts it, `skipper stack status` tells how it is. Nothing was changed.",
        )
