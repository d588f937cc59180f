"""A moved file can be used by nobody, whoever had it open; its copy is whole."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.migrate.filling import fingerprints
from app.migrate.old_files import (
    copy_file,
    draft_path,
    empty_file,
    is_emptied,
    keep_copies,
    kept_path,
    must_have_room,
)
from app.migrate.stores import sqlite_file
from app.migrate.tables import CATALOG_TABLES, must_be_known, state_tables
from townlake.catalog.pointers import SqlitePointers
from townlake.domain.errors import HomeError
from townlake.state.store import open_state, reading, writing
from townlake.state.versions import POLICY, bump, current


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    engine = open_state(sa.URL.create("sqlite", database=str(path)))
    with writing(engine) as connection:
        bump(connection, POLICY)
    engine.dispose()
    return path


def put_aside(file: Path) -> None:
    with sqlite_file(file, alone=True) as connection:
        copy_file(file, draft_path(file))
        empty_file(connection)
    keep_copies([file])


def test_the_copy_is_whole_and_private(file: Path) -> None:
    tables = state_tables()
    with sqlite_file(file, alone=False) as connection:
        before = fingerprints(connection, tables)
    put_aside(file)
    kept = kept_path(file)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with sqlite_file(kept, alone=False) as connection:
        assert fingerprints(connection, tables) == before
    assert not draft_path(file).exists()
    assert not is_emptied(kept)
    assert is_emptied(file)


def test_put_back_it_is_used_again(file: Path) -> None:
    put_aside(file)
    for beside in file.parent.glob("state.db-*"):
        beside.unlink()
    kept_path(file).replace(file)
    assert current(open_state(sa.URL.create("sqlite", database=str(file))), POLICY) == 1


def test_nobody_begins_anew_in_its_place(file: Path) -> None:
    put_aside(file)
    with pytest.raises(HomeError, match=r"moved to PostgreSQL.*config\.toml"):
        open_state(sa.URL.create("sqlite", database=str(file)))


def test_who_had_it_open_can_neither_write_nor_read(file: Path) -> None:
    engine = open_state(sa.URL.create("sqlite", database=str(file)))
    assert current(engine, POLICY) == 1
    put_aside(file)
    with pytest.raises(HomeError), writing(engine) as connection:
        bump(connection, POLICY)
    with pytest.raises(HomeError):
        current(engine, POLICY)


def test_a_moved_catalog_is_not_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "catalog.db"
    opened = SqlitePointers(file)
    put_aside(file)
    for pointers in (opened, SqlitePointers(file)):
        with pytest.raises(HomeError):
            pointers.read()


def test_an_error_leaves_it_as_it_was(file: Path) -> None:
    with suppress(ValueError), sqlite_file(file, alone=True) as connection:
        empty_file(connection)
        raise ValueError
    assert not is_emptied(file)
    assert current(open_state(sa.URL.create("sqlite", database=str(file))), POLICY) == 1


def test_an_earlier_copy_is_not_overwritten(file: Path) -> None:
    must_have_room(file)
    put_aside(file)
    with pytest.raises(HomeError, match="earlier move"):
        must_have_room(file)


def test_a_file_that_is_no_database_was_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 400)
    assert not is_emptied(tmp_path / "state.db")
    assert not is_emptied(tmp_path / "none.db")
    with pytest.raises(HomeError, match="cannot be used"), sqlite_file(tmp_path / "state.db", alone=True):
        pass
    with pytest.raises(HomeError, match="could not be copied"):
        copy_file(tmp_path / "state.db", tmp_path / "copy")


def test_unknown_tables_and_columns_are_not_left_behind(file: Path) -> None:
    with sqlite_file(file, alone=False) as connection:
        must_be_known(connection, state_tables(), "state.db")
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("ALTER TABLE runs ADD COLUMN mood TEXT")
    with (
        sqlite_file(file, alone=False) as connection,
        pytest.raises(HomeError, match=r"runs of state\.db has columns mood"),
    ):
        must_be_known(connection, state_tables(), "state.db")
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE TABLE diary (day TEXT)")
    with sqlite_file(file, alone=False) as connection, pytest.raises(HomeError, match="tables diary"):
        must_be_known(connection, state_tables(), "state.db")
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("DROP TABLE diary")
        raw.execute("DROP TABLE grants")
    with sqlite_file(file, alone=False) as connection, pytest.raises(HomeError, match="has no tables grants"):
        must_be_known(connection, state_tables(), "state.db")


def test_the_tables_of_the_catalog_are_those_that_it_makes(tmp_path: Path) -> None:
    SqlitePointers(tmp_path / "catalog.db")
    with sqlite_file(tmp_path / "catalog.db", alone=False) as connection:
        must_be_known(connection, CATALOG_TABLES, "catalog.db")
        inspector = sa.inspect(connection)
        for table in CATALOG_TABLES:
            made = {column["name"]: column for column in inspector.get_columns(table.name)}
            for column in table.columns:
                assert str(made[column.name]["type"]) == str(column.type)
                assert made[column.name]["nullable"] == column.nullable
            assert inspector.get_pk_constraint(table.name)["constrained_columns"] == table.primary_key.columns.keys()


def test_all_tables_that_the_migrations_make_are_known(file: Path) -> None:
    engine = open_state(sa.URL.create("sqlite", database=str(file)))
    with reading(engine) as connection:
        must_be_known(connection, state_tables(), "state.db")
    assert len(state_tables()) >= 13
