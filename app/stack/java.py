"""Finds a Java that Trino runs on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from townlake.domain.errors import SettingsError

OLDEST: Final = 24
_VECTOR: Final = "jdk.incubator.vector"
_PLACES: Final = ("/usr/lib/jvm", "/usr/local/lib/jvm", "/opt/java", "/Library/Java/JavaVirtualMachines")


def find_java(environment: Mapping[str, str], places: Iterable[str] = _PLACES) -> Path:
    """The `java` of the newest fitting runtime; `TRINO_JAVA_HOME` names one.

    Raises:
        SettingsError: there is none of version 24 or newer that has the vector module.
    """
    named = environment.get("TRINO_JAVA_HOME")
    if named:
        homes = [Path(named)]
    else:
        found = [home for place in places for home in sorted(Path(place).glob("*"))]
        homes = [home / "Contents" / "Home" if (home / "Contents" / "Home").is_dir() else home for home in found]
        homes += [Path(environment["JAVA_HOME"])] if environment.get("JAVA_HOME") else []
    fitting = [(version, home) for home in homes if (version := _version(home)) >= OLDEST]
    if not fitting:
        where = f"TRINO_JAVA_HOME ({named})" if named else "the places where Java is usually installed"
        raise SettingsError(
            f"There is no Java {OLDEST} or newer with the module {_VECTOR} in {where}.",
            hint="Install a JDK such as Temurin 25, or name its directory with TRINO_JAVA_HOME.",
        )
    return max(fitting)[1] / "bin" / "java"


def _version(home: Path) -> int:
    """The major version of a runtime that Trino can start on; 0 for none."""
    try:
        release = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    version = re.search(r'^JAVA_VERSION="(\d+)', release, re.MULTILINE)
    modules = re.search(r'^MODULES="([^"]*)"', release, re.MULTILINE)
    if version is None or modules is None or _VECTOR not in modules[1].split():
        return 0
    return int(version[1]) if (home / "bin" / "java").is_file() else 0
