"""Locations of files, as Iceberg's metadata holds them.

PyIceberg and DuckDB take what follows `file://` as the path itself, with blanks and percent signs in it, and so do we:
whoever quoted on one side only would write to one directory and read from another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_SCHEME: Final = "file://"
_S3_SCHEME: Final = "s3://"


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


def is_s3(location: str) -> bool:
    """Whether a location is one in S3-compatible object storage.

    >>> is_s3("s3://lake/tables"), is_s3("file:///lake/tables")
    (True, False)
    """
    return location.startswith(_S3_SCHEME)


def key_of(location: str) -> str:
    """The bucket and the key behind a location in object storage.

    >>> key_of("s3://lake/tables/1.json")
    'lake/tables/1.json'
    """
    return location.removeprefix(_S3_SCHEME)


def s3_location_of(key: str) -> str:
    """The location of a bucket and a key in it.

    >>> s3_location_of("lake/tables")
    's3://lake/tables'
    """
    return f"{_S3_SCHEME}{key}"
