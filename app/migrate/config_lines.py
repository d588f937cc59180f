"""The lines of the home's own settings that make every command use the grown stores."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from app.stack.addresses import Addresses
from townlake.domain.errors import SettingsError

_PREFIX: Final = "SKIPPER_"
_TITLE: Final = "# The stack of this home; `skipper migrate` wrote these lines."


def grown_settings(addresses: Addresses, engine: str) -> dict[str, str]:
    """The settings by name. The embedded engine needs none of Trino's."""
    named = addresses.settings() if engine == "trino" else addresses.stores()
    return {name.removeprefix(_PREFIX).lower(): value for name, value in named.items()} | {"engine": engine}


def read_config(path: Path) -> tuple[str, dict[str, Any]]:
    """(the text, what it sets); nothing of both when there is no file.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        return text, tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be read: {type(error).__name__}.", hint="It must be TOML, one `name = value` a line."
        ) from error


def with_settings(text: str, wanted: Mapping[str, str]) -> str:
    r"""The text with the settings that it does not have yet, added at its end.

    >>> print(with_settings('user = "ada"', {"engine": "trino"}))
    user = "ada"
    <BLANKLINE>
    # The stack of this home; `skipper migrate` wrote these lines.
    engine = "trino"
    <BLANKLINE>

    Raises:
        SettingsError: one of them is there with another value.
    """
    has = tomllib.loads(text)
    other = [name for name, value in wanted.items() if has.get(name, value) != value]
    if other:
        raise SettingsError(
            f"config.toml of the home sets {', '.join(other)} to something else already.",
            hint=f"Remove {'that line' if len(other) == 1 else 'those lines'}, or say --engine {has['engine']}."
            if other == ["engine"]
            else "Remove those lines when the lake shall be moved; nothing was changed.",
        )
    missing = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in wanted.items() if name not in has]
    if not missing:
        return text
    before = text.rstrip("\n") + "\n\n" if text.strip() else ""
    new = before + "\n".join((_TITLE, *missing)) + "\n"
    if tomllib.loads(new) != {**has, **wanted}:
        # Below a table's heading they would mean something else.
        raise SettingsError(
            "config.toml of the home has headings in brackets, which no setting needs.", hint="Remove them."
        )
    return new


def write_config(path: Path, text: str) -> None:
    """Put the file in place of the one before, whole or not at all, also after a power cut; its owner's alone."""
    path = path.resolve()
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
