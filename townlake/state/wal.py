"""Put an SQLite database into write-ahead mode: readers and a writer then do not wait for each other."""

from __future__ import annotations

import sqlite3
import time
from typing import Final

PATIENCE_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.02


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
