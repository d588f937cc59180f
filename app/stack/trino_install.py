"""Brings a Trino server to this machine: the tarball from Maven's repository, unpacked without what is not needed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from townlake.domain.errors import SettingsError

VERSION: Final = "476"
"""The last one whose server is published there."""
PLUGINS: Final = frozenset(
    {
        "clickhouse",
        "geospatial",  # the postgresql connector needs its types
        "http-event-listener",
        "iceberg",
        "kafka",
        "opa",
        "password-authenticators",
        "postgresql",
        "resource-group-managers",
        "session-property-managers",
        "tpch",
    }
)
_ARTIFACT: Final = f"io.trino:trino-server:{VERSION}:tar.gz"


def install_trino(cache: Path, environment: Mapping[str, str]) -> Path:
    """The root of a server: `TRINO_HOME`, or the one that was unpacked before, or a new one.

    Args:
        cache: where servers are kept; a first download takes about 820 MB, a server 500 MB.
        environment: may name `TRINO_HOME`.

    Raises:
        SettingsError: `TRINO_HOME` is no server, or Maven is missing or cannot bring one.
    """
    named = environment.get("TRINO_HOME")
    if named:
        if not (Path(named) / "lib").is_dir():
            raise SettingsError(f"TRINO_HOME ({named}) is no Trino server.", hint="It is the directory with lib/.")
        return Path(named)
    root = _root(cache)
    if not root.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            server = unpack(_download(Path(work)), Path(work), PLUGINS)
            try:
                server.rename(root)
            except OSError:
                if not root.is_dir():  # else another process was faster
                    raise
    return root


def is_installed(cache: Path, environment: Mapping[str, str]) -> bool:
    """Whether a server is there, so that nothing is to be brought."""
    return bool(environment.get("TRINO_HOME")) or _root(cache).is_dir()


def _root(cache: Path) -> Path:
    """A server with other plugins is another one, so that one from before this list had changed is not taken."""
    plugins = hashlib.sha256(" ".join(sorted(PLUGINS)).encode()).hexdigest()[:8]
    return cache / f"trino-server-{VERSION}-{plugins}"


def cache_directory(environment: Mapping[str, str]) -> Path:
    """Where servers are kept, for all homes of a person.

    >>> str(cache_directory({"XDG_CACHE_HOME": "/caches"}))
    '/caches/skipper'
    """
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "skipper"


def unpack(tarball: Path, work: Path, plugins: Collection[str]) -> Path:
    """Unpack a server with these plugins only, and give its root."""
    with tarfile.open(tarball) as archive:
        archive.extractall(work, filter="data")
    root = work / tarball.name.removesuffix(".tar.gz")
    # Plugins share files by hard links, so that none can be left out on the way.
    for plugin in (root / "plugin").iterdir():
        if plugin.name not in plugins:
            shutil.rmtree(plugin)
    return root


def _download(work: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise SettingsError(
            "Maven brings the Trino server, and there is none.", hint="Install Maven, or name a server with TRINO_HOME."
        )
    copy = (f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={work}", "-Dmdep.useBaseVersion=true")
    for goal in (("dependency:get", f"-Dartifact={_ARTIFACT}", "-Dtransitive=false"), ("dependency:copy", *copy)):
        done = subprocess.run([maven, "-q", "-B", *goal], capture_output=True, text=True, check=False, cwd=work)  # noqa: S603
        if done.returncode != 0:
            last = (done.stdout.strip() or done.stderr.strip() or "it said nothing").splitlines()[0]
            raise SettingsError(
                f"Maven could not bring {_ARTIFACT}: {last}", hint="Check its settings and the network."
            )
    return work / f"trino-server-{VERSION}.tar.gz"
