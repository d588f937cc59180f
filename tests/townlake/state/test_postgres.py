"""What only a server can do: end connections, and come back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import SERVER, beneath, state_url
from townlake.domain.errors import HomeError
from townlake.state import postgres
from townlake.state.store import open_state, reading
from townlake.state.versions import POLICY, current

pytestmark = pytest.mark.skipif(SERVER not in os.environ, reason="about a PostgreSQL")
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"


def looks(state: sa.Engine) -> None:
    """Both ways to read."""
    current(state, POLICY)
    _read(state)


def _read(state: sa.Engine) -> None:
    with reading(state) as connection:
        connection.execute(sa.text("SELECT 1"))


def test_connections_that_ended_while_they_rested_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_FRESH_SECONDS", 0.0)
    url = state_url(tmp_path)
    state = open_state(url)
    for _ in range(3):
        looks(state)
        beneath(url, _END, name=url.database)
    looks(state)
    state.dispose()


@pytest.mark.parametrize("look", [lambda state: current(state, POLICY), _read])
def test_connections_that_ended_just_now_fail_once(tmp_path: Path, look: Callable[[sa.Engine], object]) -> None:
    url = state_url(tmp_path)
    state = open_state(url)
    looks(state)
    beneath(url, _END, name=url.database)
    with pytest.raises(HomeError, match="PostgreSQL"):
        look(state)
    looks(state)
    state.dispose()


def test_a_look_at_a_counter_leaves_no_transaction(tmp_path: Path) -> None:
    url = state_url(tmp_path)
    state = open_state(url)
    current(state, POLICY)
    idle = beneath(
        url,
        "SELECT state FROM pg_stat_activity WHERE datname = :name AND application_name = 'skipper'",
        name=url.database,
    )
    assert idle == [("idle",)]
    with state.begin() as connection:
        assert connection.execute(sa.text("SELECT pg_current_xact_id_if_assigned()")).scalar() is None
        connection.execute(sa.text("UPDATE versions SET number = number + 1"))
        connection.rollback()
    assert current(state, POLICY) == 0
    state.dispose()
