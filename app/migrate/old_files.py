"""The files that are moved from: a copy is kept, and what stays in their place can be used by nobody.

Not renamed while they are open: whoever waits for their lock, or has them open, would go on in the renamed ones and
believe that it was kept. Emptied in the transaction that held the lock, they refuse everybody from then on.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from app.databases import database_fault
from app.migrate.tables import ALEMBIC
from townlake.domain.errors import HomeError
from townlake.state.store import MOVED

STATE_FILE: Final = "state.db"
CATALOG_FILE: Final = "catalog.db"
_SUFFIX: Final = ".migrated"


def kept_path(file: Path) -> Path:
    """Where the copy of a moved file lies in the end."""
    return file.with_name(file.name + _SUFFIX)


def draft_path(file: Path) -> Path:
    """Where the copy lies until the move is done."""
    return file.with_name(file.name + _SUFFIX + ".new")


def late_path(file: Path) -> Path:
    """Where a file is kept that somebody wrote into after it was moved."""
    return file.with_name(file.name + ".late")


def holds_a_lake(home: Path) -> bool:
    """Whether the home's own files hold a lake, which was not moved out of them."""
    file = home / STATE_FILE
    return file.exists() and not is_emptied(file)


def must_be_moved(home: Path) -> None:
    """Refuse to begin a second audit with the key of a home whose first one was not moved.

    Raises:
        HomeError: the home still has a state of its own.
    """
    # A draft is left by a move that was killed when its settings were in place: all is in PostgreSQL then.
    if holds_a_lake(home) and not draft_path(home / STATE_FILE).exists():
        raise HomeError(
            "This home has a lake in its own files, and the setting `database` names another place.",
            hint="`skipper migrate --to stack` moves it there; or go on without the setting. Nothing was changed.",
        )


def must_have_room(file: Path) -> None:
    """Refuse to replace the copy of an earlier move.

    Raises:
        HomeError: there is one.
    """
    if kept_path(file).exists():
        raise HomeError(
            f"{kept_path(file)} is there from an earlier move.",
            hint="Move it out of the home, or delete it when it is needed no more; nothing was changed.",
        )


def copy_file(file: Path, copy: Path) -> None:
    """Copy a database as it was last committed, whole and on the disk.

    Raises:
        HomeError: the disk does not take it.
    """
    for path in (copy, *_beside(copy)):
        path.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            # One file that can be put back alone.
            target.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise HomeError(
            f"{file.name} could not be copied within the home: {error}.",
            hint="It needs as much room on the disk again. Nothing was changed.",
        ) from error
    if database_fault(copy):
        raise HomeError(f"The copy of {file.name} {database_fault(copy)}.", hint="Check the disk; nothing was changed.")
    descriptor = os.open(copy, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def empty_file(connection: sa.Connection) -> None:
    """Take everything out of a file, in the transaction that holds its lock; it says that it was moved."""
    for name in sa.inspect(connection).get_table_names():
        connection.exec_driver_sql(f'DROP TABLE "{name}"')
    # Without any table, those who open it would begin anew in it.
    connection.exec_driver_sql(f"CREATE TABLE {ALEMBIC} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql(f"INSERT INTO {ALEMBIC} VALUES ('{MOVED}')")  # noqa: S608 - a word of ours


def is_emptied(file: Path) -> bool:
    """Whether it was moved from."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute(f"SELECT version_num FROM {ALEMBIC}").fetchone()  # noqa: S608 - a word of ours
    except sqlite3.Error:
        return False
    return bool(found == (MOVED,))


def keep_copies(files: Sequence[Path]) -> None:
    """Give the copies of emptied files their lasting names, and the room of the emptied ones back."""
    for file in files:
        with suppress(FileNotFoundError):
            draft_path(file).replace(kept_path(file))
        # Room is all that is lost when somebody still reads there.
        with suppress(sqlite3.Error), closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _beside(file: Path) -> tuple[Path, ...]:
    return tuple(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))
