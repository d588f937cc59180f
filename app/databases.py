"""Whether an SQLite file can be read through."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def database_fault(path: Path) -> str:
    """What is wrong with a database, in words; empty when nothing is, or when it is not there yet."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        damaged = error.sqlite_errorcode in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        return "is damaged" if damaged else f"cannot be read ({error.sqlite_errorname})"
    return "" if found == "ok" else "is damaged"
