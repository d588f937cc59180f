"""Finds the programs of PostgreSQL on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from townlake.domain.errors import SettingsError

_NEEDED: Final = ("initdb", "postgres", "psql")
_DEBIAN: Final = Path("/usr/lib/postgresql")


def find_postgres(environment: Mapping[str, str], place: Path = _DEBIAN) -> Path:
    """The directory of its programs: `SKIPPER_POSTGRES_BIN`, else the newest of Debian's, else the one on the path.

    Raises:
        SettingsError: there is none.
    """
    named = environment.get("SKIPPER_POSTGRES_BIN")
    if named:
        found = Path(named)
        if not _is_whole(found):
            raise SettingsError(
                f"SKIPPER_POSTGRES_BIN ({named}) does not hold the programs {', '.join(_NEEDED)}.",
                hint="It is the directory that `pg_config --bindir` prints.",
            )
        return found
    candidates = sorted((path / "bin" for path in place.glob("*")), key=_version, reverse=True)
    on_path = shutil.which("initdb", path=environment.get("PATH"))
    candidates += [Path(on_path).resolve().parent] if on_path else []
    for candidate in candidates:
        if _is_whole(candidate):
            return candidate
    raise SettingsError(
        "There is no PostgreSQL server on this machine.",
        hint="Install one, as with `apt install postgresql`; or name the directory of its programs with "
        "SKIPPER_POSTGRES_BIN.",
    )


def _is_whole(directory: Path) -> bool:
    return all((directory / program).is_file() for program in _NEEDED)


def _version(programs: Path) -> tuple[int, ...]:
    parts = programs.parent.name.split(".")
    return tuple(int(part) for part in parts if part.isdigit())
