"""Catalogs that an operator gives to the Trino of a stack, beside the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from townlake.domain.errors import SettingsError
from townlake.domain.names import DEFAULT_CATALOG, is_name

_TAKEN: Final = frozenset({DEFAULT_CATALOG, "system"})
_OTHERS: Final = 0o077
_HINT: Final = "docs/guide/federation.md tells what such a file holds."


def read_catalogs(directory: Path) -> dict[str, str]:
    """The text of every `NAME.properties` in a directory, by the name of its catalog; none where there is none.

    The text goes to Trino as it is: what a connector can be told is the connector's own matter.

    Raises:
        SettingsError: a name that cannot be a catalog's or is taken, or a file that others may read: it holds
            the password of a source.
    """
    if not directory.is_dir():
        return {}
    return {path.stem: _read(path) for path in sorted(directory.glob("*.properties"))}


def _read(path: Path) -> str:
    name = path.stem
    if name in _TAKEN:
        raise SettingsError(f"{path} cannot be a catalog: {name} is the name of one of Trino's own.", hint="Rename it.")
    if not is_name(name):
        raise SettingsError(
            f"{path} cannot be a catalog: {name!r} is no name that a statement can write.",
            hint="Name it with small letters, digits and underscores, such as crm.properties.",
        )
    try:
        if path.stat().st_mode & _OTHERS:
            raise SettingsError(
                f"{path} can be read by others, and it holds the way into a source.", hint=f"Run: chmod 600 {path}"
            )
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {type(error).__name__}.", hint=_HINT) from None
