"""SQLite's write-ahead log: readers and a writer do not wait for each other, and what was deleted leaves it."""

from __future__ import annotations

import sqlite3
import time
from typing import Final

PATIENCE_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.02
_EMPTYING_SECONDS: Final = 0.5
"""So long at most others wait for each other, so that the log can be emptied."""


def enter_wal(connection: sqlite3.Connection, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Switch the mode, which stays with the file.

    The switch needs the file alone and does not heed SQLite's own timeout: of several commands that open a fresh
    home at once, the later ones must try again.

    Raises:
        sqlite3.OperationalError: the file is locked for longer than the patience, or cannot be written.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def empty_wal(connection: sqlite3.Connection) -> None:
    """Have what was deleted go from the log, too, unless somebody reads an older state just now.

    The log is written over in time by itself.

    Args:
        connection: in no transaction, to a file that deletes securely.
    """
    patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout={_EMPTYING_SECONDS * 1000:.0f}")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience}")
