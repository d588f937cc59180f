"""The state database opens, migrates, and says clearly when it cannot."""

import importlib
import pkgutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import agents
import memory
import townlake
from tests.support.databases import state_url
from townlake.domain.errors import HomeError
from townlake.state.schema import METADATA, Moment
from townlake.state.store import HEAD, MIGRATIONS, open_state, reading, writing
from townlake.state.versions import POLICY, bump, current


def url(home: Path) -> str:
    return f"sqlite:///{home / 'state.db'}"


def test_head_is_the_newest_migration_and_the_chain_is_linear() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_the_rooms_own_tables_are_what_the_migrations_make(tmp_path: Path) -> None:
    for room in (townlake, agents, memory):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if module.name.endswith((".tables", ".runs")):
                importlib.import_module(module.name)
    state = open_state(url(tmp_path))
    with state.connect() as connection:
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "table" or name in METADATA.tables,
        }
        context = MigrationContext.configure(connection, opts=options)
        faults = compare_metadata(context, METADATA)
    assert faults == []


def test_a_second_opening_migrates_nothing_and_keeps_what_was_written(tmp_path: Path) -> None:
    state = open_state(url(tmp_path))
    with writing(state) as connection:
        bump(connection, POLICY)
    state.dispose()
    assert current(open_state(url(tmp_path)), POLICY) == 1


def test_two_commands_may_open_a_fresh_home_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: open_state(url(tmp_path)), range(4)))
    assert {current(state, POLICY) for state in states} == {0}


def test_a_damaged_file_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database, but long enough to look at" * 40)
    with pytest.raises(HomeError, match="damaged"):
        open_state(url(tmp_path))


def test_a_newer_release_is_not_overwritten(tmp_path: Path) -> None:
    open_state(url(tmp_path)).dispose()
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(HomeError, match=r"9999.*upgrade"):
        open_state(url(tmp_path))


def bump_and_fail(state: sa.Engine) -> None:
    with writing(state) as connection:
        bump(connection, POLICY)
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")


def test_a_writing_that_fails_changes_nothing(tmp_path: Path) -> None:
    state = open_state(url(tmp_path))
    with pytest.raises(HomeError):
        bump_and_fail(state)
    assert current(state, POLICY) == 0


def test_a_reader_sees_one_moment_while_others_write(tmp_path: Path) -> None:
    state = open_state(url(tmp_path))
    count = sa.text("SELECT number FROM versions WHERE name = 'policy'")
    with reading(state) as reader:
        before = reader.execute(count).scalar()
        with writing(state) as connection:
            bump(connection, POLICY)
        assert reader.execute(count).scalar() == before
    assert current(state, POLICY) == 1


def test_an_unknown_counter_is_a_fault_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(LookupError), writing(open_state(url(tmp_path))) as connection:
        bump(connection, "weather")


def test_a_moment_keeps_its_instant_and_refuses_to_guess_a_zone() -> None:
    there = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    kept = Moment().process_bind_param(there, None)
    assert kept == "2026-02-28T23:30:00.000000+00:00"
    assert Moment().process_result_value(kept, None) == there.astimezone(UTC)
    assert Moment().process_bind_param(None, None) is None
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(datetime(2026, 3, 1), None)  # noqa: DTZ001


def test_more_readers_than_connections_are_told(tmp_path: Path) -> None:
    engine = open_state(state_url(tmp_path))
    engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    with ExitStack() as held:
        for _ in range(15):
            held.enter_context(engine.connect())
        with pytest.raises(HomeError), reading(engine):
            pass
        with pytest.raises(HomeError):
            current(engine, POLICY)
    engine.dispose()
