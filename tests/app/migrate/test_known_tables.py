"""A move leaves no table behind."""

from __future__ import annotations

from pathlib import Path

from app.migrate.tables import must_be_known, state_tables
from tests.support.databases import home_state


def test_every_table_that_a_lake_has_is_moved(tmp_path: Path) -> None:
    state = home_state(tmp_path)
    with state.connect() as connection:
        must_be_known(connection, state_tables(), "The state")
        names = {table.name for table in state_tables()}
    assert {"api_keys", "server_runs", "run_events", "servers"} <= names
    state.dispose()
