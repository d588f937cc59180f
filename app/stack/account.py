"""Whom PostgreSQL runs as: it refuses root, so that root starts it as the user that its package makes."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from townlake.domain.errors import SettingsError

_NAME: Final = "postgres"


@dataclass(frozen=True)
class Account:
    """A user of this machine, other than the one who runs the command."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The user `postgres` when we are root; None when the server can run as ourselves.

    Raises:
        SettingsError: we are root, and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_NAME)
    except KeyError:
        raise SettingsError(
            f"PostgreSQL does not run as root, and this machine has no user {_NAME}.",
            hint=f"`useradd --system {_NAME}` makes one; or run skipper as another user than root.",
        ) from None
    return Account(_NAME, entry.pw_uid, entry.pw_gid)


def open_way(ours: Sequence[Path], account: Account) -> None:
    """Let an account pass through directories of ours, and see that it also comes so far.

    It gets the right to pass (0710), not to list, and by its group, not as everybody: files of a home are not closed
    one by one, and whoever else uses this machine must not come to them.

    Args:
        ours: from the outside to the inside.
        account: who shall pass.

    Raises:
        SettingsError: the way is closed where it is not ours to open.
    """
    for directory in ours:
        if not _passes(directory, account):
            _open(directory, account)
    if not _passes(ours[-1], account):
        closed = next(path for path in _way_to(ours[-1]) if not _passes(path, account))
        raise _closed(closed, account)


def _open(directory: Path, account: Account) -> None:
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & stat.S_IRWXG:
        # Its group has rights already; giving it to another group would take them away.
        return
    os.chown(directory, -1, account.gid)
    directory.chmod(mode | stat.S_IXGRP)


def _passes(directory: Path, account: Account) -> bool:
    """Ask the system itself, which also knows access lists and how a disk is mounted."""
    done = subprocess.run(  # noqa: S603 - a program of every system
        ["test", "-x", directory],  # noqa: S607
        user=account.uid,
        group=account.gid,
        extra_groups=(),
        cwd="/",
        check=False,
    )
    return done.returncode == 0


def _way_to(directory: Path) -> list[Path]:
    """Every directory on the way, outermost first, also those behind a link."""
    found = [*reversed(directory.parents), *reversed(directory.resolve().parents), directory]
    return sorted(dict.fromkeys(found), key=lambda path: len(path.parts))


def _closed(directory: Path, account: Account) -> SettingsError:
    return SettingsError(
        f"PostgreSQL runs as the user {account.name}, who may not pass through {directory}.",
        hint=f"`chmod o+x {directory}` lets everybody pass (not list) it; or name a home elsewhere by SKIPPER_HOME, "
        "or run skipper as another user than root.",
    )
