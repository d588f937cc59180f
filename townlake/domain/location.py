"""Locations of files, as Iceberg's metadata holds them.

PyIceberg and DuckDB take what follows `file://` as the path itself, with blanks and percent signs in it, and so do we:
whoever quoted on one side only would write to one directory and read from another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_SCHEME: Final = "file://"


def location_of(path: Path) -> str:
    """The location of a path.

    >>> location_of(Path("/my lake/100%20"))
    'file:///my lake/100%20'
    """
    return f"{_SCHEME}{path}"


def path_of(location: str) -> Path:
    """The path behind a location.

    >>> str(path_of("file:///my lake/100%20/1.json"))
    '/my lake/100%20/1.json'
    """
    return Path(location.removeprefix(_SCHEME))
