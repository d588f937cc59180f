"""The switch to write-ahead mode waits for its turn."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from townlake.state.wal import enter_wal


def test_it_waits_for_the_file_and_gives_up_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as holder,
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as late,
    ):
        holder.execute("CREATE TABLE t (a)")
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            enter_wal(late, patience_seconds=0.05)
        threading.Timer(0.1, holder.execute, ["COMMIT"]).start()
        enter_wal(late, patience_seconds=10)
        assert late.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_file_that_cannot_be_used_is_not_tried_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "b.db")) as connection:
        (tmp_path / "b.db").write_bytes(b"no database, but long enough to look at" * 40)
        with pytest.raises(sqlite3.DatabaseError):
            enter_wal(connection)
